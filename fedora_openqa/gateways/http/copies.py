"""Copies of files for conditional requests: a file that has not changed is not sent again.

Only validators of the server decide whether a copy is used (ETag, Last-Modified), never its age.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

#: headers of an answer, to those that ask whether it has changed
VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


@dataclass(frozen=True, slots=True)
class Copy:
    """The content of a file, as its server sent it last."""

    content: bytes
    #: headers of a request for the file, if it has changed
    conditions: Mapping[str, str]


class Copies:
    """Copies of files by URL, for all threads; those used longest ago are dropped first."""

    def __init__(self, *, most_bytes: int) -> None:
        """Keep files of so many bytes together."""
        self._most_bytes = most_bytes
        self._bytes = 0
        self._copies: OrderedDict[str, Copy] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, url: str) -> Copy | None:
        """Return the copy of a file; None: there is none."""
        with self._lock:
            if url in self._copies:
                self._copies.move_to_end(url)
            return self._copies.get(url)

    def keep(self, url: str, content: bytes, headers: Mapping[str, str]) -> None:
        """Keep the content of a file, if its server says how to ask whether it has changed.

        :param headers: of the answer; the case of names does not matter
        """
        conditions = {
            asks: value for name, asks in VALIDATORS.items() if (value := headers.get(name))
        }
        with self._lock:
            if old := self._copies.pop(url, None):
                self._bytes -= len(old.content)
            if not conditions:
                return
            self._copies[url] = Copy(content, conditions)
            self._bytes += len(content)
            while self._bytes > self._most_bytes:
                _url, dropped = self._copies.popitem(last=False)
                self._bytes -= len(dropped.content)
