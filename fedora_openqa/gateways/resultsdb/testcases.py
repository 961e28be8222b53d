"""The test cases that ResultsDB has results of; reads only."""

from typing import Any
from urllib.parse import quote

from fedora_openqa.gateways.http.client import Reader, read_json


class ResultsDBTestCases:
    """`fedora_openqa.ports.TestCases`, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the ResultsDB whose API is at ``url``."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/testcases"

    def has(self, testcase: str) -> bool:
        """Return whether there ever was a result of a test case.

        Raises:
            RequestRefusedError, ServiceUnavailableError: ResultsDB does not answer.
        """
        # ResultsDB makes a test case with its first result
        url = f"{self._url}/{quote(testcase, safe='')}"
        return read_json(self._reader, url, dict[str, Any]) is not None
