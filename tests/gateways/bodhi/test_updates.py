import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.errors import (
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
    SubjectError,
)
from fedora_openqa.gateways.bodhi.updates import RestBodhi
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.model.subjects import Update
from fedora_openqa.policy.flavors import flavors_asked_for_by_hand
from fedora_openqa.policy.packages import plan_packages
from tests.support.composes import NUMBERS
from tests.support.json_values import JSON
from tests.support.limits import LIMITS, limits_for
from tests.support.packages import REPOSITORIES
from tests.support.web import Answer, Web, hang, html, text

ALIAS = "FEDORA-2026-1bd5f4a0c2"
RELEASE = {"name": "F43", "version": "43", "id_prefix": "FEDORA", "create_automatic_updates": False}
UPDATE = {
    "alias": ALIAS,
    "builds": [{"nvr": "kernel-6.17.4-300.fc43", "epoch": 0}, {"nvr": "perf-6.17.4-300.fc43"}],
    "content_type": "rpm",
    "critpath": True,
    "critpath_groups": "core critical-path-base",
    "release": RELEASE,
    "title": "kernel",
}


def bodhi(web: Web) -> RestBodhi:
    return RestBodhi(Reader(LIMITS), f"{web.url}/")


def answer(web: Web, update: object) -> None:
    web.answers[f"GET /updates/{ALIAS}"] = text(json.dumps({"update": update}))


@pytest.mark.parametrize("given_as", [ALIAS, f"https://bodhi.example/updates/{ALIAS}/"])
def test_an_update_is_read(web: Web, given_as: str) -> None:
    answer(web, UPDATE)
    assert bodhi(web).load(given_as) == Update(
        alias=ALIAS,
        id_prefix="FEDORA",
        release="43",
        content_type="rpm",
        nvrs=("kernel-6.17.4-300.fc43", "perf-6.17.4-300.fc43"),
        critical=True,
        groups=("core", "critical-path-base"),
        automatic_updates=False,
    )
    assert len(web.requests) == 1


@pytest.mark.parametrize("nothing", [{"critpath_groups": None}, {"critpath_groups": ""}])
def test_an_update_may_have_no_groups(web: Web, nothing: dict[str, object]) -> None:
    answer(web, UPDATE | nothing)
    assert bodhi(web).load(ALIAS).groups == ()


@pytest.mark.parametrize(("says", "expected"), [(True, True), (False, False), (None, None)])
def test_a_release_may_not_say_whether_it_creates_automatic_updates(
    web: Web, *, says: bool | None, expected: bool | None
) -> None:
    answer(web, UPDATE | {"release": RELEASE | {"create_automatic_updates": says}})
    assert bodhi(web).load(ALIAS).automatic_updates is expected


@pytest.mark.parametrize(
    "name", ["", "43", "fedora-2026-x", "../../etc", f"{ALIAS}?x", "FEDORA-x-1"]
)
def test_what_is_no_update_is_not_asked_for(web: Web, name: str) -> None:
    with pytest.raises(SubjectError, match="not the id or the URL of an update"):
        bodhi(web).load(name)
    assert web.requests == []


@pytest.mark.parametrize(
    ("reply", "error", "reason"),
    [
        (text("{}", status=404), SubjectError, f"Bodhi has no update {ALIAS}"),
        (text("no", status=403), RequestRefusedError, "403 no"),
        (text("", status=502), ServiceUnavailableError, "502"),
        (html(), ServiceUnavailableError, "not the answer of this service"),
        (text('{"update": {"alias": 7}}'), ServiceUnavailableError, "Expected `str`, got `int`"),
        (hang, ServiceUnavailableError, "no answer in time"),
    ],
)
def test_what_bodhi_does_not_say_is_an_error(
    web: Web, reply: Answer, error: type[FedoraOpenQAError], reason: str
) -> None:
    web.answers[f"GET /updates/{ALIAS}"] = reply
    with pytest.raises(error, match=reason) as failure:
        RestBodhi(Reader(limits_for(reply)), web.url).load(ALIAS)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("release", "name", "says"), [("43", "F43", False), ("45", "F45", True), ("eln", "ELN", True)]
)
def test_a_release_is_asked_for_by_its_name(
    web: Web, release: str, name: str, *, says: bool
) -> None:
    body = RELEASE | {"create_automatic_updates": says}
    web.answers[f"GET /releases/{name}"] = text(json.dumps(body))
    assert bodhi(web).creates_automatic_updates(release) is says


def test_a_release_that_does_not_say_is_unknown(web: Web) -> None:
    web.answers["GET /releases/F43"] = text('{"version": "43", "id_prefix": "FEDORA"}')
    with pytest.raises(ServiceUnavailableError, match="does not say"):
        bodhi(web).creates_automatic_updates("43")


def test_a_release_that_is_not_there_is_an_error(web: Web) -> None:
    with pytest.raises(SubjectError, match="no release F99"):
        bodhi(web).creates_automatic_updates("99")


TABLES = load_flavor_tables()
CHANGES = st.dictionaries(st.sampled_from(sorted(UPDATE)), JSON, max_size=4)


@given(changes=CHANGES, gone=st.sets(st.sampled_from(sorted(UPDATE)), max_size=2))
def test_any_answer_makes_a_plan_of_strings_or_one_of_our_errors(
    changes: dict[str, object], gone: set[str]
) -> None:
    class Canned(Reader):
        def fetch(self, url: str) -> bytes | None:  # noqa: ARG002
            changed = {key: value for key, value in (UPDATE | changes).items() if key not in gone}
            return json.dumps({"update": changed}).encode()

    try:
        update = RestBodhi(Canned(LIMITS), "http://bodhi").load(ALIAS)
    except FedoraOpenQAError:
        return
    made = plan_packages(
        update,
        flavors=flavors_asked_for_by_hand(update, (), tables=TABLES, numbers=NUMBERS),
        arches=("x86_64",),
        numbers=NUMBERS,
        automatic_updates=update.automatic_updates,
        repositories=REPOSITORIES,
        site={},
    )
    for product in made.products:
        for name, value in product.settings.items():
            assert isinstance(value, str), name
            assert len(value.encode()) <= 1024, name
            assert "None" not in value.split(), name


@pytest.mark.parametrize("nvr", ["%ADVISORY%-1-1.fc43", "a-1-1%.fc43"])
def test_a_build_whose_name_openqa_would_expand_is_refused(web: Web, nvr: str) -> None:
    answer(web, UPDATE | {"builds": [{"nvr": nvr}]})
    with pytest.raises(SubjectError, match="the name of a build has a percent sign"):
        bodhi(web).load(ALIAS)
