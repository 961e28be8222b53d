import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import (
    FedoraOpenQAError,
    NotFoundError,
    ServiceUnavailableError,
    SubjectError,
)
from fedora_openqa.gateways.composes.pungi import PungiComposes
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.model.composes import ComposeName, Image
from tests.support.limits import LIMITS, limits_for
from tests.support.metadata import ID, composeinfo
from tests.support.web import Answer, Web, hang, html, text, truncated

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


def release(**changes: str) -> dict[str, Any]:
    info = composeinfo()
    info["payload"]["release"] |= changes
    return info


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


@pytest.mark.parametrize(
    ("old", "new"), [("compose", "compose/"), ("http:", "HTTP:"), ("1/", "1//./")]
)
def test_the_location_of_a_compose_has_one_spelling(
    tree: Tree, web: Web, old: str, new: str
) -> None:
    compose = composes(web.host).load(tree.location.replace(old, new))
    assert compose.location == tree.location
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
        (COMPOSEINFO, json.dumps(composeinfo(id="Fedora-44-20261117.0")), "that of Fedora-44-20261117.0"),
        (COMPOSEINFO, json.dumps(composeinfo(id="Fedora 44\n")), "broken compose id"),
        (COMPOSEINFO, json.dumps(composeinfo(label="RC-1.2\nX")), "compose.label has a character"),
        (COMPOSEINFO, json.dumps(composeinfo(label="%BUILD%")), "compose.label has a percent sign"),
        (COMPOSEINFO, json.dumps(composeinfo() | {"header": {"version": "3.0"}}), "version '3.0' of the format"),
        (COMPOSEINFO, json.dumps(release(version="4\x1b[2J4")), "release.version has a character"),
        (COMPOSEINFO, json.dumps(release(version="4" * 1001)), "release.version has more than 1000 bytes"),
        (COMPOSEINFO, json.dumps(release(short=" ")), "release.short is empty"),
        (COMPOSEINFO, json.dumps(release(version="44 ")), "release.version begins or ends with a space"),
        (IMAGES, json.dumps(images(compose_id="Fedora-44-20261117.0")), "that of Fedora-44-20261117.0"),
        (IMAGES, json.dumps(images(DVD | {"arch": "x86_64\n"})), "arch of .* has a character"),
        (IMAGES, json.dumps(images(DVD | {"subvariant": "%HOME%"})), "subvariant of .* has a percent sign"),
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


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../x.iso", "a/../../x.iso", "a/./x.iso", "a//x.iso", "https://evil.example/x.iso",
        "//evil.example/x.iso", "a/%2e%2e/x.iso", "a\\x.iso", "x.iso?y", "x.iso#y", "x y.iso", "x.iso\n",
        "%ISO%", "", ".hidden/x.iso", "é.iso", "\u202ex.iso", "a/" * 300 + "x.iso",
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", [1, 2])
def test_an_image_must_lie_below_the_compose(tree: Tree, web: Web, path: str, version: int) -> None:
    found = DVD | ({"path": path} if version == 1 else {"location": {"url": path}})
    tree.put(IMAGES, json.dumps(images(found)))
    with pytest.raises(SubjectError, match="an image has no usable path"):
        composes(web.host).load(tree.location)


@pytest.mark.parametrize("path", ["STATUS", COMPOSEINFO, IMAGES])
@pytest.mark.parametrize(
    "content",
    [
        html(),
        "<!doctype html><title>Sign in</title>" + "x" * 100_000,
        "",
        "\0",
        text(b"\xff\xfe"),
        '{"payload": {"comp',
        '{"payload": []}',
        "[" * 100_000,
        '{"payload": ' + "1" * 5000 + "}",
        '{"header": {"version": "\\ud800"}}',
    ],
)
def test_what_is_not_the_format_at_all_is_unavailable(
    tree: Tree, web: Web, path: str, content: str | Answer
) -> None:
    tree.put(path, content)
    with pytest.raises(ServiceUnavailableError) as failure:
        composes(web.host).load(tree.location)
    assert str(failure.value).isprintable()
    assert path.rpartition("/")[2] in str(failure.value)


def test_a_missing_list_of_the_images_that_composeinfo_has_is_unavailable(
    tree: Tree, web: Web
) -> None:
    info = composeinfo()
    info["payload"]["variants"]["Server"] = {"paths": {"isos": {"x86_64": "Server/x86_64/iso"}}}
    tree.put(COMPOSEINFO, json.dumps(info))
    tree.remove(IMAGES)
    with pytest.raises(ServiceUnavailableError, match=r"images\.json: not there, but"):
        composes(web.host).load(tree.location)


def test_version_2_of_the_metadata_says_the_same(tree: Tree, web: Web) -> None:
    expected = composes(web.host).load(tree.location)
    header = {"header": {"version": "2.0"}}
    info = composeinfo()
    tree_path = {"url": "Everything/x86_64/os", "size": None, "checksum": None}
    info["payload"]["variants"]["Everything"]["paths"]["os_tree"]["x86_64"] = tree_path
    location = {"url": DVD["path"], "size": 1, "checksum": "sha256:0", "local_path": DVD["path"]}
    found = {name: value for name, value in DVD.items() if name != "path"} | {"location": location}
    tree.put(COMPOSEINFO, json.dumps(info | header))
    tree.put(IMAGES, json.dumps(images(found) | header))
    assert composes(web.host).load(tree.location) == expected
    location["url"] = f"{tree.location}/{DVD['path']}"
    tree.put(IMAGES, json.dumps(images(found) | header))
    assert composes(web.host).load(tree.location) == expected


def test_an_image_in_two_variants_is_one_image(tree: Tree, web: Web) -> None:
    found = images(DVD)
    found["payload"]["images"]["Everything"] = found["payload"]["images"]["Server"]
    tree.put(IMAGES, json.dumps(found))
    assert len(composes(web.host).load(tree.location).images) == 1


def test_a_link_to_the_newest_compose_is_settled_to_its_own_folder(tree: Tree, web: Web) -> None:
    Tree(web, "/compose/44/latest-Fedora-44")
    compose = composes(web.host).load(f"{web.url}/compose/44/latest-Fedora-44/compose")
    assert compose.location == tree.location
    assert compose.images[0].url == f"{tree.location}/{DVD['path']}"
    assert len(web.requests) == 4


def test_a_link_to_a_compose_without_a_folder_of_its_own_is_refused(web: Web) -> None:
    Tree(web, "/compose/44/latest-Fedora-44")
    with pytest.raises(NotFoundError, match=f"/compose/44/{ID}/compose: there is no compose here"):
        composes(web.host).load(f"{web.url}/compose/44/latest-Fedora-44/compose")


def test_a_link_beside_a_folder_of_another_compose_is_refused(tree: Tree, web: Web) -> None:
    Tree(web, "/compose/44/latest-Fedora-44")
    tree.put(COMPOSEINFO, json.dumps(composeinfo(id="Fedora-44-20261117.0")))
    with pytest.raises(SubjectError, match=r"that of Fedora-44-20261117\.0, not of"):
        composes(web.host).load(f"{web.url}/compose/44/latest-Fedora-44/compose")


def test_a_compose_that_is_not_there_costs_three_requests(web: Web) -> None:
    with pytest.raises(NotFoundError, match="no compose here"):
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
    reader = Reader(limits_for(answer))
    with pytest.raises(ServiceUnavailableError):
        PungiComposes(reader, allowed_hosts=[web.host]).load(tree.location)


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
    assert (compose.full, compose.location) == (full, location.rstrip("/"))
    assert compose.images[0].url == f"{images_below}/{DVD['path']}"
    assert len(mirror.urls) == (3 if location.endswith("/compose") else 2)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (f"{KOJI}/branched/Fedora-Rawhide-20261120.n.0/compose", "URL mismatch"),
        (f"{KOJI}/44/Fedora-44-20261118.0/Fedora-43-20251023.0/compose", "not where Fedora keeps"),
        (f"{KOJI}/Fedora-x/y-43-20251023.0/compose", "not where Fedora keeps"),
        (f"{KOJI}/43/Fedora-43-19700101.0/compose", "no compose with metadata"),
        (f"{KOJI}/43/Fedora-43-20261301.0/compose", "an invalid date"),
        (f"{DL}/alt/x/FedoraRespin-43-updates-20261118.0/compose", "no compose with metadata"),
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


@pytest.mark.parametrize(
    ("size", "known"), [(2_400_000_000, 2_400_000_000), (0, 0), (-1, 0), ("big", 0), (None, 0)]
)
def test_an_image_has_its_size_if_that_is_known(web: Web, size: object, known: int) -> None:
    tree = Tree(web)
    tree.put("compose/metadata/images.json", json.dumps(images(DVD | {"size": size})))
    (image,) = composes(web.host).load(tree.location).images
    assert image.size == known
