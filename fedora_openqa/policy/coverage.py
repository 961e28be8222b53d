"""Compares the products that are scheduled with openQA's products and job templates."""

from collections.abc import Collection
from dataclasses import dataclass

from fedora_openqa.model.findings import Finding, FindingKind
from fedora_openqa.model.tables import ComposeTables, FlavorTables, WantedImage
from fedora_openqa.model.templates import ProductName, Templates
from fedora_openqa.policy.coreos import FLAVOR as COREOS_FLAVOR
from fedora_openqa.policy.flavors import PREFIX


@dataclass(frozen=True, slots=True)
class Coverage:
    """The products that are scheduled without a person, by our tables and the configured arches."""

    #: images and image-less products of composes, on the configured arches
    composes: frozenset[ProductName]
    #: updates, Koji tasks, side tags and COPRs, on the configured arches
    packages: frozenset[ProductName]
    #: flavors that no table lists arches of: each build is of one arch
    on_any_arch: frozenset[str] = frozenset({COREOS_FLAVOR})


def flavor_of_image(image: WantedImage) -> str:
    """Return the flavor of an image of the table: ``"Minimal-raw_xz-raw.xz"``.

    fedfind's rule (`helpers.identify_image` with ``undersub``), which openQA's
    products are named by; fedfind itself needs the metadata of a real image.
    """
    parts = (image.subvariant, image.type, image.format)
    return "-".join(part.replace("-", "_") for part in parts)


def products_of_composes(
    tables: ComposeTables, arches: Collection[str] = ()
) -> frozenset[ProductName]:
    """Return the products that can be scheduled for composes.

    :param arches: only these; empty: all of the table
    """
    images = (ProductName(flavor_of_image(row), row.arch) for row in tables.images)
    imageless = (ProductName(row.flavor, row.arch) for row in tables.imageless)
    return frozenset(name for name in (*images, *imageless) if not arches or name.arch in arches)


def coverage_of(
    compose_tables: ComposeTables,
    flavor_tables: FlavorTables,
    *,
    compose_arches: Collection[str],
    update_arches: Collection[str],
) -> Coverage:
    """Return all products that are scheduled without a person.

    :param compose_arches: arches of composes; empty: all of the table
    """
    flavors = {*flavor_tables.fedora.all_flavors, *flavor_tables.eln.all_flavors}
    return Coverage(
        composes=products_of_composes(compose_tables, compose_arches),
        packages=frozenset(
            ProductName(f"{PREFIX}{flavor}", arch) for flavor in flavors for arch in update_arches
        ),
    )


def compare_templates(coverage: Coverage, templates: Templates) -> tuple[Finding, ...]:
    """Find products that openQA has no jobs for, and products that are never scheduled."""
    scheduled = coverage.composes | coverage.packages
    anywhere = {name.flavor for name in templates.products}
    anywhere_with_jobs = {name.flavor for name in templates.scheduling}
    missing = [
        *map(str, sorted(scheduled - templates.products)),
        *sorted(coverage.on_any_arch - anywhere),
    ]
    without_jobs = [
        *map(str, sorted((scheduled & templates.products) - templates.scheduling)),
        *sorted((coverage.on_any_arch & anywhere) - anywhere_with_jobs),
    ]
    unused = [
        str(name)
        for name in sorted(templates.products - scheduled)
        if name.flavor not in coverage.on_any_arch
    ]
    return (
        *(Finding(FindingKind.NO_PRODUCT, about) for about in missing),
        *(Finding(FindingKind.NO_JOB_TEMPLATE, about) for about in without_jobs),
        *(Finding(FindingKind.NEVER_SCHEDULED, about) for about in unused),
    )
