"""Fixtures of a real MediaWiki; a test that asks for one carries the mark `service`."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.services.installed import skip_or_fail
from tests.services.mediawiki import MediaWiki, running_mediawiki
from tests.support.wiki_pages import EVENT, EVENT_ROWS


@pytest.fixture(scope="session")
def real_mediawiki() -> Iterator[MediaWiki]:
    """A real MediaWiki with the pages of one event, shared by all tests of the run."""
    with ExitStack() as stack:
        with skip_or_fail():
            wiki = stack.enter_context(running_mediawiki())
        wiki.write_event(EVENT, EVENT_ROWS)
        wiki.keep()
        yield wiki


@pytest.fixture
def mediawiki(real_mediawiki: MediaWiki) -> Iterator[MediaWiki]:
    """The same for one test, which may write on it and stop it: it is put back afterwards."""
    yield real_mediawiki
    real_mediawiki.put_back()
    real_mediawiki.start()
