"""The pages through their HTTP server, asked by many at once."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from urllib.request import urlopen

import pytest

from fedora_openqa.web.server import open_server
from tests.support.pages import Html, Pages
from tests.web.filled import COMPOSE

#: visitors at once, and the requests that each of them makes
VISITORS, VISITS = 200, 3

URLS = ("/", "/subjects", f"/subjects/compose:{COMPOSE}", "/parked?page=2", "/feeds/parked.atom")


def served(pages: Pages) -> Iterator[str]:
    """Serve pages; give their address."""
    server = open_server(pages.app, host="127.0.0.1", port=0, threads=8)
    stopped = threading.Event()
    thread = threading.Thread(target=server.run, args=(stopped,))
    thread.start()
    yield f"http://127.0.0.1:{server.server.effective_port}"
    stopped.set()
    thread.join()


@pytest.fixture
def address(pages: Pages) -> Iterator[str]:
    """Give the address of the pages of a filled store."""
    yield from served(pages)


@pytest.mark.slow
def test_two_hundred_visitors_at_once_all_get_their_pages(address: str) -> None:
    begun = threading.Barrier(VISITORS)

    def visit(number: int) -> list[tuple[int, str]]:
        begun.wait(60)
        found = []
        for visit in range(VISITS):
            url = URLS[(number + visit) % len(URLS)]
            with urlopen(f"{address}{url}", timeout=120) as answer:  # noqa: S310 - ours
                found.append((answer.status, answer.read().decode()))
        return found

    with ThreadPoolExecutor(VISITORS) as visitors:
        answers = [one for some in visitors.map(visit, range(VISITORS)) for one in some]
    assert [status for status, _ in answers] == [200] * VISITORS * VISITS
    assert len({Html(text).text for _, text in answers if "<html" in text}) == len(URLS) - 1


def test_a_process_with_thousands_of_open_files_still_answers(pages: Pages) -> None:
    with ExitStack() as stack:
        for _ in range(1100):
            stack.enter_context(open(os.devnull))  # noqa: PTH123 - a file, not a path
        address = stack.enter_context(contextmanager(served)(pages))
        with urlopen(f"{address}/parked", timeout=60) as answer:  # noqa: S310 - ours
            assert answer.status == 200


def test_a_server_that_ends_by_itself_ends_its_process(pages: Pages) -> None:
    server = open_server(pages.app, host="127.0.0.1", port=0, threads=1)
    server.server.run = lambda: None
    with pytest.raises(RuntimeError, match="ended by itself"):
        server.run(threading.Event())
    server.server.close()


def test_a_request_that_is_too_large_is_refused_and_the_next_is_answered(address: str) -> None:
    with pytest.raises(OSError, match=r"414|431|400|reset|refused|closed") as raised:
        urlopen(f"{address}/search?q={'x' * 300_000}", timeout=60)  # noqa: S310 - ours
    assert raised
    with urlopen(f"{address}/parked", timeout=60) as answer:  # noqa: S310 - ours
        assert answer.status == 200


def test_what_is_being_answered_at_the_end_is_finished(caplog: pytest.LogCaptureFixture) -> None:
    begun, wanted, stopped = threading.Event(), threading.Event(), threading.Event()

    def answer(_environ: object, start: Callable[..., object]) -> list[bytes]:
        begun.set()
        assert wanted.wait(60)
        start("200 OK", [("Content-Length", "1000000")])
        return [b"x" * 1_000_000]

    server = replace(open_server(answer, host="127.0.0.1", port=0, threads=2), finish=120.0)
    running = threading.Thread(target=server.run, args=(stopped,))
    running.start()
    url = f"http://127.0.0.1:{server.server.effective_port}/"
    with ThreadPoolExecutor(1) as visitor:
        asked = visitor.submit(lambda: urlopen(url, timeout=60).read())
        assert begun.wait(60)
        stopped.set()
        # a server that is closed under a thread lets it write to whatever is opened next
        running.join(1.0)
        assert running.is_alive()
        wanted.set()
        assert len(asked.result()) == 1_000_000
    running.join()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
