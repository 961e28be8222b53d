"""Files that the sandbox writes and may overwrite; files of others are not touched."""

from collections.abc import Mapping
from pathlib import Path

from fedora_openqa.errors import ConfigError

#: a line in each of these files
MARKER = "# written by fedora-openqa sandbox, which may write it again"


def write_own_files(contents: Mapping[Path, str]) -> None:
    """Write all files, readable by their owner only, or none of them.

    Raises:
        ConfigError: a file is there that the sandbox did not write, or a folder cannot be
            written to.
    """
    try:
        foreign = [str(path) for path in contents if path.exists() and not _is_own(path)]
        if foreign:
            raise ConfigError(
                f"sandbox: not overwritten, for the sandbox did not write it: {', '.join(foreign)}"
            )
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(f"{content.rstrip()}\n{MARKER}\n", encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"sandbox: {exc.filename}: {exc.strerror}") from exc


def _is_own(path: Path) -> bool:
    return MARKER in path.read_text(encoding="utf-8", errors="replace").splitlines()
