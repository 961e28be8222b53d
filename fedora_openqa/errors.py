"""Every failure this project raises on purpose, and what to do about each.

::

    FedoraOpenQAError
    ├── ConfigError                  our deployment is wrong: mend it
    ├── PermanentError               the same again cannot help
    │   ├── MessageError             a message of ours that says nothing we understand
    │   ├── SubjectError             what we were asked to test is not testable
    │   │   ├── NotFoundError        there is no such subject, or not yet
    │   │   └── GoneError            there was such a subject, as was to be expected
    │   └── RequestRefusedError      a service understood us and said no (4xx)
    │       └── NotAllowedError      it does not let us in at all: the lane waits
    └── TemporaryError               may succeed later
        ├── LeaseLostError           somebody else works on it now: leave it to them
        ├── ShortageError            this machine lacks threads, memory, files or disk space
        ├── StaleAnswerError         a service lags behind its own message
        ├── ServiceUnavailableError  nothing happened: safe to ask again
        └── AmbiguousWriteError      may have happened: look before sending again

Only gateways translate foreign exceptions into these, with `raise … from exc`.
The text of each is one line that a person can act on, whatever foreign text it quotes.
"""

import errno
from collections.abc import Iterator

from fedora_openqa.texts import first_line

#: characters of an error that are kept
ERROR_SIZE = 1000

#: errors of the operating system that have nothing to do with what it was asked for
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

#: what Python says where it cannot start a thread, or is about to end
NO_THREADS = ("can't start new thread", "cannot schedule new futures", "interpreter shutdown")

#: exceptions that are looked through for the first cause
DEEPEST_CAUSE = 20


class FedoraOpenQAError(Exception):
    """The root; catch it at entry points only."""

    def __init__(self, text: str = "") -> None:
        """Keep a text as one printable line of at most `ERROR_SIZE` characters."""
        super().__init__(first_line(text, size=ERROR_SIZE))


class ConfigError(FedoraOpenQAError):
    """Our own deployment is wrong: configuration, tables, keys."""


class PermanentError(FedoraOpenQAError):
    """Trying the same again cannot help."""


class MessageError(PermanentError):
    """A message on one of our topics is not what such messages are."""


class SubjectError(PermanentError):
    """What we were asked to test does not exist or is not what it says."""


class NotFoundError(SubjectError):
    """A service knows nothing of the subject.

    By hand that is an answer. A message or a sweep proves that the subject exists, and services
    may take minutes to show it: a worker tries again, as after a temporary error.
    """


class GoneError(SubjectError):
    """The subject existed and was replaced by a newer one, as such subjects always are.

    Nothing is reported of it any more.
    """


class RequestRefusedError(PermanentError):
    """A service understood the request and refused it."""


class NotAllowedError(RequestRefusedError):
    """A service refuses whatever we ask (403): a person must mend that."""


class TemporaryError(FedoraOpenQAError):
    """The same may succeed later.

    :param retry_after: seconds after which the service asked to be asked again; None: it did
        not say
    """

    def __init__(self, text: str = "", *, retry_after: float | None = None) -> None:
        """Keep a text, and when to try again."""
        super().__init__(text)
        self.retry_after = retry_after


class LeaseLostError(TemporaryError):
    """What a worker had for itself is no longer its own."""


class ShortageError(TemporaryError):
    """The machine lacks something, or the process is about to end: no fault of the subject."""


class StaleAnswerError(TemporaryError):
    """A service does not show yet what its own message has announced; seconds later it should."""


class ServiceUnavailableError(TemporaryError):
    """A service could not be asked; nothing was changed by trying."""


class AmbiguousWriteError(TemporaryError):
    """A write was sent and its effect is unknown; look before sending again."""


def shortage(exc: BaseException) -> ShortageError | None:
    """Return the shortage of this machine that an exception comes from; None: from another cause.

    Threads, memory, open files and disk space run out for each subject alike.
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
