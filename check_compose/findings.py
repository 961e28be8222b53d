"""What a report found beside the results of tests: images, their sizes, installed systems; pure.

Our pages show it, without asking anybody again.
"""

from collections.abc import Iterator

from check_compose.facts import Facts, ImageKind
from check_compose.report import Report
from check_compose.system_changes import DEFAULT_THRESHOLDS, Thresholds
from fedora_openqa.texts import first_line

#: lines that are kept, and characters of each
MOST, LENGTH = 60, 200

MIB = 1024 * 1024


def findings_of(
    facts: Facts, report: Report, *, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> tuple[str, ...]:
    """Return a line for each finding, what is missing first; at most `MOST`.

    An image counts if its size changed by more than the share of a mount.
    """
    lines = (*_images(report), *_sizes(facts, thresholds), *_systems(report))
    found = tuple(first_line(line)[:LENGTH] for line in lines)
    more = (f"and {len(found) - MOST + 1} more",) if len(found) > MOST else ()
    return found[: MOST - len(more)] + more


def _images(report: Report) -> Iterator[str]:
    if report.missing_images is None:
        yield "which expected images are missing is not known"
    for image in report.missing_images or ():
        yield f"missing: {_name(image)}"
    for image in report.added_images or ():
        yield f"new: {_name(image)}"
    for image in report.removed_images or ():
        yield f"no longer there: {_name(image)}"


def _sizes(facts: Facts, thresholds: Thresholds) -> Iterator[str]:
    before = facts.previous.sizes if facts.previous else {}
    for image, size in sorted(facts.compose.sizes.items()):
        old = before.get(image)
        if old and abs(size - old) > thresholds.mount_share * old:
            change = f"{old / MIB:.0f} MiB to {size / MIB:.0f} MiB, {size / old - 1:+.0%}"
            yield f"size of {_name(image)}: {change}"


def _systems(report: Report) -> Iterator[str]:
    for system in report.systems:
        for change in system.changes:
            # the report has the names of packages and services
            text = change.text.partition(":")[0] if change.names else change.text
            yield f"{system.scenario}: {text}"


def _name(image: ImageKind) -> str:
    return f"{image.subvariant} {image.type} {image.arch}"
