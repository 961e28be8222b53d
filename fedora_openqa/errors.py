"""The errors that this project raises, and how to react to each.

::

    FedoraOpenQAError
    ├── ConfigError                  our deployment is wrong: correct it
    │   └── SchemaError              the store is of another version: end the process
    ├── PermanentError               the same again cannot help
    │   ├── MessageError             a message on our topics that cannot be understood
    │   ├── SubjectError             the subject does not exist or cannot be tested
    │   │   ├── NotFoundError        there is no such subject, or not yet
    │   │   └── GoneError            there was such a subject, and a newer one replaced it
    │   ├── RequestRefusedError      a service refused the request (4xx)
    │   │   └── NotAllowedError      it refuses all our requests (403): the lane waits
    │   ├── AlreadyAskedError        a person asked for the same act before
    │   ├── LoginRefusedError        a login does not prove who somebody is
    │   └── TooManyActsError         a person has started as much as one may in a day
    └── TemporaryError               may succeed later
        ├── LeaseLostError           another worker has the lease now: stop
        ├── ShortageError            this machine lacks threads, memory, files or disk space
        ├── StaleAnswerError         a service lags behind its own message
        ├── ServiceUnavailableError  nothing was changed: safe to send again
        └── AmbiguousWriteError      the write may have happened: look before sending again

Only gateways translate foreign exceptions into these, with `raise … from exc`.
The text of each is one printable line that a person can act on, whatever foreign text it quotes.
"""

import errno
from collections.abc import Iterator

from fedora_openqa.texts import first_line, without_logins

#: exit status of a service that only a person can correct (sysexits.h: EX_CONFIG); systemd should
#: not start it again
WRONG_DEPLOYMENT = 78

#: exit status of a service if the reason may pass (EX_TEMPFAIL): systemd starts it again
MAY_PASS = 75

#: maximal length of an error's text, in characters
ERROR_SIZE = 1000

#: errors of the operating system that do not depend on the subject
SHORTAGES = frozenset(
    {
        errno.EAGAIN,
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.EROFS,
    }
)

#: texts of Python's errors if it cannot start a thread, or is about to end
NO_THREADS = ("can't start new thread", "cannot schedule new futures", "interpreter shutdown")

#: number of chained exceptions that are searched for a shortage
DEEPEST_CAUSE = 20


class FedoraOpenQAError(Exception):
    """The root; to be caught at entry points only."""

    def __init__(self, text: str = "") -> None:
        """Keep a text as one printable line of at most `ERROR_SIZE` characters, without logins."""
        super().__init__(without_logins(first_line(text, size=ERROR_SIZE)))


class ConfigError(FedoraOpenQAError):
    """Our deployment is wrong: configuration, tables, keys."""


class SchemaError(ConfigError):
    """The store has a schema that this version cannot work with: the process must end."""


class PermanentError(FedoraOpenQAError):
    """Trying again cannot help."""


class MessageError(PermanentError):
    """A message on one of our topics cannot be understood."""


class SubjectError(PermanentError):
    """A subject does not exist, or is not what it claims to be."""


class NotFoundError(SubjectError):
    """A service does not have the subject.

    For a command that is final. A message or a sweep proves that the subject exists, and services
    may take minutes to show it: a worker tries again, as after a temporary error.
    """


class GoneError(SubjectError):
    """The subject existed and was replaced by a newer one, as every subject of its kind is.

    It is not reported any more.
    """


class RequestRefusedError(PermanentError):
    """A service understood the request and refused it."""


class NotAllowedError(RequestRefusedError):
    """A service refuses all our requests (403): a person must correct that."""


class AlreadyAskedError(PermanentError):
    """What is asked for was asked for before, under the same key: it is not done again.

    :param act_id: id of the stored act
    """

    def __init__(self, text: str, act_id: int) -> None:
        """Keep a text, and the id."""
        super().__init__(text)
        self.act_id = act_id


class LoginRefusedError(PermanentError):
    """A login does not prove who somebody is."""


class TooManyActsError(PermanentError):
    """A person has started as much as one may in a day."""


class TemporaryError(FedoraOpenQAError):
    """Trying again later may succeed.

    :param retry_after: seconds from the service's Retry-After; None: it sent none
    """

    def __init__(self, text: str = "", *, retry_after: float | None = None) -> None:
        """Keep a text, and the time to wait."""
        super().__init__(text)
        self.retry_after = retry_after


class LeaseLostError(TemporaryError):
    """A worker no longer has the lease of its subject."""


class ShortageError(TemporaryError):
    """The machine lacks a resource, or the process is about to end; no fault of the subject."""


class StaleAnswerError(TemporaryError):
    """A service does not show yet what its own message announced; it should within seconds."""


class ServiceUnavailableError(TemporaryError):
    """A service did not answer, or cannot answer now; nothing was changed."""


class AmbiguousWriteError(TemporaryError):
    """A write was sent and its effect is unknown: look before sending again."""


def why_not_started(exc: BaseException) -> tuple[int, FedoraOpenQAError] | None:
    """Return the exit status of a service that cannot start, and the reason; None: a fault of ours.

    :param exc: the exception that was raised at its start
    """
    if isinstance(exc, ConfigError):
        return WRONG_DEPLOYMENT, exc
    passing = exc if isinstance(exc, TemporaryError) else shortage(exc)
    return (MAY_PASS, passing) if passing else None


def shortage(exc: BaseException) -> ShortageError | None:
    """Return the shortage of this machine that caused an exception; None: it has another cause.

    A shortage of threads, memory, open files or disk space affects all subjects alike.
    """
    for cause in _causes(exc):
        if (
            isinstance(cause, MemoryError)
            or (isinstance(cause, OSError) and cause.errno in SHORTAGES)
            or (isinstance(cause, RuntimeError) and any(it in str(cause) for it in NO_THREADS))
        ):
            return ShortageError(f"this machine: {type(cause).__name__}: {cause}")
    return None


def _causes(exc: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = exc
    for _ in range(DEEPEST_CAUSE):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or cause.__context__
