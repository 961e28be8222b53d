"""How times and durations are written."""

from datetime import UTC, datetime, timedelta


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
