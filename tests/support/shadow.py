"""A site in shadow beside an old system: openQA with its jobs, ResultsDB, mail, and a wiki."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from openqa_client.client import OpenQA_Client

from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.gateways.wiki.pages import ResultPage
from fedora_openqa.gateways.wiki.rows import Cell
from fedora_openqa.gateways.wiki.site import WikiAddress
from fedora_openqa.model.wiki import WikiPass, WikiRow
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox
from tests.support.web import Request, Web, text
from tests.support.wiki_pages import EVENT, page_text, parsed, rows_for, title_of

COMPOSE = "Fedora-Rawhide-20261120.n.0"


@dataclass
class ShadowSite:
    """The services, and the configuration of a shadow that is led to them."""

    sandbox: Sandbox
    wiki: Web
    directory: Path
    #: title of each result page to its text
    pages: dict[str, str]
    environ: Mapping[str, str]

    def post(self, path: str, **data: str) -> Any:  # noqa: ANN401 - JSON
        """Let the old system change something in openQA."""
        client = OpenQA_Client(server=self.sandbox.url, retries=0)
        client.session.headers["X-API-Key"] = self.sandbox.key
        client.apisecret = self.sandbox.secret
        return client.openqa_request("POST", path, data=data)

    def jobs(self, build: str) -> Any:  # noqa: ANN401 - JSON
        """Return openQA's jobs of a build."""
        client = OpenQA_Client(server=self.sandbox.url, retries=0)
        return client.openqa_request("GET", "jobs", params={"build": build})["jobs"]

    @property
    def writes(self) -> list[str]:
        """Requests that may have changed something; Greenwave is asked with a POST."""
        asked = [(one.method, one.path) for one in self.sandbox.requests.all()]
        asked += [
            (method, path) for method, _, path in (it.partition(" ") for it in self.wiki.requests)
        ]
        return [
            f"{method} {path}"
            for method, path in asked
            if method not in {"GET", "HEAD"} and path != "/greenwave/api/v1.0/decision"
        ]

    def file(self, cells: Iterable[WikiPass], user: str = "coconut") -> None:
        """Let the old system report passes to the wiki."""
        for one in cells:
            title = title_of(EVENT, one.testtype)
            page = ResultPage(cast("Any", _Served(self.pages[title], title)), EVENT, one.testtype)
            page.load()
            place = page.place(one)
            if isinstance(place, Cell):
                self.pages[title] = page.text_with([place], user=user)


class _Served:
    """A connection to a wiki with one page."""

    address = WikiAddress("wiki.example")

    def __init__(self, wikitext: str, title: str) -> None:
        self._answer = parsed(wikitext, title=title)

    def get(self, _action: str, **_fields: str) -> dict[str, object]:
        return self._answer


def old_config(site: ShadowSite) -> Mapping[str, str]:
    """Write the configuration of the old system: as the shadow's, but it writes."""
    text = (site.directory / "config.toml").read_text().replace("[shadow]\nenabled = true\n", "")
    path = site.directory / "old.toml"
    path.write_text(text)
    return {
        **site.environ,
        "FEDORA_OPENQA_CONFIG": str(path),
        "OPENQA_API_KEY": site.sandbox.key,
        "OPENQA_API_SECRET": site.sandbox.secret,
    }


def shadow_site(sandbox: Sandbox, wiki: Web, directory: Path) -> ShadowSite:
    """Write the configuration of a shadow with all sinks enabled, and without any login."""
    environ = write_config_files(directory, sandbox)
    # a shadow needs no key
    (directory / "client.conf").unlink()
    (directory / "waiverdb-token").unlink()
    config = directory / "config.toml"
    config.write_text(
        config.read_text()
        .replace("gather = 1.0", "gather = 0.05")
        .replace("[sweep]\n", '[sweep]\nsince = "9999d"\n')
        + f'[wiki]\nenabled = true\nhostname = "{wiki.host}"\nscheme = "http"\ngather = 0.05\n'
        f'[store]\nurl = "sqlite:///{directory}/store.db"\n'
        "[shadow]\nenabled = true\n"
    )
    pages: dict[str, list[WikiRow]] = {}
    for row in rows_for(load_wiki_tables()):
        pages.setdefault(title_of(EVENT, row.testtype), []).append(row)
    site = ShadowSite(
        sandbox,
        wiki,
        directory,
        {title: page_text(rows) for title, rows in pages.items()},
        {**environ, "HOME": str(directory)},
    )

    def answer(request: Request) -> None:
        (title,) = parse_qs(urlsplit(request.path).query)["page"]
        missing = {"error": {"code": "missingtitle", "info": "no such page"}}
        body = parsed(site.pages[title], title=title) if title in site.pages else missing
        text(json.dumps(body))(request)

    wiki.answers["GET /w/api.php"] = answer
    return site
