"""Stores for tests: copies of one database that was migrated once in the session."""

import functools
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import Engine

from fedora_openqa.store.engine import open_engine


@functools.cache
def _template() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="store-template-")
    open_engine(f"sqlite:///{folder.name}/store.db").dispose()
    return folder


def copy_store(path: Path) -> str:
    """Write an empty, migrated store to a path and return its URL."""
    shutil.copy(Path(_template().name) / "store.db", path)
    return f"sqlite:///{path}"


def new_store(path: Path) -> Engine:
    """Open an empty, migrated store at a path."""
    return open_engine(copy_store(path))
