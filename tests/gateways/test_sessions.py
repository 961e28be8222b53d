"""What holds for the session of every gateway, those of foreign libraries too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fedora_openqa.errors import FedoraOpenQAError, ServiceUnavailableError
from fedora_openqa.gateways.compose_releases import ComposeReleases
from fedora_openqa.gateways.decisions import GreenwaveDecisions
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.openqa import RestOpenQA
from fedora_openqa.gateways.resultsdb import RestResultsDB
from fedora_openqa.gateways.wiki_site import BotPassword, WikiAddress, open_site
from fedora_openqa.model.gating import GatingQuestion
from fedora_openqa.model.reports import UpdateItem
from tests.gateways.limits import LIMITS
from tests.web import Request, Web, text


def openqa(web: Web) -> None:
    RestOpenQA(web.url, limits=LIMITS, post_timeout=1, environ={"HOME": "/nonexistent"}).group_id(
        "x"
    )


def resultsdb(web: Web) -> None:
    releases = ComposeReleases(Reader(LIMITS), allowed_hosts=())
    api = RestResultsDB(f"{web.url}/api", limits=LIMITS, releases=releases, post_timeout=1)
    api.stored(UpdateItem("FEDORA-2026-1"), source="x")


def wiki(web: Web) -> None:
    open_site(WikiAddress(web.host, scheme="http"), limits=LIMITS, login=BotPassword("a@b", "c"))


def greenwave(web: Web) -> None:
    question = GatingQuestion("fedora-44", ("x",), "bodhi_update", "FEDORA-2026-1")
    GreenwaveDecisions(LIMITS, web.url).decide(question)


def reader(web: Web) -> None:
    Reader(LIMITS).fetch(f"{web.url}/file")


every_gateway = pytest.mark.parametrize("ask", [openqa, resultsdb, wiki, greenwave, reader])


@every_gateway
def test_no_password_comes_from_netrc(
    web: Web, ask: Callable[[Web], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
        ask(web)
    assert set(sent) == {None}


@every_gateway
def test_a_service_that_wants_a_pause_gets_it(web: Web, ask: Callable[[Web], None]) -> None:
    web.answer_all(text("slow down", status=429, headers={"Retry-After": "120"}))
    with pytest.raises(ServiceUnavailableError, match="429 slow down"):
        ask(web)
    assert len(web.requests) == 1


@every_gateway
def test_a_redirect_leads_to_no_other_host(web: Web, ask: Callable[[Web], None]) -> None:
    location = {"Location": f"http://localhost:{web.server_address[1]}/elsewhere"}
    web.answer_all(text("maintenance", status=302, headers=location))
    with pytest.raises(FedoraOpenQAError):
        ask(web)
    assert not [request for request in web.requests if "elsewhere" in request]
