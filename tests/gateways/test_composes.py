import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import FedoraOpenQAError, ServiceUnavailableError, SubjectError
from fedora_openqa.gateways.composes import PungiComposes
from fedora_openqa.gateways.http import Reader
from fedora_openqa.model.composes import ComposeName, Image
from tests.gateways.limits import LIMITS
from tests.web import Answer, Web, hang, html, text, truncated

ID = "Fedora-44-20261118.0"
KOJI = "https://kojipkgs.fedoraproject.org/compose"
DVD = {
    "subvariant": "Server",
    "type": "dvd",
    "format": "iso",
    "arch": "x86_64",
    "path": "Server/x86_64/iso/dvd.iso",
}


def composes(*hosts: str) -> PungiComposes:
    return PungiComposes(Reader(LIMITS), allowed_hosts=hosts)


def composeinfo(**changes: str) -> dict[str, Any]:
    return {
        "payload": {
            "compose": {"id": ID, "type": "production", "label": "RC-1.2", "date": "20261118"}
            | changes,
            "release": {"short": "Fedora", "version": "44", "type": "ga", "name": "Fedora"},
            "variants": {"Everything": {"paths": {"os_tree": {"x86_64": "Everything/x86_64/os"}}}},
        }
    }


def images(*found: dict[str, Any], compose_id: str = ID) -> dict[str, Any]:
    return {
        "payload": {
            "compose": {"id": compose_id, "type": "production"},
            "images": {"Server": {"x86_64": list(found)}},
        }
    }


class Tree:
    """A compose on the web, of which a test may spoil a file."""

    def __init__(self, web: Web, folder: str = f"/compose/44/{ID}") -> None:
        self._web = web
        self._folder = folder
        self.location = f"{web.url}{folder}/compose"
        self.put("STATUS", "FINISHED\n")
        self.put("compose/metadata/composeinfo.json", json.dumps(composeinfo()))
        self.put("compose/metadata/images.json", json.dumps(images(DVD)))

    def put(self, path: str, content: str | Answer) -> None:
        answer = text(content) if isinstance(content, str) else content
        self._web.answers[f"GET {self._folder}/{path}"] = answer

    def remove(self, path: str) -> None:
        del self._web.answers[f"GET {self._folder}/{path}"]


@pytest.fixture
def tree(web: Web) -> Tree:
    return Tree(web)


def test_a_compose_is_read_with_three_requests(tree: Tree, web: Web) -> None:
    compose = composes(web.host).load(tree.location)
    assert compose.name == ComposeName(ID, "Fedora", "44", "ga")
    assert compose.location == tree.location
    assert (compose.type, compose.label, compose.full) == ("production", "RC-1.2", True)
    assert compose.images == (
        Image(
            subvariant="Server",
            type="dvd",
            format="iso",
            arch="x86_64",
            url=f"{tree.location}/Server/x86_64/iso/dvd.iso",
            flavor="Server-dvd-iso",
        ),
    )
    assert len(web.requests) == 3


def test_the_location_stays_as_given_but_image_urls_have_one_slash(tree: Tree, web: Web) -> None:
    compose = composes(web.host).load(f"{tree.location}/")
    assert compose.location == f"{tree.location}/"
    assert compose.images[0].url == f"{tree.location}/Server/x86_64/iso/dvd.iso"


def test_ostree_installers_are_told_from_network_installers(tree: Tree, web: Web) -> None:
    found = DVD | {"type": "boot", "path": "Silverblue-ostree-x86_64.iso"}
    tree.put("compose/metadata/images.json", json.dumps(images(found)))
    (image,) = composes(web.host).load(tree.location).images
    assert (image.type, image.flavor) == ("dvd-ostree", "Server-dvd_ostree-iso")


def test_images_of_unknown_kinds_are_images(tree: Tree, web: Web) -> None:
    tree.put("compose/metadata/images.json", json.dumps(images(DVD | {"format": "new.zst"}, DVD)))
    assert [i.format for i in composes(web.host).load(tree.location).images] == ["new.zst", "iso"]


def test_a_copy_without_status_is_finished_if_its_metadata_is_there(tree: Tree, web: Web) -> None:
    tree.remove("STATUS")
    assert composes(web.host).load(tree.location).name.id == ID


def test_a_compose_of_packages_alone_has_no_images(tree: Tree, web: Web) -> None:
    tree.remove("compose/metadata/images.json")
    assert composes(web.host).load(tree.location).images == ()


def test_without_a_generic_tree_a_compose_is_not_full(tree: Tree, web: Web) -> None:
    info = composeinfo()
    info["payload"]["variants"] = {"Server": {"paths": {"os_tree": {"x86_64": "x"}}}}
    tree.put("compose/metadata/composeinfo.json", json.dumps(info))
    assert not composes(web.host).load(tree.location).full


COMPOSEINFO = "compose/metadata/composeinfo.json"
IMAGES = "compose/metadata/images.json"


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("STATUS", "DOOMED\n", "not finished: 'DOOMED'"),
        ("STATUS", "STARTED\n", "not finished: 'STARTED'"),
        ("STATUS", "TERMINATED", "not finished: 'TERMINATED'"),
        ("STATUS", html(), "not finished: '<html>"),
        (COMPOSEINFO, '{"payload": {"comp', "composeinfo.json: not productmd metadata"),
        (COMPOSEINFO, html(), "not productmd metadata"),
        (COMPOSEINFO, b"\xff\xfe".decode("latin-1"), "not productmd metadata"),
        (COMPOSEINFO, '{"payload": []}', "not productmd metadata: Expected `object`"),
        (COMPOSEINFO, "[" * 100_000, "not productmd metadata"),
        (COMPOSEINFO, json.dumps(composeinfo(id="Fedora-44-20261117.0")), "that of Fedora-44-20261117.0"),
        (COMPOSEINFO, json.dumps(composeinfo(id="Fedora 44\n")), "broken compose id"),
        (IMAGES, "", "images.json: not productmd metadata"),
        (IMAGES, json.dumps(images(compose_id="Fedora-44-20261117.0")), "that of Fedora-44-20261117.0"),
        (IMAGES, json.dumps(images({"type": "dvd"})), r"required field `subvariant` - at"),
        (IMAGES, json.dumps(images(DVD | {"arch": 7})), r"Expected `str`, got `int`.*arch"),
        (IMAGES, text("no", status=403), "403 no"),
    ],
)  # fmt: skip
def test_a_broken_compose_is_refused_in_one_line(
    tree: Tree, web: Web, path: str, content: str | Answer, reason: str
) -> None:
    tree.put(path, content)
    with pytest.raises(FedoraOpenQAError, match=reason) as failure:
        composes(web.host).load(tree.location)
    assert not isinstance(failure.value, ServiceUnavailableError)
    assert "\n" not in str(failure.value)


def test_a_compose_that_is_not_there_costs_three_requests(web: Web) -> None:
    with pytest.raises(SubjectError, match="no compose here"):
        composes(web.host).load(f"{web.url}/compose/44/{ID}/compose")
    assert len(web.requests) == 3


@pytest.mark.parametrize("path", ["STATUS", COMPOSEINFO, IMAGES])
@pytest.mark.parametrize(
    "answer",
    [text("", status=503), hang, truncated("{}")],
    ids=["503", "hang", "truncated"],
)
def test_what_cannot_be_found_out_is_no_answer(
    tree: Tree, web: Web, path: str, answer: Answer
) -> None:
    tree.put(path, answer)
    with pytest.raises(ServiceUnavailableError):
        composes(web.host).load(tree.location)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{KOJI}/rawhide/Fedora-Rawhide-20261120.n.0/compose", ("Fedora-Rawhide-20261120.n.0", "Fedora", "Rawhide", "ga")),
        (f"{KOJI}/eln/Fedora-eln-20261120.n.0/compose/", ("Fedora-eln-20261120.n.0", "Fedora", "eln", "ga")),
        (f"{KOJI}/updates/Fedora-43-updates-testing-20261120.0/compose", ("Fedora-43-updates-testing-20261120.0", "Fedora", "43", "updates-testing")),
        (f"{KOJI}/iot/Fedora-IoT-43-20261120.0/compose", ("Fedora-IoT-43-20261120.0", "Fedora-IoT", "43", "ga")),
        (f"{KOJI}/epel/Fedora-Epel-10-20261120.n.0/compose", ("Fedora-Epel-10-20261120.n.0", "Fedora-Epel", "10", "ga")),
    ],
)  # fmt: skip
def test_a_url_may_name_its_compose(url: str, expected: tuple[str, str, str, str]) -> None:
    assert composes().name_in(url) == ComposeName(*expected)


def test_a_url_may_also_not() -> None:
    assert composes().name_in("https://dl.fedoraproject.org/pub/alt/stage/44_RC-1.2") is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "not a URL"),
        ("Fedora-43-20251023.0", "not a URL"),
        ("ftp://dl.fedoraproject.org/pub/x", "not a URL"),
        ("file:///etc/passwd", "not a URL"),
        ("http://[::1/compose", "not a URL"),
        ("http://x:99999/compose", "not a URL"),
        ("https://evil.example/compose/rawhide/Fedora-Rawhide-20261120.n.0/compose", "host evil.example may not"),
        ("https://kojipkgs.fedoraproject.org.evil.example/compose/", "may not be tested"),
        ("https://kojipkgs.fedoraproject.org@evil.example/compose/", "not the plain URL"),
        ("https://kojipkgs.fedoraproject.org/composeevil", "may not be tested"),
        (f"{KOJI}/../private", "not the plain URL"),
        (f"{KOJI}/x?y=z", "not the plain URL"),
        ("http://127.0.0.1:81/compose", "host 127.0.0.1:81 may not be tested"),
    ],
)  # fmt: skip
def test_only_plain_urls_of_allowed_hosts_are_composes(url: str, reason: str) -> None:
    with pytest.raises(SubjectError, match=reason):
        composes("127.0.0.1:80").name_in(url)


class Mirror(Reader):
    """Serves one compose, wherever it is asked for."""

    def __init__(self, compose_id: str) -> None:
        super().__init__(LIMITS)
        self._compose_id = compose_id
        self.urls: list[str] = []

    def fetch(self, url: str) -> bytes | None:
        self.urls.append(url)
        if url.endswith("composeinfo.json"):
            return json.dumps(composeinfo(id=self._compose_id)).encode()
        if url.endswith("images.json"):
            return json.dumps(images(DVD, compose_id=self._compose_id)).encode()
        return b"FINISHED\n" if url.endswith("/STATUS") else None


DL = "https://dl.fedoraproject.org/pub"


@pytest.mark.parametrize(
    ("location", "compose_id", "full", "images_below"),
    [
        (f"{KOJI}/44/{ID}/compose", ID, True, f"{KOJI}/44/{ID}/compose"),
        (f"{KOJI}/rawhide/Fedora-Rawhide-20261120.n.0/compose", "Fedora-Rawhide-20261120.n.0", True, f"{KOJI}/rawhide/Fedora-Rawhide-20261120.n.0/compose"),
        (f"{KOJI}/iot/Fedora-IoT-44-20261118.0/compose", "Fedora-IoT-44-20261118.0", False, f"{KOJI}/iot/Fedora-IoT-44-20261118.0/compose"),
        (f"{DL}/alt/stage/44_RC-1.2", ID, False, f"{DL}/alt/stage/44_RC-1.2"),
        ("https://download.fedoraproject.org/pub/alt/stage/44_RC-1.2/", ID, False, f"{DL}/alt/stage/44_RC-1.2"),
    ],
)  # fmt: skip
def test_fedfind_says_which_of_fedoras_composes_are_full(
    location: str, compose_id: str, images_below: str, *, full: bool
) -> None:
    mirror = Mirror(compose_id)
    compose = PungiComposes(mirror, allowed_hosts=()).load(location)
    assert (compose.full, compose.location) == (full, location)
    assert compose.images[0].url == f"{images_below}/{DVD['path']}"
    assert len(mirror.urls) == (3 if location.endswith("/compose") else 2)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (f"{KOJI}/branched/Fedora-Rawhide-20261120.n.0/compose", "URL mismatch"),
        (f"{KOJI}/44/Fedora-44-20261118.0/Fedora-43-20251023.0/compose", "not where Fedora keeps"),
        (f"{KOJI}/Fedora-x/y-43-20251023.0/compose", "not where Fedora keeps"),
        (f"{KOJI}/43/Fedora-43-19700101.0/compose", "not where Fedora keeps"),
        (f"{KOJI}/43/Fedora-43-20261301.0/compose", "a date that is none"),
        (f"{DL}/alt/live-respins/", "live respins"),
        (f"{DL}/alt/x/FedoraRespin-43-updates-20261118.0/compose", "live respins"),
    ],
)
def test_fedora_keeps_a_compose_in_one_place_only(location: str, reason: str) -> None:
    mirror = Mirror(ID)
    with pytest.raises(SubjectError, match=reason):
        PungiComposes(mirror, allowed_hosts=()).load(location)
    assert mirror.urls == []


@given(st.text())
def test_any_text_is_a_url_or_is_refused(location: str) -> None:
    with pytest.raises(SubjectError):
        composes().name_in(location)
