"""Hostile text in each column that others write: each page, feed, badge and answer shows it as text.

The text is put into the database past the store, which makes printable lines of what it is given:
pages rely on nothing that was done before them.
"""

import json
import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import Column, Connection, select
from werkzeug.test import TestResponse

from fedora_openqa.model.failures import FailureNote
from fedora_openqa.store.columns import Facts, Name, Prose
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.schema import job, metadata, subject
from fedora_openqa.texts import one_line
from tests.support.pages import OPENQA, Html, Pages, check_page
from tests.web.crawling import crawl
from tests.web.filled import HOSTILE, UPDATE

#: of markup, of templates, of lines, of terminals, of addresses
EVIL = (
    f" {HOSTILE}\r\nSet-Cookie: a=b\n</title></textarea></script><svg onload=alert(3)>"
    "]]><!--&#60;script&#62;{% raw %}${7*7}\x1b[31m\x07\u2028\u2066\ufeff javascript:alert(4)"
    " //evil.example.org/ https://evil.example.org/<x y=z>"
)

#: columns whose values are ours: words, versions, digests, lanes and days
OURS = {
    *("migration.revision", "migration.oldest_code", "migration.software", "mark.name"),
    *("subject.lane", "subject.digest", "subject.state", "product.state", "delivery.state"),
    *("absence.lane", "sighting.lane", "sighting.digest", "comparison.sink", "comparison.digest"),
    *("process.role", "snapshot.name", "prediction.kind", "job.state", "job.result"),
    *("failure_note.kind", "kept_job.state", "job_day.day", "job_day.result"),
    *("audit.role", "audit.what", "audit.key", "audit.ending"),
}

#: facts with a type of their own, whose texts the filled store has hostile already
TYPED = {
    *("mark.facts", "snapshot.facts", "process.lanes", "process.topics", "comparison.jobs"),
    *("product.job_ids", "failure_note.apart", "subject.request", "sighting.request"),
    "delivery.facts",
}


#: names by which rows of several tables, and their pages, belong together
TIES = {"key", "build", "item"}


#: columns that some page shows, whatever the names of subjects and builds are
SHOWN = {
    *("absence.error", "audit.outcome", "audit.preview", "audit.reason", "audit.target"),
    *("audit.who", "delivery.last_error", "delivery.reason", "delivery.summary"),
    *("failure_note.bug", "failure_note.by", "failure_note.title", "job.arch"),
    *("failure_rule.text", "failure_rule.test", "failure_rule.arch", "failure_rule.title"),
    *("failure_rule.bug", "failure_rule.by"),
    *("job.failed_modules", "job.fatal_module", "job.flavor", "job.machine", "job.reason"),
    *("job.test", "job.version", "job.worker_class", "message.id", "pause.by", "pause.lane"),
    *("pause.reason", "process.host", "process.version", "product.arch", "product.flavor"),
    *("product.reason", "product.release", "snapshot.error", "subject.last_error"),
    *("subject.lease_owner", "subject.message_id", "subject.reason"),
}


def spoil(connection: Connection, *, ties: bool) -> None:
    """Add hostile text to each text of the store that others write.

    :param ties: also to names of subjects and builds
    """
    for table in metadata.sorted_tables:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if isinstance(column.type, Name | Prose) and name not in OURS:
                if column.name in TIES and not ties:
                    continue
                connection.exec_driver_sql(
                    f'UPDATE {table.name} SET "{column.name}" = '  # noqa: S608 - ours
                    f"substr(coalesce(\"{column.name}\", '') || ?, 1, ?)",
                    (_evil_for(column), column.type.size),
                )
            elif isinstance(column.type, Facts) and name not in TYPED:
                _spoil_facts(connection, column)


def _evil_for(column: Column[object]) -> str:
    evil = f" <b>{column}</b>{EVIL}"
    # no name of several lines is stored, and so no URL has one
    return one_line(evil) if isinstance(column.type, Name) else evil


def _spoil_facts(connection: Connection, column: Column[object]) -> None:
    table = column.table
    key = next(iter(table.primary_key.columns))
    for number, facts in connection.execute(select(key, column)).all():
        text = json.dumps(_spoiled(facts, _evil_for(column)))
        connection.exec_driver_sql(
            f'UPDATE {table.name} SET "{column.name}" = ? WHERE {key.name} = ?',  # noqa: S608 - ours
            (text, number),
        )


def _spoiled(facts: object, evil: str) -> object:
    match facts:
        case str():
            return facts + evil
        case dict():
            return {name: _spoiled(it, evil) for name, it in facts.items()}
        case list():
            return [_spoiled(it, evil) for it in facts]
        case _:
            return facts


@pytest.fixture(params=[False, True], ids=["texts", "names"])
def spoiled(pages: Pages, request: pytest.FixtureRequest) -> Pages:
    """Open the pages on hostile texts, or on hostile texts and names of subjects and builds."""
    # with pages of their own: these keep what they have read
    for one in Pages(pages.engine).ask("/api/v1/failures?state=all").json or ():
        note = FailureNote(one["id"], title="x", bug="javascript:alert(5)", at=1.0)
        Failures(pages.engine).note(note)
    with transaction(pages.engine) as connection:
        spoil(connection, ties=request.param)
    return pages


def check_links(url: str, found: Iterator[str]) -> None:
    for link in found:
        parts = urlsplit(link)
        assert not parts.scheme or f"{parts.scheme}://{parts.netloc}" == OPENQA, f"{url}: {link}"
        assert not link.startswith(("//", "/\\")), f"{url}: {link}"


def check_printable(url: str, text: str) -> None:
    for character in "\x00\x07\x1b\u202e\u2028\u2066\ufeff":
        assert character not in text, f"{url}: {character!r}"


def check_answer(url: str, answer: TestResponse) -> None:
    assert answer.status_code in {200, 302, 404}, f"{url}: {answer.status}"
    assert "Set-Cookie" not in answer.headers, url
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'"), url
    check_printable(url, "".join(f"{name}{value}" for name, value in answer.headers))
    text = answer.text
    check_printable(url, text)
    if answer.mimetype == "text/html" and answer.status_code != 302:
        check_page(url, text)
        check_links(url, iter(Html(text).links))
    elif answer.mimetype in {"image/svg+xml", "application/atom+xml"}:
        root = ET.fromstring(text)  # noqa: S314 - ours
        assert not [one for one in root.iter() if one.tag.endswith(("script", "a"))], url
        assert not [name for one in root.iter() for name in one.attrib if name.startswith("on")]
    elif answer.mimetype == "application/json":
        json.loads(text)


def addresses(pages: Pages) -> Iterator[str]:
    """Yield addresses of all pages, badges, feeds and questions of programs about what is stored."""
    with transaction(pages.engine) as connection:
        keys = list(connection.execute(select(subject.c.key)).scalars())
        builds = list(connection.execute(select(job.c.build).distinct()).scalars())
        updates = [key.removeprefix("update:") for key in keys if UPDATE in key]
        names = {
            "key": [key for key in keys if not key.startswith("update:FEDORA-2026-00")],
            "build": builds,
            "compose_id": builds,
            "other": builds,
            "alias": updates,
            "update": updates,
            "test": list(connection.execute(select(job.c.test).distinct()).scalars()),
            "release": list(connection.execute(select(job.c.version).distinct()).scalars()),
            "number": ["201", "300"],
            "job_id": ["200", "201", "203"],
            "act_id": ["1", "2"],
            "what": [],
        }
    for rule in pages.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        arguments = re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
        for values in product(*(names[one] for one in arguments)):
            places = re.sub(r"<[^>]+>", "{}", rule.rule)
            url = places.format(*(quote(value, safe="") for value in values))
            yield f"{url}?q={quote(EVIL[:300])}" if url.endswith("/why") else url


def test_hostile_text_is_text_wherever_it_is_shown(spoiled: Pages) -> None:
    shown: set[str] = set()

    def look(url: str, answer: TestResponse) -> None:
        check_answer(url, answer)
        shown.update(re.findall(r"(?:&lt;|<)b(?:&gt;|>)([a-z_]+\.[a-z_]+)", answer.text))

    for url, answer, _ in crawl(spoiled):
        look(url, answer)
    for url in addresses(spoiled):
        look(url, spoiled.client.get(url))
    assert sorted(SHOWN - shown) == []
