"""What commands share: the configuration, exit statuses, and how numbers and times are written.

Prints nothing.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fedora_openqa.config import Config, load_config, with_options

#: exit statuses; 2 is wrong usage or configuration
DONE, NOTHING, PARTLY = 0, 1, 3


def open_config(path: Path | None, openqa_hostname: str | None) -> Config:
    """Load the configuration, with the openQA server that the command line names.

    Raises:
        ConfigError: the configuration cannot be read or is wrong.
    """
    return with_options(load_config(path), {"openqa": {"hostname": openqa_hostname}})


def writes_nothing(config: Config, *, dry_run: bool) -> bool:
    """Return whether a command writes to no service: in a dry run, and always in a shadow."""
    return dry_run or config.shadow.enabled


def counted(number: int, thing: str) -> str:
    """Return ``1 job`` or ``2 jobs``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers in ascending order, three or more in a row as a range: ``7, 8, 231-460``."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = (
        [f"{run[0]}-{run[-1]}"] if len(run) > 2 else map(str, run)  # noqa: PLR2004 - a range
        for run in runs
    )
    return ", ".join(word for some in words for word in some)


def when(time: float | None) -> str | None:
    """Return seconds since 1970 as ``2026-11-21T05:12:32Z``."""
    if time is None:
        return None
    return datetime.fromtimestamp(time, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(time: float | None, now: float) -> str:
    """Return ``55 min ago``; ``none`` for None."""
    return "none" if time is None else f"{duration(timedelta(seconds=max(now - time, 0)))} ago"


def duration(time: timedelta) -> str:
    """Return ``3 h 20 min``, ``55 min`` or ``40 s``."""
    seconds = round(time.total_seconds())
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{minutes} min"] if minutes else [])])
