"""What a fixture does where a service is not installed."""

import contextlib
import os
import shutil
from collections.abc import Iterator

import pytest

from tests.services.processes import NotInstalledError


@contextlib.contextmanager
def skip_or_fail() -> Iterator[None]:
    """Leave a test out, or fail it where the services are required."""
    try:
        yield
    except NotInstalledError as missing:
        if os.environ.get("FEDORA_OPENQA_REQUIRE_SERVICES") == "1":
            pytest.fail(f"{missing} is missing; run: make services")
        pytest.skip("run: make services")


def need_program(name: str) -> str:
    """Return the path of a program; skip the test without it, or fail where it is required."""
    with skip_or_fail():
        if not (found := shutil.which(name)):
            raise NotInstalledError(name)
        return found
