"""Reads secrets: passwords and tokens. Never log what it returns."""

import logging
import stat
from collections.abc import Mapping
from pathlib import Path

from fedora_openqa.errors import ConfigError

log = logging.getLogger(__name__)


def read_secret(file: str, variable: str, environ: Mapping[str, str]) -> str:
    """Read a secret from the first line of a file, else from the environment; empty: none.

    :param file: its path; empty: the environment is asked

    Raises:
        ConfigError: the file cannot be read, everybody can read it, or its first line is empty.
    """
    if not file:
        return environ.get(variable, "")
    try:
        with Path(file).open(encoding="utf-8") as lines:
            refuse_if_readable(Path(file))
            secret = lines.readline().strip()
    except OSError as exc:
        raise ConfigError(f"{file}: cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        # not chained as text: the error quotes what is in the file
        raise ConfigError(f"{file}: not a text") from exc
    if not secret:
        raise ConfigError(f"{file}: its first line is empty; a password or token belongs there")
    return secret


def refuse_if_readable(path: Path) -> None:
    """Refuse a file with a secret that every account of this host can read.

    Raises:
        ConfigError: with the file, its mode and the command that corrects it.
    """
    if problem := _readable(path):
        raise ConfigError(problem)


def warn_if_readable(*paths: Path) -> None:
    """Log a warning for each file that every account of this host can read.

    These are files that other programs share or make.
    """
    for path in paths:
        if problem := _readable(path):
            log.warning("%s", problem)


def _readable(path: Path) -> str | None:
    """Return what is wrong with the mode of a file; None: nothing, or there is no file."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return None
    if not mode & stat.S_IROTH or _is_closed(path.parent):
        return None
    return (
        f"{path} can be read by everybody on this host"
        f" (mode {stat.S_IMODE(mode):04o}): chmod o= {path}"
    )


def _is_closed(folder: Path) -> bool:
    """Return whether only its owner and group get into a folder."""
    try:
        return not folder.stat().st_mode & stat.S_IXOTH
    except OSError:
        return False
