"""What commands share: the configuration, exit statuses, and how numbers and times are written.

Prints nothing.
"""

from collections.abc import Iterable
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
