"""Reads what must not be told: passwords and tokens. Never log what this returns."""

from collections.abc import Mapping
from pathlib import Path

from fedora_openqa.errors import ConfigError


def read_secret(file: str, variable: str, environ: Mapping[str, str]) -> str:
    """Read a secret from the first line of a file, else from the environment; empty: none.

    :param file: its path; empty: the environment is asked

    Raises:
        ConfigError: the file cannot be read, or its first line is empty.
    """
    if not file:
        return environ.get(variable, "")
    try:
        with Path(file).open(encoding="utf-8") as lines:
            secret = lines.readline().strip()
    except OSError as exc:
        raise ConfigError(f"{file}: cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        # not chained as text: the error quotes what is in the file
        raise ConfigError(f"{file}: not a text") from exc
    if not secret:
        raise ConfigError(f"{file}: its first line is empty; a password or token belongs there")
    return secret
