"""Writes a set of files: all or none, never over other content unless that is asked for."""

import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from fedora_openqa.config.importing import NewFile
from fedora_openqa.errors import ConfigError


def changed_files(files: Mapping[Path, NewFile], *, force: bool) -> tuple[Path, ...]:
    """Return the files that are not there yet, that may be overwritten, or that others can read.

    Raises:
        ConfigError: files have other content, and ``force`` is not set; or cannot be read.
    """
    there = {path: _content(path) for path in files}
    differing = [path for path, file in files.items() if there[path] != file.text.encode()]
    foreign = [str(path) for path in differing if there[path] is not None]
    if foreign and not force:
        raise ConfigError(
            f"not overwritten, for its content differs (--force does): {', '.join(foreign)}"
        )
    return tuple(path for path, file in files.items() if path in differing or _is_open(path, file))


def write_files(files: Mapping[Path, NewFile]) -> None:
    """Write files; each has its old content or the new one at any time.

    Raises:
        ConfigError: a folder cannot be written to; no file is changed then.
    """
    written: dict[Path, Path] = {}
    try:
        for path, file in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            written[path] = _beside(path, file)
        for path, temporary in written.items():
            temporary.replace(path)
    except OSError as exc:
        raise ConfigError(f"{exc.filename}: cannot be written: {exc.strerror}") from exc
    finally:
        for temporary in written.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read: {exc.strerror}") from exc


def _is_open(path: Path, file: NewFile) -> bool:
    """Return whether accounts other than its owner can read a secret."""
    others = stat.S_IRWXG | stat.S_IRWXO
    return file.is_secret and bool(path.stat().st_mode & others)


def _beside(path: Path, file: NewFile) -> Path:
    """Write the content of a file to a temporary one beside it, and return that."""
    # readable by its owner only
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(number, "wb") as stream:
        stream.write(file.text.encode())
        stream.flush()
        if not file.is_secret:
            os.fchmod(number, 0o644)
        os.fsync(number)
    return Path(name)
