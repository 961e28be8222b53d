"""What a report found of images, their sizes and installed systems."""

from dataclasses import replace

from check_compose.compare import compare
from check_compose.facts import Facts, ImageKind
from check_compose.findings import LENGTH, MIB, MOST, findings_of
from check_compose.system_changes import DEFAULT_THRESHOLDS
from tests.check_compose.cases import CASES, IMAGES, KDE_LIVE, SERVER_DVD, facts


def found(one: Facts) -> tuple[str, ...]:
    return findings_of(one, compare(one, thresholds=DEFAULT_THRESHOLDS))


def sized(before: dict[ImageKind, int], now: dict[ImageKind, int]) -> Facts:
    one = facts()
    assert one.previous
    return replace(
        one, compose=replace(one.compose, sizes=now), previous=replace(one.previous, sizes=before)
    )


def test_an_image_that_grew_or_shrank_much_is_found() -> None:
    before = {SERVER_DVD: 2000 * MIB, KDE_LIVE: 1000 * MIB}
    assert found(sized(before, {SERVER_DVD: 2299 * MIB, KDE_LIVE: 851 * MIB})) == ()
    assert found(sized(before, {SERVER_DVD: 2400 * MIB, KDE_LIVE: 500 * MIB})) == (
        "size of KDE live x86_64: 1000 MiB to 500 MiB, -50%",
        "size of Server dvd x86_64: 2000 MiB to 2400 MiB, +20%",
    )
    # nothing to compare with
    assert found(sized({}, {SERVER_DVD: 1})) == ()
    assert found(replace(sized({}, {SERVER_DVD: 1}), previous=None)) == ()


def test_missing_and_new_images_and_installed_systems_are_found() -> None:
    one = facts()
    one = replace(one, missing_images=(KDE_LIVE,))
    assert found(one) == ("missing: KDE live x86_64",)
    assert found(replace(one, missing_images=None)) == (
        "which expected images are missing is not known",
    )
    added = replace(one.compose, images=IMAGES | {ImageKind("i3", "live", "aarch64")})
    assert "new: i3 live aarch64" in found(replace(one, compose=added))
    of_systems = [
        line for name in sorted(CASES) for line in found(CASES[name]) if "Used mem" in line
    ]
    assert of_systems


def test_findings_are_few_short_lines() -> None:
    many = tuple(ImageKind(f"S{number}\n{'x' * 300}", "dvd", "x86_64") for number in range(100))
    lines = found(replace(facts(), missing_images=many))
    assert (len(lines), lines[-1]) == (MOST, "and 41 more")
    assert all(len(line) <= LENGTH and line.isprintable() for line in lines)
