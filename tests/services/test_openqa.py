"""The real openQA can be started, signed to, and leaves nothing behind."""

from pathlib import Path

import pytest
import requests

from tests.services.openqa import RealOpenQA, running_openqa

FOLDERS = Path("/tmp")  # noqa: S108 - where the servers keep their short-named sockets


@pytest.mark.service
def test_a_private_openqa_answers_and_knows_no_jobs(private_openqa: RealOpenQA) -> None:
    answer = requests.get(f"{private_openqa.url}/api/v1/jobs", timeout=30)
    assert answer.json() == {"jobs": []}


@pytest.mark.service
def test_a_private_openqa_leaves_no_folder_and_no_port(private_openqa: RealOpenQA) -> None:
    del private_openqa  # only to skip where the packages are missing
    before = set(FOLDERS.glob("openqa-*"))
    with running_openqa() as openqa:
        url = openqa.url
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    assert set(FOLDERS.glob("openqa-*")) <= before
