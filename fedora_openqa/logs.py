"""Log records of one printable line each, whatever foreign text they quote."""

import logging
import traceback
from typing import Any

from fedora_openqa.texts import one_line

#: indent of the lines of a traceback, so that none looks like a record
INDENT = "    "


class LineRecord(logging.LogRecord):
    """A record whose message is one line; the lines of a traceback follow it, indented."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - logging's signature
        """Create a record, with the parameters of `logging.LogRecord`."""
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[1]:
            # a formatter uses this text if it is set
            self.exc_text = _lines_of(self.exc_info[1])

    def getMessage(self) -> str:  # noqa: N802 - logging's name
        """Return the message, with its arguments, as one line."""
        return one_line(super().getMessage(), keep="\t")


def log_lines() -> None:
    """Make every record of this process, also those of libraries, a `LineRecord`."""
    logging.setLogRecordFactory(LineRecord)


def _lines_of(error: BaseException) -> str:
    lines = "".join(traceback.format_exception(error)).rstrip("\n").split("\n")
    return "\n".join(f"{INDENT}{one_line(line)}" for line in lines)
