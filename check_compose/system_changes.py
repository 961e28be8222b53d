"""Compares the logs of two installed systems; pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from check_compose.facts import Log, LogFile, Logs
from check_compose.report import Change
from check_compose.system_data import (
    Activity,
    Memory,
    parse_activity,
    parse_memory,
    parse_mounts,
    parse_packages,
    parse_services,
)
from fedora_openqa.texts import one_line

#: longer logs are not compared; those of real systems have about 100 KiB
MAX_BYTES = 4 * 1024 * 1024

#: names in a line; the JSON form has all
MAX_NAMES = 60

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The smallest changes that are reported; changes of packages and services always are."""

    #: system load must change by this much and by this share of the previous one
    load: float = 0.3
    load_share: float = 0.3
    #: average CPU usage, in percentage points
    cpu: float = 10.0
    #: used memory and used swap, as a share of the previous one
    memory_share: float = 0.15
    #: used space of a mount, as a share of the previous one
    mount_share: float = 0.15


DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """A log that cannot be compared."""

    #: ``"is empty"``
    reason: str


def changes_between(before: Logs, now: Logs, *, thresholds: Thresholds) -> tuple[Change, ...]:
    """Return the changes, and one line for each log that could not be compared.

    A log that neither test uploaded is ignored. Packages and services are compared by name. A mount
    that is new, gone or was empty has no share, and is ignored.
    """

    def each(
        log: Log, parse: Callable[[str], T | None], compare: Callable[[T, T], Iterable[Change]]
    ) -> Iterable[Change]:
        if log not in before and log not in now:
            return ()
        old, new = _read(before.get(log), parse), _read(now.get(log), parse)
        if isinstance(old, _Unreadable) or isinstance(new, _Unreadable):
            return (_note(log, old, new),)
        return compare(old, new)

    return (
        *each(Log.TOP, parse_activity, lambda old, new: _activity(old, new, thresholds)),
        *each(Log.FREE, parse_memory, lambda old, new: _memory(old, new, thresholds)),
        *each(Log.RPMS, parse_packages, lambda old, new: _names("packages(s)", old, new)),
        *each(Log.SERVICES, parse_services, lambda old, new: _names("services(s)", old, new)),
        *each(Log.DF, parse_mounts, lambda old, new: _mounts(old, new, thresholds)),
    )


def _read(log: LogFile | None, parse: Callable[[str], T | None]) -> T | _Unreadable:  # noqa: PLR0911 - a log may be bad in many ways
    if log is None:
        return _Unreadable("was not uploaded")
    if log.content is None:
        return _Unreadable(f"could not be read ({one_line(log.reason)})")
    if not log.content:
        return _Unreadable("is empty")
    if len(log.content) > MAX_BYTES:
        return _Unreadable(f"is too long ({len(log.content) / 1024 / 1024:.1f} MiB)")
    try:
        text = log.content.decode()
    except UnicodeDecodeError:
        return _Unreadable("is not UTF-8 text")
    if "\0" in text:
        return _Unreadable("is not text")
    if not text.endswith("\n"):
        # the missing lines would count as removed
        return _Unreadable("is cut off: its last line does not end")
    parsed = parse(text)
    return _Unreadable("says nothing we understand") if parsed is None else parsed


def _note(log: Log, old: object, new: object) -> Change:
    logs = (("previous", old), ("current", new))
    why = "; ".join(
        f"the {whose} one {one.reason}" for whose, one in logs if isinstance(one, _Unreadable)
    )
    return Change(f"{log.filename} could not be compared: {why}")


def _activity(old: Activity, new: Activity, thresholds: Thresholds) -> Iterator[Change]:
    least = max(thresholds.load, thresholds.load_share * old.load)
    if _differ(old.load, new.load, by=least):
        yield Change(f"System load changed from {old.load:.2f} to {new.load:.2f}")
    if old.cpu is not None and new.cpu is not None and _differ(old.cpu, new.cpu, by=thresholds.cpu):
        yield Change(f"Average CPU usage changed from {old.cpu:.2f} to {new.cpu:.2f}")


def _memory(old: Memory, new: Memory, thresholds: Thresholds) -> Iterator[Change]:
    for what, before, now in (("mem", old.mem, new.mem), ("swap", old.swap, new.swap)):
        # None: there is no swap, which differs from unused swap
        if before is None or now is None:
            continue
        if _differ(before, now, by=thresholds.memory_share * before):
            yield Change(f"Used {what} changed from {before} MiB to {now} MiB")


def _names(what: str, old: Collection[str], new: Collection[str]) -> Iterator[Change]:
    for verb, names in (("added", set(new) - set(old)), ("removed", set(old) - set(new))):
        if names:
            listed = tuple(sorted(map(one_line, names)))
            more = f" and {len(listed) - MAX_NAMES} more" if len(listed) > MAX_NAMES else ""
            yield Change(
                f"{len(listed)} {what} {verb} since previous compose: "
                f"{', '.join(listed[:MAX_NAMES])}{more}",
                names=listed,
            )


def _mounts(
    old: Mapping[str, float], new: Mapping[str, float], thresholds: Thresholds
) -> Iterator[Change]:
    for mount in sorted(old.keys() & new):
        if old[mount] and _differ(old[mount], new[mount], by=thresholds.mount_share * old[mount]):
            share = new[mount] / old[mount]
            yield Change(
                f"Mount {one_line(mount)} contents changed to {share:.2%} of previous size"
            )


def _differ(old: float, new: float, *, by: float) -> bool:
    # 1.3 - 1.0 is not quite 0.3
    return round(abs(new - old) - by, 9) > 0
