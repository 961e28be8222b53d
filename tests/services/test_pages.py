"""The pages on a real PostgreSQL: as cheap as on SQLite."""

import pytest

from fedora_openqa.store.engine import open_engine
from tests.services.postgresql import PostgreSQL
from tests.support.pages import MOST_STATEMENTS, Pages
from tests.web.crawling import crawl
from tests.web.filled import fill

pytestmark = pytest.mark.service


def test_every_page_is_cheap_on_postgresql(real_postgresql: PostgreSQL) -> None:
    engine = open_engine(real_postgresql.create())
    fill(engine)
    dear = {}
    for url, answer, statements in crawl(Pages(engine)):
        assert answer.status_code in {200, 302, 308}, f"{url}: {answer.status}"
        if len(statements) > MOST_STATEMENTS:
            dear[url] = [one.replace("\n", " ")[:90] for one in statements]
    engine.dispose()
    assert dear == {}
