"""The test cases that have results in ResultsDB; reads only."""

from typing import Any
from urllib.parse import quote

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.gateways.http.client import Reader, read_json


class ResultsDBTestCases(ports.TestCases):
    """The test cases of a ResultsDB server."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the API of ResultsDB at ``url``."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/testcases"

    @override
    def has(self, testcase: str) -> bool:
        # ResultsDB creates a test case with its first result
        url = f"{self._url}/{quote(testcase, safe='')}"
        return read_json(self._reader, url, dict[str, Any]) is not None
