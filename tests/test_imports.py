"""Who may import whom: down only, no cycle, a foreign library in one place only."""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: rooms of the house and the floor each is on; a room imports itself and lower floors
FLOORS = {
    "fedora_openqa.__main__": 6,
    # callbacks of the tools before this one, by the names they had
    "fedora_openqa.consumer": 6,
    "autocloudreporter": 6,
    "fedora_openqa.cli": 5,
    "consumers": 5,
    "consumers.files": 4,
    "fedora_openqa.wiring": 4,
    "fedora_openqa.web": 3,
    "fedora_openqa.gateways": 2,
    "fedora_openqa.sandbox": 2,
    "fedora_openqa.store": 2,
    "fedora_openqa.workflows": 2,
    "fedora_openqa.monitoring": 2,
    "fedora_openqa.views": 2,
    "check_compose": 2,
    "fedora_openqa.ports": 1,
    "fedora_openqa.events": 1,
    "fedora_openqa.policy": 1,
    "fedora_openqa.data": 1,
    "fedora_openqa.config": 1,
    "fedora_openqa.model": 0,
    "fedora_openqa.accounts": 0,
    "fedora_openqa.errors": 0,
    "fedora_openqa": 0,
    "fedora_openqa.texts": -1,
}
OURS = ("fedora_openqa", "consumers", "check_compose", "autocloudreporter")

#: where alone each foreign library may be imported; others nowhere
LIBRARIES = {
    "aiohttp": ("fedora_openqa.sandbox",),
    "aiosmtpd": ("fedora_openqa.sandbox",),
    "alembic": ("fedora_openqa.store",),
    "authlib": ("fedora_openqa.gateways.openid",),
    "click": ("fedora_openqa.cli",),
    "fedora_messaging": ("consumers",),
    "fedfind": ("fedora_openqa.gateways.composes.fedfind",),
    "flask": ("fedora_openqa.web",),
    "jinja2": ("check_compose", "fedora_openqa.web"),
    # Authlib checks tokens with it
    "joserfc": ("fedora_openqa.gateways.openid", "fedora_openqa.sandbox"),
    # Flask escapes with it
    "markupsafe": ("fedora_openqa.web",),
    "msgspec": (
        "fedora_openqa.cli",
        "fedora_openqa.config",
        "fedora_openqa.data",
        "fedora_openqa.events",
        "fedora_openqa.gateways",
        "fedora_openqa.sandbox",
        # facts that are kept as JSON
        "fedora_openqa.store",
        "fedora_openqa.views",
        "fedora_openqa.web",
    ),
    # aiohttp is made of multidict and yarl
    "multidict": ("fedora_openqa.sandbox",),
    "mwclient": ("fedora_openqa.gateways.wiki.pages", "fedora_openqa.gateways.wiki.site"),
    "openidc_client": ("fedora_openqa.gateways.wiki.tokens",),
    "openqa_client": ("fedora_openqa.gateways.openqa.api", "fedora_openqa.sandbox"),
    # fedora-messaging is made of it
    "pika": ("consumers.files",),
    "productmd": ("fedora_openqa.sandbox",),
    "psycopg": ("fedora_openqa.store.postgresql",),
    # openqa_client, resultsdb_api and mwclient are made of it and let its errors through
    "requests": (
        "fedora_openqa.gateways.openid",
        "fedora_openqa.gateways.http.client",
        "fedora_openqa.gateways.http.answers",
        "fedora_openqa.gateways.openqa.api",
        "fedora_openqa.gateways.resultsdb.results",
        "fedora_openqa.gateways.http.transport",
        "fedora_openqa.gateways.wiki.site",
        "fedora_openqa.gateways.wiki.tokens",
    ),
    "prometheus_client": ("fedora_openqa.monitoring.metrics",),
    "rich": ("fedora_openqa.cli.output",),
    "resultsdb_api": ("fedora_openqa.gateways.resultsdb.results",),
    "resultsdb_conventions": ("fedora_openqa.gateways.resultsdb.results",),
    "sqlalchemy": ("fedora_openqa.store",),
    # fedora-messaging runs in it
    "twisted": ("consumers.base", "consumers.broker"),
    # `override`, which is in typing from Python 3.12 on
    "typing_extensions": OURS,
    "urllib3": (
        "fedora_openqa.gateways.http.connections",
        "fedora_openqa.gateways.http.answers",
        "fedora_openqa.gateways.http.transport",
    ),
    "wikitcms": (
        "fedora_openqa.gateways.wiki.pages",
        "fedora_openqa.gateways.wiki.places",
        "fedora_openqa.gateways.wiki.rows",
        "fedora_openqa.gateways.wiki.site",
    ),
    "waitress": ("fedora_openqa.web.server",),
    # Flask is made of it
    "werkzeug": ("fedora_openqa.web",),
    # both ends of openQA's templates are made of it
    "yaml": ("fedora_openqa.gateways.yaml_texts", "fedora_openqa.sandbox"),
    "yarl": ("fedora_openqa.sandbox",),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), ast.parse(path.read_text())


MODULES = dict(modules())


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which room is entered"
            assert node.module
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def room(module: str) -> str:
    return max((r for r in FLOORS if module == r or module.startswith(f"{r}.")), key=len)


def within(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    for imported in imports(MODULES[module]):
        if imported.split(".")[0] in OURS and room(imported) != room(module):
            assert FLOORS[room(imported)] < FLOORS[room(module)], f"{module} imports {imported}"


@pytest.mark.parametrize("module", MODULES)
def test_foreign_libraries_stay_in_their_place(module: str) -> None:
    for imported in imports(MODULES[module]):
        library = imported.split(".")[0]
        if library in OURS or library in sys.stdlib_module_names:
            continue
        assert within(module, LIBRARIES[library]), f"{module} imports {library}"


@pytest.mark.parametrize("module", [m for m in MODULES if within(m, ("fedora_openqa.web",))])
def test_pages_know_views_and_ports_and_no_server(module: str) -> None:
    rooms = {room(it) for it in imports(MODULES[module]) if it.split(".")[0] in OURS}
    assert not {it for it in rooms if FLOORS[it] == FLOORS["fedora_openqa.gateways"]} - {
        "fedora_openqa.views"
    }


@pytest.mark.parametrize("module", [m for m in MODULES if FLOORS[room(m)] <= 0])
def test_the_ground_floor_needs_the_standard_library_only(module: str) -> None:
    for imported in imports(MODULES[module]):
        top = imported.split(".")[0]
        assert top == "fedora_openqa" or top in sys.stdlib_module_names


def test_there_is_no_cycle() -> None:
    graph = {
        module: {i for i in imports(tree) if i in MODULES and i != module}
        for module, tree in MODULES.items()
    }
    TopologicalSorter(graph).prepare()
