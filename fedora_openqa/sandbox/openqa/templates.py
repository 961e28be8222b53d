"""Job templates in openQA's dump format, loaded and checked.

It must not make jobs of them; `plan` does.

The format is that of `openqa-load-templates`: the tables `Machines`, `Products`, `TestSuites`
and `JobTemplates`, settings as lists of `{"key": …, "value": …}`. Settings of a job template are
honoured as openQA honours those of its YAML groups; the loader of openQA 4.6 drops them silently.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from fedora_openqa.errors import ConfigError

Settings = Mapping[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class Machine:
    """A machine of openQA."""

    #: `64bit`
    name: str
    #: `qemu`
    backend: str
    settings: Settings


@dataclass(frozen=True)
class Product:
    """A product of openQA; the version `*` stands for all versions without their own product."""

    distri: str
    version: str
    flavor: str
    arch: str
    settings: Settings

    @property
    def label(self) -> str:
        """Return its four names as one, for messages."""
        return f"{self.distri}-{self.version}-{self.flavor}-{self.arch}"


@dataclass(frozen=True)
class Suite:
    """A test suite of openQA."""

    name: str
    settings: Settings


@dataclass(frozen=True)
class JobTemplate:
    """A job to create when its product is posted."""

    product: Product
    machine: Machine
    suite: Suite
    group: str
    #: 0 is the most urgent; None: the group's default
    priority: int | None
    settings: Settings


@dataclass(frozen=True)
class Templates:
    """All tables, in the order of the file, which is the order of openQA's ids."""

    machines: tuple[Machine, ...] = ()
    products: tuple[Product, ...] = ()
    suites: tuple[Suite, ...] = ()
    job_templates: tuple[JobTemplate, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the groups of the job templates, in order of appearance."""
        return tuple(dict.fromkeys(row.group for row in self.job_templates))


def load_templates(path: Path) -> Templates:
    """Return the templates of a file.

    Raises:
        ConfigError: the file cannot be read, is not JSON, or its rows do not fit together.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ConfigError(f"templates {path}: {problem.strerror}") from problem
    except ValueError as problem:
        raise ConfigError(f"templates {path}: not JSON: {problem}") from problem
    try:
        return parse_templates(data)
    except ConfigError as problem:
        raise ConfigError(f"templates {path}: {problem}") from problem


def parse_templates(data: object) -> Templates:
    """Return the templates of a parsed file.

    Raises:
        ConfigError: a row is incomplete, is there twice, or names something that does not exist.
    """
    if not isinstance(data, dict):
        raise ConfigError("expected an object with Machines, Products, TestSuites, JobTemplates")
    machines = _unique("Machines", [_machine(row) for row in _rows(data, "Machines")])
    products = _unique("Products", [_product(row) for row in _rows(data, "Products")])
    suites = _unique("TestSuites", [_suite(row) for row in _rows(data, "TestSuites")])
    tables = _Tables(machines, products, suites)
    rows = [tables.job_template(row) for row in _rows(data, "JobTemplates")]
    _refuse_duplicates(rows)
    return Templates(
        tuple(machines.values()), tuple(products.values()), tuple(suites.values()), tuple(rows)
    )


@dataclass(frozen=True)
class _Row:
    """A row of a table, with its place for messages."""

    where: str
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise ConfigError(f"{self.where}: {name}: expected a text")
        return value

    def inner(self, name: str) -> "_Row":
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise ConfigError(f"{self.where}: {name}: expected an object")
        return _Row(f"{self.where}: {name}", value)

    def settings(self) -> Settings:
        pairs = self.fields.get("settings", [])
        if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
            raise ConfigError(f'{self.where}: settings: expected a list of {{"key", "value"}}')
        return {pair["key"]: str(pair["value"]) for pair in pairs}

    def priority(self) -> int | None:
        value = self.fields.get("prio")
        if value is None or value == "inherit":
            return None
        if isinstance(value, bool) or not str(value).isdecimal():
            raise ConfigError(f"{self.where}: prio: expected a number")
        # openQA's loader treats 0 as "not given"
        return int(value) or None


@dataclass(frozen=True)
class _Tables:
    machines: Mapping[str, Machine]
    products: Mapping[str, Product]
    suites: Mapping[str, Suite]

    def job_template(self, row: _Row) -> JobTemplate:
        product = row.inner("product")
        names = [product.text(name) for name in ("distri", "version", "flavor", "arch")]
        return JobTemplate(
            product=_named(row, "product", self.products, name="-".join(names)),
            machine=_named(row, "machine", self.machines, name=row.inner("machine").text("name")),
            suite=_named(row, "test suite", self.suites, name=row.inner("test_suite").text("name")),
            group=row.text("group_name"),
            priority=row.priority(),
            settings=row.settings(),
        )


def _machine(row: _Row) -> tuple[str, Machine]:
    name = row.text("name")
    return name, Machine(name, row.text("backend"), row.settings())


def _product(row: _Row) -> tuple[str, Product]:
    product = Product(
        distri=row.text("distri"),
        version=row.text("version"),
        flavor=row.text("flavor"),
        arch=row.text("arch"),
        settings=row.settings(),
    )
    return product.label, product


def _suite(row: _Row) -> tuple[str, Suite]:
    name = row.text("name")
    return name, Suite(name, row.settings())


def _rows(data: Mapping[str, Any], table: str) -> Iterable[_Row]:
    rows = data.get(table, [])
    if not isinstance(rows, list):
        raise ConfigError(f"{table}: expected a list")
    for number, fields in enumerate(rows):
        if not isinstance(fields, dict):
            raise ConfigError(f"{table}[{number}]: expected an object")
        yield _Row(f"{table}[{number}]", fields)


def _unique(table: str, rows: Iterable[tuple[str, T]]) -> dict[str, T]:
    found: dict[str, T] = {}
    for number, (name, row) in enumerate(rows):
        if name in found:
            raise ConfigError(f'{table}[{number}]: "{name}" is there twice')
        found[name] = row
    return found


def _named(row: _Row, kind: str, table: Mapping[str, T], *, name: str) -> T:
    if name not in table:
        raise ConfigError(f'{row.where}: no {kind} "{name}"')
    return table[name]


def _refuse_duplicates(rows: Iterable[JobTemplate]) -> None:
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows):
        key = (row.product.label, row.machine.name, row.suite.name, row.group)
        if key in seen:
            raise ConfigError(f'JobTemplates[{number}]: "{" ".join(key)}" is there twice')
        seen.add(key)


def _is_pair(pair: object) -> bool:
    return (
        isinstance(pair, dict)
        and isinstance(pair.get("key"), str)
        and isinstance(pair.get("value"), str | int)
    )
