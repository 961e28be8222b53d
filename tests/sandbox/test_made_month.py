"""The made-up month of the sandbox: no page of it is empty, and what is real stays as it is."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from fedora_openqa.config import Config, with_options
from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.health import Process
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.work import Wanted
from fedora_openqa.sandbox.made_names import compose_build
from fedora_openqa.store.engine import open_engine, transaction
from fedora_openqa.store.health import Health
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.schema import mark, snapshot
from fedora_openqa.store.snapshots import Snapshots
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.wiring.made import DAY, Made, fill_with_made_history
from tests.support.pages import MOST_BYTES, MOST_STATEMENTS, Html, Pages, check_page
from tests.support.stores import copy_store

#: what pages say where there is nothing to show
NOTHING = ("No ", "Nothing", "None ", "Not known", "There is nothing", "Its scheduling is not")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pages, Made, str]]:
    """Fill a store that has a subject and a job already: of a compose of yesterday."""
    url = copy_store(tmp_path_factory.mktemp("month") / "store.db")
    engine = open_engine(url)
    end = time.time()
    own = compose_build("Rawhide", end - 2 * DAY, 0)
    Subjects(engine).want(Wanted(f"compose:{own}", "compose", {"location": "x"}), message_id="m")
    job = StoredJob(1, own, "Rawhide", Scenario("t", "f", "x86_64", "m"), "done", "passed")
    JobHistory(engine).remember([job])
    made = fill_with_made_history(
        with_options(Config(), {"store": {"url": url}}), end=end, without=[own]
    )
    process = Process("qa01", 1, "web", "1", lanes={}, topics={}, started=end, seen=end)
    Health(engine).report(process)
    yield Pages(engine), made, own
    engine.dispose()


def first(pages: Pages, page: str, begins: str) -> str:
    """Return the first link of a page that begins so."""
    return next(link for link in pages.html(page).links if link.startswith(begins))


def main_pages(pages: Pages) -> Iterator[str]:
    """Yield the pages of the navigation, and one of each kind that they lead to."""
    nav = (link for link in pages.html("/").links if link.count("/") == 1 and link[0] == "/")
    yield from (link for link in nav if link != "/why")
    compose = first(pages, "/", "/composes/")
    test = first(pages, "/tests", "/tests/")
    yield from (compose, f"{compose}/compare/previous?show=all")
    yield from (first(pages, "/", f"/{kind}/") for kind in ("updates", "failures", "subjects"))
    yield from (f"/subjects/compose%3A{compose.rpartition('/')[2]}", f"/why?q={compose}")
    yield from (test, first(pages, test, "/tests/"), first(pages, "/audit", "/audit/"))


def test_every_page_has_something_to_show(place: tuple[Pages, Made, str]) -> None:
    pages, _, _ = place
    urls = list(dict.fromkeys(main_pages(pages)))
    assert len(urls) > 20
    for url in urls:
        with pages.statements() as statements:
            answer = pages.ask(url)
        check_page(url, answer.text)
        assert len(statements) <= MOST_STATEMENTS, f"{url}: {statements}"
        assert len(answer.data) <= MOST_BYTES, url
        page = Html(answer.text)
        assert not [text for text in page.texts if text.startswith(NOTHING)], url
        names = [name for name, _ in page.elements]
        empty = [at for at, name in enumerate(names) if name == "tbody" and names[at + 1] != "tr"]
        assert not empty, url
        assert {"table", "li"} & set(names[names.index("main") :]) or "dl" in names, url


def test_each_number_of_the_statistics_has_a_day(place: tuple[Pages, Made, str]) -> None:
    pages, _, _ = place
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 30 * DAY))
    last = time.strftime("%Y-%m-%d", time.gmtime())
    found = pages.ask(f"/api/v1/statistics?from={day}&to={last}").json
    assert found
    for name in found["days"][0]:
        assert any(one[name] for one in found["days"]), name


def test_the_present_is_kept_new_unless_a_process_watches(place: tuple[Pages, Made, str]) -> None:
    pages, made, _ = place
    text = pages.html("/now").text
    assert ("not before 20" in text, "Old:" in text) == (True, False)
    with transaction(pages.engine) as connection:
        for table in (snapshot, mark):
            connection.execute(update(table).values(at=table.c.at - 400.0))
    assert "Old:" in Pages(pages.engine).html("/now").text
    made.look()
    assert "Old:" not in Pages(pages.engine).html("/now").text
    Snapshots(pages.engine).begin("worker", seconds=180.0, every=0.0)
    with pytest.raises(LeaseLostError):
        made.look()


def test_a_store_is_filled_again_when_the_sandbox_is(tmp_path: Path) -> None:
    config = with_options(Config(), {"store": {"url": copy_store(tmp_path / "store.db")}})
    end = time.time()
    numbers = [fill_with_made_history(config, end=end + later).jobs for later in (0.0, 3600.0)]
    assert numbers[0] > 4000
    assert numbers[1] > 4000


def test_what_the_store_had_stays_as_it_was(place: tuple[Pages, Made, str]) -> None:
    pages, made, own = place
    assert made.jobs > 4000
    subject = pages.ask(f"/api/v1/subjects/{own}").json
    assert subject
    assert (subject["state"], subject["counts"]["passed"]) == ("wanted", 1)
    jobs = pages.ask(f"/api/v1/subjects/{own}/jobs").json
    assert jobs
    assert [one["id"] for one in jobs] == [1]
