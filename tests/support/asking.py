"""Questions to every kind of service, as the gateways ask them; for what holds for all of them."""

from typing import Protocol

from fedora_openqa.gateways.composes.releases import ComposeReleases
from fedora_openqa.gateways.greenwave.decisions import GreenwaveDecisions
from fedora_openqa.gateways.http.client import Poster, Reader
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.gateways.resultsdb.results import RestResultsDB
from fedora_openqa.gateways.wiki.site import BotPassword, WikiAddress, open_site
from fedora_openqa.model.gating import GatingQuestion
from fedora_openqa.model.results import UpdateItem


class Server(Protocol):
    """A server of a test."""

    @property
    def url(self) -> str: ...
    @property
    def host(self) -> str: ...


def openqa(server: Server, limits: Limits) -> None:
    RestOpenQA(
        server.url, limits=limits, post_timeout=1, environ={"HOME": "/nonexistent"}
    ).group_id("x")


def resultsdb(server: Server, limits: Limits) -> None:
    releases = ComposeReleases(Reader(limits), allowed_hosts=())
    api = RestResultsDB(f"{server.url}/api", limits=limits, releases=releases, post_timeout=1)
    api.stored(UpdateItem("FEDORA-2026-1"), source="x")


def wiki(server: Server, limits: Limits) -> None:
    open_site(WikiAddress(server.host, scheme="http"), limits=limits, login=BotPassword("a@b", "c"))


def greenwave(server: Server, limits: Limits) -> None:
    question = GatingQuestion("fedora-44", ("x",), "bodhi_update", "FEDORA-2026-1")
    GreenwaveDecisions(limits, server.url).decide(question)


def reader(server: Server, limits: Limits) -> None:
    Reader(limits).fetch(f"{server.url}/file")


def poster(server: Server, limits: Limits) -> None:
    Poster(limits).post(f"{server.url}/thing", {}).require_success()


EVERY = (openqa, resultsdb, wiki, greenwave, reader, poster)
