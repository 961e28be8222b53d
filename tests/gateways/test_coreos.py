import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import FedoraOpenQAError, ServiceUnavailableError, SubjectError
from fedora_openqa.gateways.coreos import CoreOSBuilds
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.model.products import Plan
from fedora_openqa.model.subjects import CoreOSBuild
from fedora_openqa.policy.coreos import plan_coreos
from tests.support.composes import NUMBERS
from tests.support.json_values import JSON
from tests.support.limits import LIMITS
from tests.support.web import Answer, Web, html, text

FOLDER = "/prod/streams/rawhide/builds/45.20261119.91.0/x86_64"
META = {
    "buildid": "45.20261119.91.0",
    "coreos-assembler.basearch": "x86_64",
    "images": {"live-iso": {"path": "live.iso", "sha256": "0"}, "metal": {"path": "metal.raw.xz"}},
}


def load(web: Web, reply: Answer, *, url: str = "") -> CoreOSBuild:
    web.answers[f"GET {FOLDER}/meta.json"] = reply
    return CoreOSBuilds(Reader(LIMITS), allowed_hosts=[web.host]).load(url or f"{web.url}{FOLDER}/")


def test_a_build_is_read_with_one_request(web: Web) -> None:
    assert load(web, text(json.dumps(META))) == CoreOSBuild(
        url=f"{web.url}{FOLDER}", buildid="45.20261119.91.0", arch="x86_64", live_iso="live.iso"
    )
    assert len(web.requests) == 1


@pytest.mark.parametrize("images", [{}, {"metal": {"path": "x"}}, {"live-iso": None}])
def test_a_build_may_have_no_live_image(web: Web, images: dict[str, object]) -> None:
    assert load(web, text(json.dumps(META | {"images": images}))).live_iso is None


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (text("", status=404), "there is no CoreOS build here"),
        (text(json.dumps(META | {"buildid": "None"})), "unusable buildid: 'None'"),
        (text(json.dumps(META | {"buildid": "45.20261119.91.0\n"})), "unusable buildid"),
        (text(json.dumps(META | {"coreos-assembler.basearch": "x86_64\n"})), "unusable basearch"),
        *(
            (text(json.dumps(META | {"images": {"live-iso": {"path": path}}})), "unusable path")
            for path in ("", "../x.iso", "/x.iso", "https://x/y.iso", "x.iso\n", "%X%", "a%2e/x")
        ),
    ],
)
def test_what_is_no_build_is_refused(web: Web, reply: Answer, reason: str) -> None:
    with pytest.raises(SubjectError, match=reason):
        load(web, reply)


@pytest.mark.parametrize(
    "reply",
    [
        text("", status=500),
        html(),
        text("[" * 100_000),
        text('{"buildid": "45.1"}'),
        text(json.dumps(META | {"images": {"live-iso": {"path": None}}})),
    ],
)
def test_what_cannot_be_read_is_unavailable(web: Web, reply: Answer) -> None:
    with pytest.raises(ServiceUnavailableError):
        load(web, reply)


@pytest.mark.parametrize(
    "url", ["https://evil.example/x86_64", "x", "https://builds.coreos.fedoraproject.org.evil/"]
)
def test_a_url_must_lead_to_an_allowed_host(web: Web, url: str) -> None:
    with pytest.raises(SubjectError):
        load(web, text(json.dumps(META)), url=url)


@given(
    changes=st.dictionaries(st.sampled_from(sorted(META)), JSON, max_size=3),
    live=JSON,
    path=st.text(max_size=30),
)
def test_any_metadata_makes_a_plan_of_strings_or_one_of_our_errors(
    changes: dict[str, object], live: object, path: str
) -> None:
    class Canned(Reader):
        def fetch(self, url: str) -> bytes | None:  # noqa: ARG002
            images = {"live-iso": live or {"path": path}}
            return json.dumps(META | {"images": images} | changes).encode()

    url = f"https://builds.coreos.fedoraproject.org{FOLDER}"
    try:
        build = CoreOSBuilds(Canned(LIMITS), allowed_hosts=()).load(url)
    except FedoraOpenQAError:
        return
    made = plan_coreos(build, flavors=(), numbers=NUMBERS, site={})
    assert isinstance(made, Plan)
    for product in made.products:
        for value in product.settings.values():
            assert isinstance(value, str)
            assert len(value.encode()) <= 1024
            assert not value.endswith("/None")
