from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.data import load_compose_tables
from fedora_openqa.model.composes import Compose, ComposeName, Image
from fedora_openqa.model.products import Plan
from fedora_openqa.model.requests import ComposeRequest
from fedora_openqa.model.tables import ComposeTables, WantedImage
from fedora_openqa.policy.composes import (
    plan_compose,
    reason_to_skip,
)
from tests.support.composes import (
    LOCATION,
    MINIMAL,
    NUMBERS,
    SERVER_DVD,
    SERVER_DVD_ARM,
    TOOLBOX,
    compose,
    image,
)

SITE = {"QEMU_HOST_IP": "172.16.2.2", "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24"}
TABLES = load_compose_tables()
ELN = ComposeName("Fedora-eln-20261120.n.0", "Fedora", "eln", "ga")
CANDIDATE = ComposeName("Fedora-44-20261118.0", "Fedora", "44", "ga")


def plan(
    of: Compose,
    *,
    arches: tuple[str, ...] = (),
    flavors: tuple[str, ...] = (),
    images: tuple[str, ...] = (),
    extra: Mapping[str, str] | None = None,
    tables: ComposeTables = TABLES,
) -> Plan:
    request = ComposeRequest(
        location=LOCATION, arches=arches, flavors=flavors, images=images, extra=extra or {}
    )
    return plan_compose(of, request, tables=tables, numbers=NUMBERS, site=SITE)


def names(of: Plan) -> list[str]:
    return [f"{product.flavor} {product.arch}" for product in of.products]


def test_a_product_has_exactly_the_specified_settings() -> None:
    (dvd, *_) = plan(
        compose(SERVER_DVD, TOOLBOX, name=CANDIDATE, type_="production", label="RC-1.2")
    ).products
    assert (dvd.flavor, dvd.arch) == ("Server-dvd-iso", "x86_64")
    assert dvd.settings == {
        "DISTRI": "fedora",
        "VERSION": "44",
        "ARCH": "x86_64",
        "FLAVOR": "Server-dvd-iso",
        "BUILD": "Fedora-44-20261118.0",
        "_OBSOLETE": "1",
        "_ONLY_OBSOLETE_SAME_BUILD": "1",
        "QEMU_HOST_IP": "172.16.2.2",
        "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24",
        "CURRREL": "43",
        "RAWREL": "45",
        "UP1REL": "43",
        "UP2REL": "42",
        "LOCATION": LOCATION,
        "SUBVARIANT": "Server",
        "IMAGETYPE": "dvd",
        "LABEL": "RC-1.2",
        "ISO_URL": SERVER_DVD.url,
        "TOOLBOX_IMAGE": TOOLBOX.url,
    }


def test_an_imageless_product_has_all_settings_but_those_of_an_image() -> None:
    (universal,) = plan(
        compose(SERVER_DVD, TOOLBOX), arches=("ppc64le",), flavors=("universal",)
    ).products
    assert universal.settings == {
        "DISTRI": "fedora",
        "VERSION": "Rawhide",
        "ARCH": "ppc64le",
        "FLAVOR": "universal",
        "BUILD": "Fedora-Rawhide-20261120.n.0",
        "_OBSOLETE": "1",
        "_ONLY_OBSOLETE_SAME_BUILD": "1",
        **SITE,
        "CURRREL": "43",
        "RAWREL": "45",
        "UP1REL": "44",
        "UP2REL": "43",
        "LOCATION": LOCATION,
        "SUBVARIANT": "Server",
        "IMAGETYPE": "upgrade",
    }


def test_a_full_compose_also_gets_the_imageless_products() -> None:
    assert names(plan(compose(SERVER_DVD))) == [
        "Server-dvd-iso x86_64",
        "Workstation-upgrade x86_64",
        "Workstation-upgrade aarch64",
        "universal x86_64",
        "universal aarch64",
        "universal ppc64le",
    ]


@pytest.mark.parametrize(
    "other",
    [compose(SERVER_DVD, full=False), compose(SERVER_DVD, name=ELN)],
    ids=["not full", "ELN"],
)
def test_other_composes_do_not(other: Compose) -> None:
    assert names(plan(other)) == ["Server-dvd-iso x86_64"]


@pytest.mark.parametrize(
    ("arches", "flavors", "expected"),
    [
        (("aarch64",), (), ["Server-dvd-iso aarch64", "Minimal-raw_xz-raw.xz aarch64"]),
        ((), ("server-DVD-iso",), ["Server-dvd-iso x86_64", "Server-dvd-iso aarch64"]),
        (("x86_64",), ("minimal-raw_xz-raw.xz",), []),
        (("s390x",), (), []),
    ],
)
def test_arches_and_flavors_asked_for_narrow_the_choice(
    arches: tuple[str, ...], flavors: tuple[str, ...], expected: list[str]
) -> None:
    cloud = compose(SERVER_DVD, SERVER_DVD_ARM, MINIMAL, full=False)
    assert names(plan(cloud, arches=arches, flavors=flavors)) == expected


def test_imageless_products_alone_are_scheduled_only_if_asked_for() -> None:
    assert plan(compose(SERVER_DVD), arches=("ppc64le",)) == Plan(
        reason="Compose found, but no available images"
    )
    assert names(plan(compose(), arches=("ppc64le",), flavors=("Universal",))) == [
        "universal ppc64le"
    ]


def test_a_persons_settings_override_and_set_the_build_apart() -> None:
    (dvd,) = plan(
        compose(SERVER_DVD, name=ELN, full=False),
        extra={"GRUBADD": "inst.updates=http://x/u.img", "QEMUCPU": "host"},
    ).products
    assert dvd.settings["BUILD"] == "Fedora-eln-20261120.n.0-EXTRA"
    assert dvd.settings["GRUBADD"] == "inst.updates=http://x/u.img"
    assert dvd.settings["QEMUCPU"] == "host"


def test_an_image_openqa_cannot_be_told_of_stops_no_other() -> None:
    tables = ComposeTables(
        images=(
            WantedImage("Cloud_Base", "vhd-compressed", "vhd.xz", "x86_64"),
            WantedImage("Server", "dvd", "iso", "x86_64"),
        ),
        imageless=(),
    )
    made = plan(compose(image("Cloud_Base", "vhd-compressed", "vhd.xz"), SERVER_DVD), tables=tables)
    assert names(made) == ["Server-dvd-iso x86_64"]
    (impossible,) = made.impossible
    assert impossible.product.flavor == "Cloud_Base-vhd_compressed-vhd.xz"
    assert "'vhd.xz'" in (impossible.reason or "")


@pytest.mark.parametrize(
    ("name", "type_", "expected"),
    [
        (CANDIDATE, "production", True),
        (CANDIDATE, "nightly", False),
        (ELN, "production", False),
        (ComposeName("Fedora-IoT-43-20261118.0", "Fedora-IoT", "43", "ga"), "production", False),
        (
            ComposeName("FedoraRespin-43-updates-20261118.0", "FedoraRespin", "43", "updates"),
            "production",
            False,
        ),
    ],
)
def test_only_production_composes_of_fedora_are_kept(
    name: ComposeName, type_: str, *, expected: bool
) -> None:
    comment = plan(compose(SERVER_DVD, name=name, type_=type_)).group_comment
    assert comment == (f"tag:{name.id}:important:candidate" if expected else None)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        (ComposeName("Fedora-Epel-10-20261118.0", "Fedora-Epel", "10", "ga"), "EPEL"),
        (ComposeName("Fedora-43-updates-20261118.0", "Fedora", "43", "updates"), "updates"),
        (
            ComposeName("Fedora-43-updates-testing-20261118.0", "Fedora", "43", "updates-testing"),
            "updates-testing",
        ),
    ],
)
def test_some_kinds_of_composes_are_skipped_with_a_reason(name: ComposeName, word: str) -> None:
    reason = reason_to_skip(name)
    assert plan(compose(SERVER_DVD, name=name)) == Plan(reason=reason)
    assert reason
    assert name.id in reason
    assert word in reason


@pytest.mark.parametrize("name", [CANDIDATE, ELN])
def test_the_others_are_not(name: ComposeName) -> None:
    assert reason_to_skip(name) is None


WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
IMAGES = st.builds(image, WORDS, WORDS, WORDS, WORDS) | st.sampled_from(
    [SERVER_DVD, SERVER_DVD_ARM, MINIMAL, TOOLBOX]
)


@given(images=st.lists(IMAGES, max_size=6), full=st.booleans(), label=st.none() | WORDS)
def test_any_compose_makes_a_plan_of_strings(
    images: list[Image], *, full: bool, label: str | None
) -> None:
    made = plan(compose(*images, full=full, label=label))
    for product in made.products:
        assert all(isinstance(value, str) for value in product.settings.values())
        assert product.settings["FLAVOR"] == product.flavor
        assert product.settings["ARCH"] == product.arch
    all_products = [*made.products, *(result.product for result in made.impossible)]
    keys = [(product.flavor, product.arch) for product in all_products]
    assert len(keys) == len(set(keys))


UNWANTED = image("Mate", "live", "iso")


@pytest.mark.parametrize(
    ("named", "posted"),
    [
        (("Server-dvd-x86_64.iso",), ["Server-dvd-iso x86_64"]),
        (("Server-dvd-iso",), ["Server-dvd-iso x86_64", "Server-dvd-iso aarch64"]),
        (("Mate-live-x86_64.iso",), ["Mate-live-iso x86_64"]),
        (("UNIVERSAL",), ["universal x86_64", "universal aarch64", "universal ppc64le"]),
    ],
)
def test_named_images_are_chosen_wanted_or_not(named: tuple[str, ...], posted: list[str]) -> None:
    assert names(plan(compose(SERVER_DVD, SERVER_DVD_ARM, UNWANTED), images=named)) == posted


def test_a_named_image_has_the_settings_of_the_whole_compose() -> None:
    of = compose(SERVER_DVD, SERVER_DVD_ARM, TOOLBOX)
    (dvd, *_) = plan(of).products
    assert plan(of, images=("Server-dvd-x86_64.iso",)).products == (dvd,)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("Server-dvd-X86_64.iso", "did you mean Server-dvd-x86_64.iso"),
        ("server-dvd", "did you mean Server-dvd-iso"),
        ("zzz", "has no image or flavor 'zzz'"),
    ],
)
def test_names_of_nothing_are_a_reason(named: str, reason: str) -> None:
    of = plan(compose(SERVER_DVD, SERVER_DVD_ARM), images=("Server-dvd-iso", named))
    assert of.products == ()
    assert reason in (of.reason or "")
