"""Empty stores to measure in: on SQLite, and on PostgreSQL where it is installed."""

import contextlib
import tempfile
from collections.abc import Iterator

from sqlalchemy import Engine

from fedora_openqa.store.engine import open_engine
from tests.services.postgresql import running_postgresql
from tests.services.processes import NotInstalledError


def engines() -> Iterator[tuple[str, Engine]]:
    """Yield an empty store of each database, with its name."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        yield "SQLite", stack.enter_context(opened(f"sqlite:///{folder}/store.db"))
        try:
            server = stack.enter_context(running_postgresql())
        except NotInstalledError:
            print("PostgreSQL is not installed: not measured")
            return
        yield "PostgreSQL", stack.enter_context(opened(server.create()))


@contextlib.contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()
