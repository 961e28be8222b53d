"""Log records of one printable line each, with the subject and the message they are about.

A process that serves (a worker, a consumer) writes every record in one format, as text or JSON.
"""

import contextvars
import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, ParamSpec, TypeVar

from fedora_openqa.texts import one_line, without_logins

P = ParamSpec("P")
T = TypeVar("T")

#: what a service logs at SIGHUP
HANGUP = "SIGHUP is ignored: restart the process to read configuration and tables again"

#: indent of the lines of a traceback, so that none looks like a record
INDENT = "    "

#: the loggers of our packages; libraries log from WARNING on
OURS = ("fedora_openqa", "consumers", "check_compose", "autocloudreporter")

#: a logger that names each message twice at INFO, also those that are not ours
CHATTY = "fedora_messaging.twisted.consumer"

_subject: contextvars.ContextVar[str | None] = contextvars.ContextVar("subject", default=None)
_message: contextvars.ContextVar[str | None] = contextvars.ContextVar("message", default=None)


class LineRecord(logging.LogRecord):
    """A record whose message is one line; the lines of a traceback follow it, indented."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - logging's signature
        """Create a record, with the parameters of `logging.LogRecord`."""
        super().__init__(*args, **kwargs)
        #: key of the subject, and id of the message, that the thread works on; None: on none
        self.subject = _clean(_subject.get())
        self.message_id = _clean(_message.get())
        if self.exc_info and self.exc_info[1]:
            # a formatter uses this text if it is set
            self.exc_text = _lines_of(self.exc_info[1])

    def getMessage(self) -> str:  # noqa: N802 - logging's name
        """Return the message, with its arguments, as one line without logins."""
        return without_logins(one_line(super().getMessage(), keep="\t"))


class ServiceFormatter(logging.Formatter):
    """``TIME LEVEL [SUBJECT] [MESSAGE ID] TEXT``, with ``-`` for none; the time is UTC."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line of a record."""
        subject, message_id = _about(record)
        about = f"[{subject or '-'}] [{message_id or '-'}]"
        return f"{_time(record)} {record.levelname} {about} {record.message}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line; all have the same fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        subject, message_id = _about(record)
        return json.dumps(
            {
                "time": _time(record),
                "level": record.levelname,
                "subject": subject,
                "message_id": message_id,
                "logger": record.name,
                "text": record.getMessage(),
                "traceback": record.exc_text,
            }
        )


class CommandFormatter(logging.Formatter):
    """``LEVEL: SUBJECT: TEXT``, for a person who has typed a command."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line of a record."""
        subject, _ = _about(record)
        return ": ".join(filter(None, (record.levelname, subject, record.message)))


class ContextPool(ThreadPoolExecutor):
    """Threads whose records are about the subject of the thread that gave them their work."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function in a thread of the pool."""
        call = partial(fn, *args, **kwargs)
        return super().submit(contextvars.copy_context().run, call)


@contextmanager
def about(*, subject: str | None = None, message_id: str | None = None) -> Iterator[None]:
    """Make the records of this thread those of a subject and a message while the block runs.

    :param subject: the key of the subject; None: as before the block
    :param message_id: the id of the message; None: as before the block
    """
    tokens = [
        (variable, variable.set(value))
        for variable, value in ((_subject, subject), (_message, message_id))
        if value is not None
    ]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


def log_lines() -> None:
    """Make every record of this process, also those of libraries, a `LineRecord`.

    An exception that ends the process is printed likewise.
    """
    logging.setLogRecordFactory(LineRecord)
    # on import it warns of a home without a place for its cache, which nothing of ours uses
    logging.getLogger("fedfind.helpers").setLevel(logging.ERROR)
    sys.excepthook = _print_fault


def _print_fault(_kind: type[BaseException], error: BaseException, _trace: object) -> None:
    print(_lines_of(error), file=sys.stderr)  # noqa: T201 - Python would print it, too


def log_as_command(*, verbose: bool) -> None:
    """Write warnings to standard error, for a person.

    :param verbose: write also what is done
    """
    log_lines()
    handler = logging.StreamHandler()
    handler.setFormatter(CommandFormatter())
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])


def log_as_service(level: str, form: Literal["text", "json"]) -> None:
    """Write the records of every handler of this process in the format of services.

    :param level: the lowest level of our own records: ``"info"``
    """
    log_lines()
    formatter = JsonFormatter() if form == "json" else ServiceFormatter()
    for logger in (logging.root, *logging.root.manager.loggerDict.values()):
        for handler in logger.handlers if isinstance(logger, logging.Logger) else ():
            handler.setFormatter(formatter)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger(CHATTY).setLevel(logging.WARNING)


def _about(record: logging.LogRecord) -> tuple[str | None, str | None]:
    """Return the subject and the message id of a record; None: a library made it without them."""
    return getattr(record, "subject", None), getattr(record, "message_id", None)


def _time(record: logging.LogRecord) -> str:
    time = datetime.fromtimestamp(record.created, tz=UTC)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _clean(value: str | None) -> str | None:
    return None if value is None else one_line(value)


def _lines_of(error: BaseException) -> str:
    lines = "".join(traceback.format_exception(error)).rstrip("\n").split("\n")
    return "\n".join(f"{INDENT}{without_logins(one_line(line))}" for line in lines)
