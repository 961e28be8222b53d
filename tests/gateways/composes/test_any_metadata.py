"""Any metadata of a compose becomes a plan for openQA or one of our errors."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.data import load_compose_tables
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.gateways.composes.pungi import PungiComposes
from fedora_openqa.model.requests import ComposeRequest
from fedora_openqa.policy.composes import plan_compose
from fedora_openqa.texts import one_line
from tests.support.composes import NUMBERS
from tests.support.json_values import JSON
from tests.support.metadata import ID, Files, composeinfo

LOCATION = f"http://mirror.example/compose/44/{ID}/compose"
TABLES = load_compose_tables()

WORDS = (
    st.sampled_from(["Server", "dvd", "iso", "x86_64", "%X%", "a\nb", "\x1b[0m", "", " "])
    | st.text()
)
PATHS = (
    st.sampled_from(["a/b.iso", "b.iso", "../c", "/d", "http://x/y", "%e", "a/./b", "x\ny"])
    | st.text()
)
IMAGES = st.fixed_dictionaries(
    {"subvariant": WORDS, "type": WORDS, "format": WORDS, "arch": WORDS},
    optional={
        "path": PATHS,
        "location": st.fixed_dictionaries({"url": PATHS}),
        "disc_number": st.integers(),
        "bootable": st.booleans(),
    },
)
#: as tables want them, in one file or several
WANTED = st.fixed_dictionaries(
    {
        "subvariant": st.just("Server"),
        "type": st.sampled_from(["dvd", "boot"]),
        "format": st.just("iso"),
        "arch": st.sampled_from(["x86_64", "aarch64"]),
        "path": st.sampled_from(["a.iso", "b.iso", "c-dvd-.iso"]),
        "bootable": st.booleans(),
        "disc_number": st.integers(1, 2),
    }
)
VERSIONS = st.sampled_from(["1.0", "1.2", "2.0", "3.0", "x"])


def plan(info: object, images: object, status: bytes) -> None:
    """Check the plan that this metadata leads to, if any."""
    files = {
        f"{LOCATION.removesuffix('/compose')}/STATUS": status,
        f"{LOCATION}/metadata/composeinfo.json": json.dumps(info).encode(),
        f"{LOCATION}/metadata/images.json": json.dumps(images).encode(),
    }
    try:
        compose = PungiComposes(Files(files), allowed_hosts=["mirror.example"]).load(LOCATION)
    except FedoraOpenQAError:
        return
    request = ComposeRequest(location=LOCATION)
    made = plan_compose(compose, request, tables=TABLES, numbers=NUMBERS, site={})
    products = [*made.products, *(result.product for result in made.impossible)]
    assert len({(product.flavor, product.arch) for product in products}) == len(products)
    for product in products:
        for value in product.settings.values():
            assert one_line(value) == value
            assert "%" not in value
            assert len(value.encode()) <= 2000
        for url in (v for k, v in product.settings.items() if k.endswith("_URL")):
            assert url.startswith(f"{LOCATION}/")
            assert "/../" not in url


@given(
    listed=st.lists(IMAGES | WANTED, max_size=8),
    others=st.lists(WANTED, max_size=8),
    version=VERSIONS,
    changes=st.dictionaries(st.sampled_from(["id", "type", "label"]), WORDS, max_size=1),
    release=st.dictionaries(st.sampled_from(["short", "version", "type"]), WORDS, max_size=1),
)
def test_any_values_make_a_plan_of_single_lines_or_one_of_our_errors(
    listed: list[Any],
    others: list[Any],
    version: str,
    changes: dict[str, str],
    release: dict[str, str],
) -> None:
    info = composeinfo(**changes) | {"header": {"version": version}}
    info["payload"]["release"] |= release
    variants = {"Server": {"x86_64": listed}, "Everything": {"x86_64": others}}
    images = {"header": {"version": version}, "payload": {"images": variants}}
    plan(info, images, b"FINISHED\n")


@given(info=JSON, images=JSON, status=st.binary(max_size=40))
def test_any_json_makes_one_of_our_errors(info: object, images: object, status: bytes) -> None:
    plan({"payload": info}, {"payload": images}, status)
