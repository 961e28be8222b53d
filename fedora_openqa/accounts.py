"""The account that runs the process: its home folder and its name.

Either may be missing: a container may run with a uid that has no passwd entry.
"""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

#: environment variables that name the user, in `getpass.getuser`'s order
NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")


def home_folder(environ: Mapping[str, str]) -> Path | None:
    """Return the home folder; None: the account has none, or may not enter it."""
    entry = None if environ.get("HOME") else _passwd_entry()
    home = environ.get("HOME") or (entry.pw_dir if entry else "")
    return Path(home) if home and os.access(home, os.X_OK) else None


def expand_home(path: str, environ: Mapping[str, str]) -> Path | None:
    """Return a path whose leading ``~/`` is the home folder; None: the account has none."""
    if path != "~" and not path.startswith("~/"):
        return Path(path)
    home = home_folder(environ)
    return home / path[2:] if home else None


def user_name(environ: Mapping[str, str]) -> str:
    """Return the user's name, or ``"uid 1001"`` for an account without one."""
    if named := next((environ[key] for key in NAMES if environ.get(key)), None):
        return named
    entry = _passwd_entry()
    return entry.pw_name if entry else f"uid {os.getuid()}"


def _passwd_entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(os.getuid())
    except KeyError:
        return None
