"""The pages on a store, asked without a port, and what an answer has in it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from fedora_openqa.config import Config, with_options
from fedora_openqa.model.asked import Asked
from fedora_openqa.model.gating import GatedUpdate
from fedora_openqa.store.engine import open_engine
from fedora_openqa.web.app import create_app
from fedora_openqa.wiring.web import open_readers, site_of

#: what one page may cost
MOST_STATEMENTS, MOST_BYTES = 8, 100_000

#: elements without an end
VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})

NO_ANSWER: Asked[GatedUpdate] = Asked(problem="not known; Greenwave did not answer")

NO_RULE: Asked[str] = Asked(problem="not known; Bodhi did not answer")

OPENQA = "https://openqa.example.org"


class Html(HTMLParser):
    """Elements and texts of a page; fails for one whose elements are not closed in order."""

    def __init__(self, text: str) -> None:
        """Parse a page."""
        super().__init__()
        #: name and attributes, in order
        self.elements: list[tuple[str, Mapping[str, str]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element of SVG that ends at once."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        assert self._open, f"</{tag}> ends nothing"
        opened = self._open.pop()
        assert opened == tag, f"</{tag}> ends <{opened}>"

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if data.strip():
            self.texts.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        """All texts of the page, one after the other."""
        return " ".join(self.texts)

    def all(self, tag: str) -> list[Mapping[str, str]]:
        """Return the attributes of all elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def links(self) -> list[str]:
        """The targets of all links, and of all forms that ask by GET without being filled in."""
        return [one["href"] for one in self.all("a") if "href" in one]


@dataclass
class Pages:
    """The pages on a store."""

    engine: Engine
    options: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    #: what is known of an update's gating; None: what its servers say
    gating: Callable[[str], Asked[GatedUpdate]] | None = lambda _alias: NO_ANSWER
    config: Config = field(default_factory=Config)

    def __post_init__(self) -> None:
        config = with_options(self.config, {"openqa": {"hostname": OPENQA}, **self.options})
        # a slow crawl must not read the state of all lanes in the middle
        readers = open_readers(config, self.engine, keep=1e9)
        if self.gating:
            readers = replace(readers, gating=self.gating, update_rule=lambda _alias: NO_RULE)
        self.app = create_app(readers, site_of(config))
        self.client: FlaskClient = self.app.test_client()

    @classmethod
    def of(cls, store: Path) -> Self:
        """Open the pages on a SQLite file."""
        return cls(open_engine(f"sqlite:///{store}"))

    def ask(self, url: str, status: int = 200) -> TestResponse:
        """Return the answer to a GET request, which must have this status."""
        answer = self.client.get(url)
        assert answer.status_code == status, f"{url}: {answer.status}: {answer.text[:2000]}"
        return answer

    def html(self, url: str, status: int = 200) -> Html:
        """Return a page."""
        answer = self.ask(url, status)
        assert answer.mimetype == "text/html"
        return Html(answer.text)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Collect the statements that are executed, without those that begin or check."""
        found: list[str] = []

        def note(_c: object, _cursor: object, text: str, *_: object) -> None:
            # the schema is compared every ten seconds
            if not text.startswith("BEGIN") and "migration" not in text:
                found.append(text)

        event.listen(self.engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            event.remove(self.engine, "before_cursor_execute", note)


def check_page(url: str, text: str) -> None:
    """Fail for a page that runs something, or that screen readers and keyboards cannot use."""
    page = Html(text)
    for name, attributes in page.elements:
        assert name not in {"script", "iframe", "object", "embed", "base"}, url
        assert not [one for one in attributes if one.startswith("on") or one == "style"], url
        for address in (attributes.get("href", ""), attributes.get("src", "")):
            assert urlsplit(address).scheme in {"", "http", "https"}, f"{url}: {address}"
    assert "\u202e" not in text, url
    assert "{{" not in text.replace("{{7*7}}", ""), url
    assert "49\u202e" not in text, url
    # for screen readers and keyboards
    assert dict(page.elements)["html"]["lang"] == "en"
    assert len(page.all("h1")) == 1, url
    assert len(page.all("title")) == 1
    assert page.all("main")[0]["id"] == "content"
    assert page.links[0] == "#content"
    assert all("scope" in one for one in page.all("th")), url
    assert len(page.all("table")) == len(page.all("caption")), url
    labels = {one["for"] for one in page.all("label") if "for" in one}
    for kind in ("input", "select", "textarea"):
        for one in page.all(kind):
            named = one.get("id") in labels or "aria-label" in one or one.get("type") == "hidden"
            assert named, f"{url}: {one}"
    for one in page.all("svg"):
        assert (one.get("role"), bool(one.get("aria-label"))) == ("img", True) or (
            one.get("aria-hidden") == "true"
        ), url
    ids = [one["id"] for _, one in page.elements if "id" in one]
    assert len(ids) == len(set(ids)), f"{url}: {ids}"
    levels = [int(name[1]) for name, _ in page.elements if name in {"h1", "h2", "h3", "h4"}]
    assert all(b - a <= 1 for a, b in pairwise(levels)), f"{url}: {levels}"
