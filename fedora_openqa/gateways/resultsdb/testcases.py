"""The test cases that ResultsDB has results of; reads only."""

from typing import Any
from urllib.parse import quote

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.gateways.http.client import Reader, read_json


class ResultsDBTestCases(ports.TestCases):
    """`fedora_openqa.ports.TestCases`, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the ResultsDB whose API is at ``url``."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/testcases"

    @override
    def has(self, testcase: str) -> bool:
        # ResultsDB makes a test case with its first result
        url = f"{self._url}/{quote(testcase, safe='')}"
        return read_json(self._reader, url, dict[str, Any]) is not None
