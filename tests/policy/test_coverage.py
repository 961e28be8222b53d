import pytest
from fedfind.helpers import identify_image

from fedora_openqa.data import load_compose_tables, load_flavor_tables
from fedora_openqa.model.findings import FindingKind
from fedora_openqa.model.tables import (
    ComposeTables,
    FlavorTable,
    FlavorTables,
    ImagelessProduct,
    WantedImage,
)
from fedora_openqa.model.templates import JobTemplate, ProductName, Templates
from fedora_openqa.policy.coverage import (
    compare_templates,
    coverage_of,
    flavor_of_image,
    products_of_composes,
)

TABLES = ComposeTables(
    images=(WantedImage("Cloud-Base", "raw-xz", "raw.xz", "aarch64"),),
    imageless=(ImagelessProduct("universal", "x86_64", "Server", "upgrade"),),
)
FLAVORS = FlavorTables(
    fedora=FlavorTable(groups={"core": ("server", "kde")}, packages={"pki-core": ("server",)}),
    eln=FlavorTable(groups={"core": ("boot",)}, packages={}),
)
#: what those make, on an x86_64 site
SCHEDULED = (
    "Cloud_Base-raw_xz-raw.xz aarch64",
    "universal x86_64",
    "updates-server x86_64",
    "updates-kde x86_64",
    "updates-boot x86_64",
    "CoreOS-colive-iso x86_64",
)


def name(text: str) -> ProductName:
    return ProductName(*text.split())


def templates(*products: str, without_jobs: tuple[str, ...] = ()) -> Templates:
    return Templates(
        products=frozenset(map(name, products + without_jobs)),
        job_templates=frozenset(JobTemplate(name(text), "install", "64bit") for text in products),
    )


@pytest.mark.parametrize("row", load_compose_tables().images)
def test_flavors_of_images_are_named_as_fedfind_names_them(row: WantedImage) -> None:
    image = {"subvariant": row.subvariant, "type": row.type, "format": row.format, "path": "a/b"}
    assert flavor_of_image(row) == identify_image(image, out="string", undersub=True)


def test_composes_are_scheduled_on_all_arches_of_the_table_or_on_some() -> None:
    assert set(products_of_composes(TABLES)) == {name(text) for text in SCHEDULED[:2]}
    assert products_of_composes(TABLES, ["aarch64"]) == {name(SCHEDULED[0])}


@pytest.mark.parametrize(
    ("there", "found"),
    [
        (templates(*SCHEDULED), []),
        (templates(*SCHEDULED[:-1], "CoreOS-colive-iso aarch64"), []),
        (templates(*SCHEDULED[1:]), [(FindingKind.NO_PRODUCT, SCHEDULED[0])]),
        (templates(*SCHEDULED[:-1]), [(FindingKind.NO_PRODUCT, "CoreOS-colive-iso")]),
        (
            templates(*SCHEDULED[:-2], without_jobs=SCHEDULED[-2:]),
            [
                (FindingKind.NO_JOB_TEMPLATE, "updates-boot x86_64"),
                (FindingKind.NO_JOB_TEMPLATE, "CoreOS-colive-iso"),
            ],
        ),
        (
            templates(*SCHEDULED, "updates-server aarch64", without_jobs=("Games-live-iso x86_64",)),
            [
                (FindingKind.NEVER_SCHEDULED, "Games-live-iso x86_64"),
                (FindingKind.NEVER_SCHEDULED, "updates-server aarch64"),
            ],
        ),
    ],
)  # fmt: skip
def test_what_differs_is_found(there: Templates, found: list[tuple[FindingKind, str]]) -> None:
    coverage = coverage_of(TABLES, FLAVORS, compose_arches=(), update_arches=["x86_64"])
    findings = compare_templates(coverage, there)
    assert [(finding.kind, finding.about) for finding in findings] == found
    for finding in findings:
        assert finding.is_problem == (finding.kind is not FindingKind.NEVER_SCHEDULED)


def test_an_empty_server_lacks_everything() -> None:
    coverage = coverage_of(
        load_compose_tables(), load_flavor_tables(), compose_arches=(), update_arches=["x86_64"]
    )
    findings = compare_templates(coverage, templates())
    assert {finding.kind for finding in findings} == {FindingKind.NO_PRODUCT}
    assert len(findings) == 26 + 5 + 11 + 1


def test_composes_are_scheduled_on_the_configured_arches_only() -> None:
    coverage = coverage_of(TABLES, FLAVORS, compose_arches=["x86_64"], update_arches=["x86_64"])
    assert coverage.composes == {name(SCHEDULED[1])}
    there = templates(*SCHEDULED)
    assert [(it.kind, it.about) for it in compare_templates(coverage, there)] == [
        (FindingKind.NEVER_SCHEDULED, SCHEDULED[0])
    ]
    assert compare_templates(coverage, templates(*SCHEDULED[1:])) == ()
