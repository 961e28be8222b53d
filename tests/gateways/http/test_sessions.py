"""Limits that every gateway's session has, also those of foreign libraries."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fedora_openqa.errors import FedoraOpenQAError, ServiceUnavailableError
from fedora_openqa.gateways.http.transport import Limits
from tests.support.asking import EVERY, Server
from tests.support.limits import LIMITS
from tests.support.web import Request, Web, text

every_gateway = pytest.mark.parametrize("ask", EVERY)


@every_gateway
def test_no_password_comes_from_netrc(
    web: Web, ask: Callable[[Server, Limits], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    sent: list[str | None] = []

    def answer(request: Request) -> None:
        sent.append(request.headers["Authorization"])
        text("no", status=403)(request)

    web.answer_all(answer)
    with pytest.raises(FedoraOpenQAError, match="403"):
        ask(web, LIMITS)
    assert set(sent) == {None}


@every_gateway
def test_a_service_that_wants_a_pause_gets_it(
    web: Web, ask: Callable[[Server, Limits], None]
) -> None:
    web.answer_all(text("slow down", status=429, headers={"Retry-After": "120"}))
    with pytest.raises(ServiceUnavailableError, match="429 slow down"):
        ask(web, LIMITS)
    assert len(web.requests) == 1


@every_gateway
def test_a_redirect_leads_to_no_other_host(web: Web, ask: Callable[[Server, Limits], None]) -> None:
    location = {"Location": f"http://localhost:{web.server_address[1]}/elsewhere"}
    web.answer_all(text("maintenance", status=302, headers=location))
    with pytest.raises(FedoraOpenQAError):
        ask(web, LIMITS)
    assert not [request for request in web.requests if "elsewhere" in request]
