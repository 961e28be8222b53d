"""openQA's products and job templates, over its REST API; needs no API key.

Job templates are read as one YAML text for each job group, also of groups that were loaded from
JSON. ``GET job_templates`` would list rows, but it cuts the list, and of a test with a name of its
own it only shows the test suite.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import PermanentError, ServiceUnavailableError
from fedora_openqa.gateways.http.answers import UNREADABLE
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.yaml_texts import NotYamlError, parse_documents
from fedora_openqa.model.templates import JobTemplate, ProductName, Templates
from fedora_openqa.texts import first_line

#: the only DISTRI that we post
DISTRI = "fedora"

#: pages of a table
MOST_PAGES = 100

_UNREADABLE = (NotYamlError, *UNREADABLE)


class _TableProduct(msgspec.Struct, frozen=True):
    id: int
    distri: str
    flavor: str
    arch: str


class _Table(msgspec.Struct, frozen=True):
    products: list[_TableProduct] = msgspec.field(name="Products")


class _Product(msgspec.Struct, frozen=True):
    distri: str
    flavor: str


class _Defaults(msgspec.Struct, frozen=True):
    machine: str | list[str] = []


class _Scenario(msgspec.Struct, frozen=True):
    machine: str | list[str] | None = None


class _Group(msgspec.Struct, frozen=True):
    #: arch to the defaults of its scenarios
    defaults: dict[str, _Defaults] = {}
    #: the group's own name of a product to the product
    products: dict[str, _Product] = {}
    #: arch to the group's own name of a product to tests: a name, or a name with attributes
    scenarios: dict[str, dict[str, list[str | dict[str, _Scenario | None]] | None]] = {}


class RestTemplates(ports.OpenQATemplates):
    """The products and job templates of an openQA server."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the openQA at ``url``."""
        self._reader = reader
        self._url = f"{url}/api/v1"

    @override
    def load(self) -> Templates:
        products = self._products("products")
        return Templates(
            products=frozenset(
                ProductName(row.flavor, row.arch) for row in products if row.distri == DISTRI
            ),
            job_templates=self._job_templates("job_templates_scheduling"),
        )

    def _products(self, path: str) -> list[_TableProduct]:
        """Return all rows of a table.

        openQA cuts a table at its own limit without notice. Such limits are multiples of 100.
        Versions of openQA that ignore offsets return the same rows again.
        """
        found: dict[_TableProduct, None] = {}
        offset = 0
        for _ in range(MOST_PAGES):
            rows = self._page(f"{path}?offset={offset}" if offset else path)
            new = [row for row in rows if row not in found]
            found |= dict.fromkeys(new)
            offset += len(rows)
            if not new or len(rows) % 100:
                return list(found)
        raise ServiceUnavailableError(f"GET {self._url}/{path}: the list has no end")

    def _page(self, path: str) -> list[_TableProduct]:
        text = self._fetch(path)
        try:
            return msgspec.json.decode(text, type=_Table).products
        except _UNREADABLE as exc:
            raise self._unreadable(path, exc) from exc

    def _job_templates(self, path: str) -> frozenset[JobTemplate]:
        text = self._fetch(path)
        try:
            (groups,) = parse_documents(text) or [{}]
            return parse_groups(msgspec.convert(groups, dict[str, str]))
        except _UNREADABLE as exc:
            raise self._unreadable(path, exc) from exc

    def _fetch(self, path: str) -> bytes:
        text = self._reader.fetch(f"{self._url}/{path}")
        if text is None:
            raise PermanentError(f"GET {self._url}/{path}: not there: is this openQA's URL?")
        return text

    def _unreadable(self, path: str, exc: Exception) -> ServiceUnavailableError:
        reason = first_line(str(exc))
        return ServiceUnavailableError(f"GET {self._url}/{path}: not an answer of openQA: {reason}")


def parse_groups(groups: Mapping[str, str]) -> frozenset[JobTemplate]:
    """Return the job templates of all groups, without those of other distributions.

    :param groups: name to YAML text

    Raises:
        NotYamlError, msgspec.ValidationError, RecursionError: a text does not follow openQA's
            schema.
    """
    found: set[JobTemplate] = set()
    for text in groups.values():
        for document in parse_documents(text):
            found.update(_job_templates(msgspec.convert(document or {}, _Group)))
    return frozenset(found)


def _job_templates(group: _Group) -> Iterator[JobTemplate]:
    for arch, products in group.scenarios.items():
        usual = group.defaults.get(arch, _Defaults()).machine
        for name, scenarios in products.items():
            product = group.products.get(name)
            if product is None or product.distri != DISTRI:
                continue
            for test, own in _tests(scenarios or []):
                for machine in _machines(own or usual):
                    yield JobTemplate(ProductName(product.flavor, arch), test, machine)


def _machines(machine: str | list[str]) -> Iterable[str]:
    return [machine] if isinstance(machine, str) else machine


def _tests(
    scenarios: list[str | dict[str, _Scenario | None]],
) -> Iterator[tuple[str, str | list[str] | None]]:
    for scenario in scenarios:
        if isinstance(scenario, str):
            yield scenario, None
        else:
            # the key is the name of the job, even if a "testsuite" is below it
            for test, attributes in scenario.items():
                yield test, attributes.machine if attributes else None
