from pathlib import Path

import pytest

from fedora_openqa.data import load_compose_tables
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.errors import ConfigError
from fedora_openqa.model.tables import ImagelessProduct, WantedImage
from fedora_openqa.model.wiki import SuiteRow, WikiCase, WikiTables

#: what Fedora tests: subvariant, type, format and arch of each image
WANTED = """
Server boot iso x86_64 | Server dvd iso x86_64 | Everything boot iso x86_64
Workstation live iso x86_64 | Workstation live-osbuild iso x86_64 | KDE live iso x86_64
i3 live iso x86_64 | Silverblue dvd-ostree iso x86_64 | IoT dvd-ostree iso x86_64
BaseOS dvd iso x86_64 | BaseOS boot iso x86_64 | Cloud_Base qcow2 qcow2 x86_64
Everything boot iso ppc64le | Workstation live iso ppc64le | Server boot iso ppc64le
Server dvd iso ppc64le | Cloud_Base qcow2 qcow2 ppc64le | Silverblue dvd-ostree iso ppc64le
IoT dvd-ostree iso ppc64le | Minimal raw-xz raw.xz aarch64 | Server boot iso aarch64
Server dvd iso aarch64 | Server raw-xz raw.xz aarch64 | Workstation raw-xz raw.xz aarch64
Cloud_Base qcow2 qcow2 aarch64 | IoT dvd-ostree iso aarch64
"""
ROW = '[[image]]\nsubvariant = "KDE"\ntype = "live"\nformat = "iso"\narches = ["x86_64"]\n'


def test_the_wanted_images_are_fedoras() -> None:
    wanted = {WantedImage(*row.split()) for row in WANTED.replace("\n", "|").split("|") if row}
    assert set(load_compose_tables().images) == wanted
    assert len(wanted) == 26


def test_so_are_the_products_without_an_image() -> None:
    assert set(load_compose_tables().imageless) == {
        ImagelessProduct("Workstation-upgrade", "x86_64", "Workstation", "upgrade"),
        ImagelessProduct("Workstation-upgrade", "aarch64", "Workstation", "upgrade"),
        ImagelessProduct("universal", "x86_64", "Server", "upgrade"),
        ImagelessProduct("universal", "aarch64", "Server", "upgrade"),
        ImagelessProduct("universal", "ppc64le", "Server", "upgrade"),
    }


def test_a_directory_may_replace_a_table(tmp_path: Path) -> None:
    assert len(load_compose_tables(tmp_path).images) == 26
    (tmp_path / "images.toml").write_text(ROW)
    tables = load_compose_tables(tmp_path)
    assert tables.images == (WantedImage("KDE", "live", "iso", "x86_64"),)
    assert tables.imageless == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[image]\n", "line 1"),
        ("", "required field `image`"),
        (
            ROW
            + '[[imageless]]\nflavor = "x"\nsubvariant = "a"\nimagetype = "b"\narches = ["x86_64"]\n'
            + '[[imageless]]\nflavor = "x"\nsubvariant = "b"\nimagetype = "b"\narches = ["x86_64"]\n',
            "twice the same row",
        ),
        (ROW + "size = 1\n", r"unknown field `size` - at `\$\.image\[0\]`"),
        (ROW.replace('"iso"', '""'), r"length >= 1 - at `\$\.image\[0\]\.format`"),
        (ROW.replace('["x86_64"]', "[]"), r"length >= 1 - at `\$\.image\[0\]\.arches`"),
        (ROW + ROW, "twice the same row.*KDE"),
    ],
)
def test_a_broken_table_is_named_with_row_and_expectation(
    text: str, expected: str, tmp_path: Path
) -> None:
    (tmp_path / "images.toml").write_text(text)
    with pytest.raises(ConfigError, match=expected) as failure:
        load_compose_tables(tmp_path)
    assert str(failure.value).startswith(f"{tmp_path}/images.toml: ")


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a directory"):
        load_compose_tables(tmp_path / "none")


# the wiki's tables

CASE = '{ type = "Base", env = "$RUNARCH$" }'


def write_wiki_tables(directory: Path, suites: str = "", cases: str = "", rest: str = "") -> None:
    (directory / "testsuites.toml").write_text(f"[suites]\n{suites}\n{rest}")
    (directory / "testcases.toml").write_text(f"[testcases]\n{cases}\n")


def test_a_directory_may_replace_the_wikis_tables(tmp_path: Path) -> None:
    assert load_wiki_tables(tmp_path) == load_wiki_tables()
    conditions = 'requires_modules = ["c"], requires_suites = ["d", "e"]'
    write_wiki_tables(
        tmp_path,
        suites=f'a = ["QA:b", {{ testcase = "QA:b", {conditions} }}]',
        cases=f'"QA:b" = {CASE}\n"QA:c" = {{ type = "T", section = "S", env = "E", name = "N" }}',
        rest='[apps]\na = "file manager"\n',
    )
    assert load_wiki_tables(tmp_path) == WikiTables(
        suites={"a": (SuiteRow("QA:b"), SuiteRow("QA:b", ("c",), ("d", "e")))},
        cases={"QA:b": WikiCase("Base", "$RUNARCH$"), "QA:c": WikiCase("T", "E", "S", "N")},
        apps={"a": "file manager"},
    )


def test_a_suite_passes_nothing_or_something(tmp_path: Path) -> None:
    text = 'passes_nothing = ["b", "a"]\n[suites]\na = ["QA:b"]\n'
    (tmp_path / "testsuites.toml").write_text(text)
    with pytest.raises(ConfigError, match="line 3: a: a suite of passes_nothing"):
        load_wiki_tables(tmp_path)
    (tmp_path / "testsuites.toml").write_text(text.replace(', "a"', ""))
    assert load_wiki_tables(tmp_path).passes_nothing == {"b"}


@pytest.mark.parametrize(
    ("suites", "cases", "expected"),
    [
        ("a = [", "", "testsuites.toml: Invalid value"),
        ("a = []", "", "testsuites.toml: line 2: a: at least one test case is expected"),
        ('a = "QA:b"', "", "testsuites.toml: line 2: a: Expected `array`, got `str`"),
        ('a = [""]', "", "testsuites.toml: line 2: a: .*length >= 1"),
        ('a = [{ test = "b" }]', "", "testsuites.toml: line 2: a: .*unknown field `test`"),
        ('a = [{ testcase = "b", requires_suites = "c" }]', "", "line 2: a: Expected `array`"),
        ('b = ["QA:a"]\na = ["QA:b", "QA:b"]', "", "testsuites.toml: a: twice the same row.*QA:b"),
        ("", '"QA:b" = {}', "testcases.toml: line 2: QA:b: .*required field `type`"),
        ("", f'"QA:b" = {CASE}\n"QA:b" = {CASE}', "testcases.toml: .*overwrite"),
        ("", f'"QA:b" = {CASE}\n"QA:c" = 1', "testcases.toml: line 3: QA:c: Expected `object`"),
        ("", f'"QA:b" = {CASE.replace("RUN", "")}', "line 2: QA:b: unknown placeholder in '[$]ARCH[$]'"),
        ("", f'"QA:b" = {CASE.replace("H$", "H")}', "line 2: QA:b: unknown placeholder in '[$]RUNARCH'"),
    ],
)  # fmt: skip
def test_a_broken_row_of_them_is_named(
    suites: str, cases: str, expected: str, tmp_path: Path
) -> None:
    write_wiki_tables(tmp_path, suites=suites, cases=cases)
    with pytest.raises(ConfigError, match=expected) as failure:
        load_wiki_tables(tmp_path)
    assert str(failure.value).startswith(f"{tmp_path}/")


# what reasons say about the cause of a failure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[reason]]\nkind = "weather"\nbegins = ["a"]', "Invalid enum value 'weather'"),
        ('[[reason]]\nkind = "infra"\nbegins = []', "length >= 1"),
        ('[[reason]]\nkind = "infra"\nbegins = ["a", "A"]', "twice the same row: a"),
    ],
)
def test_a_broken_row_of_reasons_is_named(text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "failure_reasons.toml").write_text(text)
    with pytest.raises(ConfigError, match=expected):
        load_reason_rules(tmp_path)
