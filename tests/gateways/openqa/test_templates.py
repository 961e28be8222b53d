import contextlib
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import FedoraOpenQAError, PermanentError, ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.templates import RestTemplates, parse_groups
from fedora_openqa.model.templates import JobTemplate, ProductName, Templates
from tests.support.limits import LIMITS
from tests.support.web import Answer, Request, Web, html, text

PRODUCTS, TEMPLATES = "GET /api/v1/products", "GET /api/v1/job_templates_scheduling"
DVD = ProductName("Server-dvd-iso", "x86_64")
NO_PRODUCTS = '{"Products": []}'

#: a group that is kept as YAML, with all that openQA's schema allows
GROUP = """
defaults:
  x86_64: {machine: 64bit, priority: 50}
  aarch64: {machine: [aarch64, big], priority: 50}
products:
  dvd: {distri: fedora, flavor: Server-dvd-iso, version: '*'}
  other: {distri: opensuse, flavor: DVD, version: '*'}
.usual: &usual {settings: {A: 1}}
scenarios:
  x86_64:
    dvd:
    - install
    - install_uefi: {machine: uefi, testsuite: install, settings: {UEFI: 1}}
    - both: {<<: *usual, machine: [64bit, uefi]}
    - named: {testsuite: null}
    - bare:
    other: [install]
    nowhere: [install]
  aarch64:
    dvd: [install]
"""


def openqa(web: Web) -> RestTemplates:
    return RestTemplates(Reader(LIMITS), web.url)


def product(flavor: str, distri: str = "fedora") -> dict[str, object]:
    return {"id": 1, "distri": distri, "flavor": flavor, "arch": "x86_64", "version": "*"}


def test_tests_are_read_under_the_names_of_their_jobs() -> None:
    expected = "install@64bit install_uefi@uefi both@64bit both@uefi named@64bit bare@64bit"
    names = [name.split("@") for name in expected.split()]
    on_arm = ProductName("Server-dvd-iso", "aarch64")
    assert parse_groups({"fedora": GROUP, "empty": "", "new": "products: {}\nscenarios: {}"}) == {
        *(JobTemplate(DVD, test, machine) for test, machine in names),
        JobTemplate(on_arm, "install", "aarch64"),
        JobTemplate(on_arm, "install", "big"),
    }


def test_two_requests_tell_all(web: Web) -> None:
    products = [product("Server-dvd-iso"), product("idle"), product("DVD", "opensuse")]
    web.answers[PRODUCTS] = text(json.dumps({"Products": products}))
    web.answers[TEMPLATES] = text(yaml.safe_dump({"fedora": GROUP}), type_="text/yaml")
    templates = openqa(web).load()
    assert templates.products == {DVD, ProductName("idle", "x86_64")}
    assert templates.scheduling == {DVD}
    assert web.requests == [PRODUCTS, TEMPLATES]


def test_a_server_may_have_nothing(web: Web) -> None:
    web.answers[PRODUCTS] = text(NO_PRODUCTS)
    web.answers[TEMPLATES] = text("--- {}\n", type_="text/yaml")
    assert openqa(web).load() == Templates(frozenset(), frozenset())


@pytest.mark.parametrize(
    ("products", "templates", "error", "reason"),
    [
        (html(), text("{}"), ServiceUnavailableError, "products: not an answer of openQA"),
        (text("{}"), text("{}"), ServiceUnavailableError, "required field `Products`"),
        (text("", status=404), text("{}"), PermanentError, "is this openQA's URL"),
        (text("", status=503), text("{}"), ServiceUnavailableError, "503"),
        (text(NO_PRODUCTS), html(), ServiceUnavailableError, "scheduling: not an answer of openQA"),
        (text(NO_PRODUCTS), text("a: ["), ServiceUnavailableError, "parsing"),
        (text(NO_PRODUCTS), text("{}\n---\n{}"), ServiceUnavailableError, "not an answer"),
        (
            text(NO_PRODUCTS),
            text("a: 'scenarios: 7'"),
            ServiceUnavailableError,
            "Expected `object`",
        ),
        (text(NO_PRODUCTS), text("a: 'b: ['"), ServiceUnavailableError, "parsing"),
    ],
)
def test_what_is_not_openqas_is_an_error_in_a_line(
    web: Web, products: Answer, templates: Answer, error: type[FedoraOpenQAError], reason: str
) -> None:
    web.answers[PRODUCTS], web.answers[TEMPLATES] = products, templates
    with pytest.raises(error, match=reason) as failure:
        openqa(web).load()
    assert "\n" not in str(failure.value)


def test_products_are_read_to_their_end(web: Web) -> None:
    products = [{**product(f"flavor-{number}"), "id": number} for number in range(250)]

    def answer(request: Request) -> None:
        start = int(request.path.partition("offset=")[2] or 0)
        text(json.dumps({"Products": products[start : start + 100]}))(request)

    web.answers[PRODUCTS], web.answers[TEMPLATES] = answer, text("{}")
    assert len(openqa(web).load().products) == 250
    assert len(web.requests) == 3 + 1


def test_openqa_that_knows_no_offset_is_asked_once_more(web: Web) -> None:
    products = [{**product(f"flavor-{number}"), "id": number} for number in range(100)]
    web.answers[PRODUCTS] = text(json.dumps({"Products": products}))
    web.answers[TEMPLATES] = text("{}")
    assert len(openqa(web).load().products) == 100
    assert len(web.requests) == 2 + 1


class Canned(Reader):
    """A reader without a network."""

    def __init__(self, templates: bytes) -> None:
        super().__init__(LIMITS)
        self.templates = templates

    def fetch(self, url: str) -> bytes | None:
        return NO_PRODUCTS.encode() if url.endswith("products") else self.templates


WORDS = st.sampled_from(["defaults", "products", "scenarios", "x86_64", "dvd", "machine", "fedora"])
JSON = st.recursive(
    st.none() | WORDS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=20,
)
TEXTS = st.dictionaries(st.text(), JSON.map(json.dumps)).map(yaml.safe_dump).map(str.encode)


@given(st.binary() | TEXTS)
def test_any_answer_is_templates_or_refused(content: bytes) -> None:
    with contextlib.suppress(ServiceUnavailableError):
        RestTemplates(Canned(content), "https://openqa.example").load()
