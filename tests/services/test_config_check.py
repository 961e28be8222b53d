"""The tables, compared with a real openQA that has the sandbox's templates."""

import pytest

from tests.services.real_site import Site


@pytest.mark.service
def test_our_tables_and_a_real_openqa_agree(site: Site) -> None:
    site.configure("http://127.0.0.1:9")
    status, checked = site.run("config", "check", "--openqa")
    assert status == 0
    assert checked["problems"] == []
    assert "never_scheduled" in {notice["kind"] for notice in checked["notices"]}
