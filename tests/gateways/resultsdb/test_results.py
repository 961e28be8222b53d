import contextlib
import io
import json
import logging
import socket
from base64 import b64encode
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import fedfind.helpers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resultsdb_conventions.fedora import FedoraComposeResult, FedoraImageResult

from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    NotAllowedError,
    RequestRefusedError,
    ServiceUnavailableError,
    SubjectError,
)
from fedora_openqa.gateways.composes.releases import ComposeReleases
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.resultsdb.results import DryRunResultsDB, RestResultsDB
from fedora_openqa.model.jobs import Job, Module
from fedora_openqa.model.results import (
    ComposeItem,
    CoreOSBuildItem,
    CoreOSImageItem,
    ImageItem,
    Outcome,
    Result,
    ResultItem,
    StoredResult,
    UpdateItem,
)
from fedora_openqa.policy.autocloud import autocloud_result
from fedora_openqa.policy.results import result_for
from fedora_openqa.sandbox.openqa import OpenQAOptions, Templates
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from fedora_openqa.texts import one_line
from tests.support.examples import examples
from tests.support.limits import LIMITS, SHORT, limits_for, limits_with
from tests.support.metadata import DATA, F43, KOJI, PLACES, RAWHIDE, Files, file_names, tree
from tests.support.waiting import wait_for
from tests.support.waves import in_waves
from tests.support.web import (
    Answer,
    Request,
    Web,
    drop,
    hang,
    html,
    in_turn,
    text,
    trickle,
    truncated,
)

API = "/api/v2.0/results"
POST, GET = f"POST {API}", f"GET {API}"
STORED = text('{"id": 41, "outcome": "PASSED", "href": "x"}\n', status=201)

#: all composes that the tests are about
FILES = {
    url: content for name, place in PLACES.items() for url, content in tree(name, place).items()
}


def resultsdb(
    url: str,
    files: Mapping[str, bytes] = FILES,
    *,
    limits: Limits = LIMITS,
    password: str = "",
    post_timeout: float | None = None,
) -> RestResultsDB:
    releases = ComposeReleases(Files(files), allowed_hosts=())
    return RestResultsDB(
        f"{url}/api/v2.0/",
        limits=limits,
        releases=releases,
        post_timeout=post_timeout or limits.total_timeout,
        username="openqa" if password else "",
        password=password,
    )


RESULT = Result(
    item=UpdateItem("FEDORA-2026-1bd5f4a0c2"),
    testcase="update.base_selinux",
    outcome=Outcome.CRASHED,
    ref_url="https://openqa.fedoraproject.org/tests/7",
)


def reported(
    *,
    result: str = "passed",
    state: str = "done",
    test: str = "install_default_upload",
    modules: tuple[Module, ...] = (),
    **settings: str,
) -> Result:
    made = result_for(
        Job(
            id=2840001,
            flavor="",
            arch=settings["ARCH"],
            state=state,
            result=result,
            test=test,
            settings={"DISTRI": "fedora", "MACHINE": "64bit", **settings},
            modules=modules,
        ),
        base_url="https://openqa.fedoraproject.org",
    )
    assert isinstance(made, Result)
    return made


DVD = "Fedora-Server-dvd-x86_64-Rawhide-20240829.n.1.iso"
COREOS = "fedora-coreos-45.20261119.91.0-live-iso.x86_64.iso"
BODIES = {
    "image": reported(BUILD=RAWHIDE, VERSION="Rawhide", ARCH="x86_64", FLAVOR="Server-dvd-iso", UEFI="1", TEST_TARGET="ISO", ISO=DVD),
    "raw_xz": reported(BUILD=F43, VERSION="43", ARCH="aarch64", FLAVOR="Minimal-raw_xz-raw.xz", MACHINE="aarch64", IMAGETYPE="raw-xz", TEST_TARGET="HDD_2", HDD_2="Fedora-Minimal-43-1.6.aarch64.raw", test="install_arm_image_deployment_upload", result="incomplete"),
    "compose": reported(BUILD=F43, VERSION="43", ARCH="x86_64", FLAVOR="universal", TEST_TARGET="COMPOSE", test="upgrade_server", result="softfailed", modules=(Module("_log", "failed"),)),
    "update": reported(BUILD="Update-FEDORA-2026-1bd5f4a0c2", VERSION="43", ARCH="x86_64", FLAVOR="updates-server", ADVISORY="FEDORA-2026-1bd5f4a0c2", test="base_selinux", result="failed", modules=(Module("base_selinux", "failed", ("fatal",)),)),
    "coreos_build": reported(BUILD="Fedora-CoreOS-43.20261119.3.0", VERSION="43", ARCH="x86_64", FLAVOR="CoreOS-colive-iso", SUBVARIANT="CoreOS", TEST_TARGET="COMPOSE", test="coreos_services", state="scheduled", result="none"),
    "coreos_image": reported(BUILD="Fedora-CoreOS-45.20261119.91.0", VERSION="45", ARCH="x86_64", FLAVOR="CoreOS-colive-iso", MACHINE="uefi", UEFI="1", SUBVARIANT="CoreOS", TEST_TARGET="ISO", ISO=COREOS, test="coreos_install"),
    "autocloud": autocloud_result({"compose_id": F43, "image_url": "http://x/Fedora-Cloud-Base-Generic-43-1.6.x86_64.qcow2", "job_id": "2023", "status": "success"}, base_url="https://apps.fedoraproject.org/autocloud"),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_job_of_any_kind_is_sent_to_the_letter(web: Web, name: str) -> None:
    web.answers[POST] = STORED
    body = json.loads((DATA / "resultsdb" / f"{name}.json").read_text())
    assert post(resultsdb(web.url), BODIES[name]) == 41
    assert web.requests == [POST]
    assert web.bodies == [json.dumps(body)]


def post(sink: RestResultsDB, result: Result) -> int:
    return sink.post(sink.prepare(result))


@pytest.mark.parametrize("name", BODIES)
def test_what_would_be_sent_can_be_seen_before(name: str) -> None:
    body = json.loads((DATA / "resultsdb" / f"{name}.json").read_text())
    seen = resultsdb("http://127.0.0.1:1").prepare(BODIES[name]).body
    assert json.dumps(seen) == json.dumps(body)


class Genuine:
    """What the libraries send by themselves, fedfind's requests included."""

    def __init__(self, files: Mapping[str, bytes], patch: pytest.MonkeyPatch) -> None:
        self.requests = 0

        def urlopen(request: object) -> io.BytesIO:
            self.requests += 1
            url = getattr(request, "full_url", "")
            if url not in files:
                raise ValueError(url)
            return io.BytesIO(files[url])

        patch.setattr(fedfind.helpers, "urlopen", urlopen)

    def body_for(self, result: Result) -> object:
        facts = {
            "outcome": str(result.outcome),
            "tc_name": result.testcase,
            "ref_url": result.ref_url,
            "tc_url": result.tc_url,
            "note": result.note,
            "source": result.source,
        }
        match result.item:
            case ImageItem(filename, compose):
                made = FedoraImageResult(filename, compose.locator, **facts)
            case ComposeItem(locator):
                made = FedoraComposeResult(locator, **facts)
        made.extradata.update(result.extradata)
        return made.report(self)

    def create_result(self, **result: object) -> object:
        named = {
            name: result.pop(name) for name in ("outcome", "testcase", "groups", "note", "ref_url")
        }
        return {**named, "data": result, "_auth_token": None}


ELN = "Fedora-eln-20240829.n.1"
ELN_URL = f"{KOJI}/eln/{ELN}/compose"
OSTREE = "Fedora-Server-ostree-aarch64-Rawhide-20240829.n.1.iso"
STAGED = "https://dl.fedoraproject.org/pub/alt/stage/43_RC-1.6"


def with_images_of_aarch64(**changes: str) -> dict[str, bytes]:
    """Change the server's images of Rawhide for one arch; Pungi lists that arch first."""
    files = tree(RAWHIDE, PLACES[RAWHIDE])
    url = f"{PLACES[RAWHIDE]}/compose/metadata/images.json"
    listed = json.loads(files[url])
    (image,) = listed["payload"]["images"]["Server"]["aarch64"]
    image |= changes
    return files | {url: json.dumps(listed).encode()}


#: what Pungi calls an ostree installer
OSTREE_INSTALLER = with_images_of_aarch64(path=f"Server/aarch64/iso/{OSTREE}", type="boot")
#: containers have names without an arch
TWINS = with_images_of_aarch64(path=f"Server/aarch64/iso/{DVD}")


def images_of(compose: ComposeItem, names: Iterable[str]) -> list[ResultItem]:
    return [ImageItem(name, compose) for name in names]


@pytest.mark.parametrize(
    ("files", "items"),
    [
        (FILES, [ComposeItem(RAWHIDE), *images_of(ComposeItem(RAWHIDE), file_names(RAWHIDE))]),
        (FILES, [ComposeItem(F43), *images_of(ComposeItem(F43, STAGED), file_names(F43))]),
        (tree(RAWHIDE, ELN_URL.removesuffix("/compose"), cid=ELN), [ComposeItem(ELN_URL, ELN_URL), ComposeItem(f"{ELN_URL}/"), ImageItem(DVD.replace(RAWHIDE, ELN), ComposeItem(ELN_URL))]),
        (OSTREE_INSTALLER, images_of(ComposeItem(RAWHIDE), [OSTREE])),
        (TWINS, images_of(ComposeItem(RAWHIDE), [DVD])),
    ],
    ids=["rawhide", "43", "eln", "ostree", "twins"],
)  # fmt: skip
def test_bodies_are_those_the_libraries_would_send(
    files: dict[str, bytes], items: list[ResultItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = Genuine(files, monkeypatch)
    ours = resultsdb("http://127.0.0.1:1", files)
    for item in items:
        result = replace(BODIES["image"], item=item)
        expected = genuine.body_for(result)
        requests = genuine.requests
        assert json.dumps(ours.prepare(result).body) == json.dumps(expected)
        assert genuine.requests == requests


def test_an_ostree_installer_is_not_a_network_installer() -> None:
    result = replace(BODIES["image"], item=ImageItem(OSTREE, ComposeItem(RAWHIDE)))
    body = resultsdb("http://127.0.0.1:1", OSTREE_INSTALLER).prepare(result).body
    assert '"productmd.image.type": "dvd-ostree"' in json.dumps(body)


@pytest.mark.parametrize("name", ["image", "update"])
def test_a_result_names_what_it_makes(name: str) -> None:
    body = json.loads((DATA / "resultsdb" / f"{name}.json").read_text())
    uuids = {group["uuid"] for group in body["groups"]}
    names = resultsdb("http://127.0.0.1:1").prepare(BODIES[name]).names
    assert names == uuids | {body["testcase"]["name"]}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (ImageItem("x.iso", ComposeItem(RAWHIDE)), rf"{RAWHIDE} has no image x\.iso"),
        (ComposeItem("Fedora-Rawhide-20200101.n.0"), "no longer exists"),
    ],
)
def test_what_is_gone_is_not_reported_on(web: Web, item: ResultItem, reason: str) -> None:
    sink = resultsdb(web.url)
    with pytest.raises(SubjectError, match=reason):
        sink.prepare(replace(RESULT, item=item))
    assert web.requests == []


OUTCOME = {
    "input": "CRASHED",
    "loc": ["outcome"],
    "msg": "Value error, must be one of: PASSED, INFO, FAILED, NEEDS_INSPECTION",
    "type": "value_error",
}
NO_TESTCASE = {"input": {}, "loc": ["testcase", 0], "msg": "Field required", "type": "missing"}


def invalid(*problems: object) -> Answer:
    return text(json.dumps({"validation_error": problems}), status=400)


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (invalid(OUTCOME), RequestRefusedError, r"400 the server's configuration must allow outcome CRASHED: outcome: Value error, must be one of: PASSED"),
        (invalid(NO_TESTCASE), RequestRefusedError, r"400 testcase\.0: Field required$"),
        (invalid(OUTCOME | {"msg": "Field required"}), RequestRefusedError, "400 outcome: Field required$"),
        (invalid(NO_TESTCASE, OUTCOME), RequestRefusedError, r"outcome CRASHED: testcase\.0: Field required; outcome: Value"),
        (text('{"message": "Bad request"}', status=400), RequestRefusedError, '400 {"message": "Bad request"}'),
        # resultsdb_api raises other errors for these
        (text('["x"]', status=400), RequestRefusedError, r"400 \[\"x\"\]"),
        (text("7", status=400), RequestRefusedError, "400 7"),
        (text(b"\xff\xfe", status=400), RequestRefusedError, "400"),
        (text("[" * 100_000, status=400), RequestRefusedError, r"400 \[\["),
        (html(403), NotAllowedError, "403 <html>"),
        (html(404), NotAllowedError, "404"),
        (html(405), NotAllowedError, "405"),
        (html(415), RequestRefusedError, "415"),
        (html(401), ConfigError, r"401: ResultsDB refuses requests without login \(see username"),
        (text("", status=302, headers={"Location": "/login"}), ConfigError, "is this the URL of ResultsDB itself"),
        (text("", status=308, headers={"Location": "/login"}), ConfigError, "is this the URL of ResultsDB itself"),
        (text('{"message": "Internal Server Error"}', status=500), AmbiguousWriteError, "500"),
        (html(502), AmbiguousWriteError, "502"),
        (html(503), AmbiguousWriteError, "503"),
        (html(504), AmbiguousWriteError, "504"),
        (text("", status=408), AmbiguousWriteError, "408"),
        (drop, AmbiguousWriteError, "closed"),
        (hang, AmbiguousWriteError, "no answer in time"),
        (trickle, AmbiguousWriteError, "no answer in time"),
        (truncated('{"id": 1}'), AmbiguousWriteError, "IncompleteRead"),
        (html(), AmbiguousWriteError, "not (the answer of this service|what was asked for)"),
        (text("{}"), AmbiguousWriteError, "required field `id`"),
        (text('{"id": "x"}'), AmbiguousWriteError, "Expected `int`"),
        (text("[]"), AmbiguousWriteError, "Expected `object`"),
        (text("", status=204), AmbiguousWriteError, "not (the answer of this service|what was asked for)"),
        (text("[" * 100_000), AmbiguousWriteError, "not (the answer of this service|what was asked for)"),
    ],
)  # fmt: skip
def test_a_result_is_sent_once_whatever_becomes_of_it(
    web: Web, answer: Answer, error: type[FedoraOpenQAError], reason: str
) -> None:
    web.answers[POST] = answer
    with pytest.raises(error, match=reason) as failure:
        post(resultsdb(web.url, limits=limits_for(answer)), RESULT)
    wait_for(lambda: web.requests)
    assert web.requests == [POST]
    assert str(failure.value).startswith(f"POST {web.url}{API}: ")
    assert "\n" not in str(failure.value)


def test_whoever_does_not_answer_a_post_is_waited_for_less_long_than_for_a_read(web: Web) -> None:
    web.answers[POST] = hang
    patient = limits_with(read_timeout=600.0, total_timeout=600.0)
    with pytest.raises(AmbiguousWriteError, match="no answer in time"):
        post(resultsdb(web.url, limits=patient, post_timeout=SHORT.total_timeout), RESULT)


PASSWORD = "пароль"  # noqa: S105 - of a test


def test_a_password_that_is_refused_is_named_by_its_user_only(web: Web) -> None:
    web.answers[POST] = html(401)
    with pytest.raises(ConfigError, match="refuses the password of openqa") as failure:
        post(resultsdb(web.url, password=PASSWORD), RESULT)
    assert PASSWORD not in str(failure.value)


def test_a_user_is_known_by_a_password_of_any_letters(web: Web) -> None:
    headers: list[str | None] = []

    def answer(request: Request) -> None:
        headers.append(request.headers["Authorization"])
        STORED(request)

    web.answers[POST] = answer
    post(resultsdb(web.url, password=PASSWORD), RESULT)
    post(resultsdb(web.url), RESULT)
    assert headers == [f"Basic {b64encode('openqa:пароль'.encode()).decode()}", None]


def test_a_result_that_was_never_sent_may_be_sent_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ServiceUnavailableError, match=r"POST .*refused"):
        post(resultsdb(f"http://127.0.0.1:{port}"), RESULT)


def test_threads_share_a_sink_and_each_gets_its_own_answer(web: Web) -> None:
    # each request has a body of another length
    results = [replace(RESULT, ref_url=f"x/{number}", note="x" * number) for number in range(100)]

    def answer(request: Request) -> None:
        length = int(request.headers["Content-Length"])
        body = next(body for body in list(web.bodies) if len(body) == length)
        text(json.dumps({"id": int(json.loads(body)["ref_url"].removeprefix("x/"))}))(request)

    web.answers[POST] = answer
    sink = resultsdb(web.url, limits=limits_with())
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(partial(post, sink), results)) == list(range(100))
    assert len(web.bodies) == 100


ROWS = [
    {
        "id": number,
        "outcome": "PASSED",
        "ref_url": f"x/{number}",
        "note": None,
        "testcase": {"name": f"update.test_{number}", "ref_url": ""},
        "data": {"scenario": ["fedora.a.b.c"], "item": ["x"]} if number == 9 else {},
    }
    for number in (9, 8, 7, 6)
]


def page(*rows: object, more: bool) -> Answer:
    # a URL that leads nowhere: the server may have another name inside its network
    following = "http://inside.example/results?page=1" if more else None
    return text(json.dumps({"data": rows, "next": following, "prev": None}))


def test_all_results_of_a_group_are_read_page_by_page(web: Web) -> None:
    web.answers[GET] = in_turn(
        page(ROWS[0], ROWS[1], more=True),
        # a result was stored meanwhile
        page(ROWS[1], ROWS[2], more=True),
        page(ROWS[3] | {"ref_url": None}, more=False),
    )
    found = resultsdb(web.url).stored(ComposeItem(RAWHIDE), source="openqa")
    data = {"scenario": ("fedora.a.b.c",), "item": ("x",)}
    assert found == (
        StoredResult(9, "PASSED", "x/9", "update.test_9", "fedora.a.b.c", data=data),
        StoredResult(8, "PASSED", "x/8", "update.test_8"),
        StoredResult(7, "PASSED", "x/7", "update.test_7"),
        StoredResult(6, "PASSED", "", "update.test_6"),
    )
    asked = [parse_qs(urlsplit(request).query) for request in web.requests]
    group = ["959371bb-135f-50e0-b716-3d1f5bc7208a"]
    assert asked == [
        {"groups": group, "limit": ["1000"], "page": [str(number)]} for number in range(3)
    ]


def test_a_server_that_never_comes_to_an_end_is_not_followed(web: Web) -> None:
    web.answers[GET] = in_turn(page(ROWS[0], more=True), page(more=True))
    assert len(resultsdb(web.url).stored(RESULT.item, source="openqa")) == 1
    assert len(web.requests) == 2


def test_a_list_that_repeats_itself_is_an_error_and_no_other_host_is_asked(web: Web) -> None:
    web.answers[GET] = page(ROWS[0], ROWS[1], more=True)
    with pytest.raises(ServiceUnavailableError, match="repeats"):
        resultsdb(web.url).stored(RESULT.item, source="openqa")
    assert len(web.requests) == 2


#: text that openQA may give, and that PostgreSQL or UTF-8 cannot have
UNSTORABLE = ("a\0b", "a\ud800b", "a\nb", "a\x1b[31mb")


@pytest.mark.parametrize("bad", UNSTORABLE)
def test_characters_that_can_never_be_stored_are_replaced(web: Web, bad: str) -> None:
    web.answers[POST] = STORED
    web.answers[GET] = page(more=False)
    result = replace(
        RESULT,
        item=UpdateItem(bad),
        testcase=bad,
        note=bad,
        ref_url=bad,
        tc_url=bad,
        extradata={"arch": bad, "scenario": bad},
    )
    sink = resultsdb(web.url)
    sink.post(sink.prepare(result))
    sink.stored(result.item, source="openqa")
    body = json.loads(web.bodies[0])
    good = one_line(bad)
    assert (body["testcase"], body["note"]) == ({"name": good, "ref_url": good}, good)
    assert body["ref_url"] == good
    assert {body["data"][name] for name in ("arch", "scenario", "item")} == {good}


@pytest.mark.parametrize(
    "changes",
    [
        {"testcase": "x" * 9000},
        {"ref_url": "é" * 4001},
        {"extradata": {"scenario": "x" * 9000}},
        {"extradata": {"a:b": "x"}},
    ],
)
def test_what_can_never_be_stored_is_refused_before_it_is_sent(
    web: Web, changes: dict[str, Any]
) -> None:
    with pytest.raises(RequestRefusedError, match="ResultsDB"):
        post(resultsdb(web.url), replace(RESULT, **changes))
    assert web.requests == []


def test_a_note_may_be_long(web: Web) -> None:
    web.answers[POST] = STORED
    assert post(resultsdb(web.url), replace(RESULT, note="x" * 100_000)) == 41


#: bodies of answers with status 200
ANSWERS = st.one_of(
    st.binary(max_size=50),
    st.sampled_from(
        [
            b"[" * 100_000,
            b'{"data": [], "next": ' + b"9" * 5000 + b"}",
            b'{"id": ' + b"9" * 5000 + b"}",
            b'{"data": [{"id": 1, "outcome": "\\ud800", "ref_url": "\\ud800"}], "next": null}',
            b'{"id": null}',
            b"\xff\xfe",
            b"<!doctype html>",
        ]
    ),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "data"]), inner),
        max_leaves=6,
    ).map(lambda value: json.dumps(value).encode()),
)


@pytest.mark.timeout(600)
@given(content=ANSWERS, headers=st.sampled_from([{}, {"Content-Encoding": "gzip"}]))
@settings(max_examples=examples(60))
def test_nothing_but_errors_of_ours_leaves_whatever_is_answered(
    web: Web, content: bytes, headers: dict[str, str]
) -> None:
    web.answers[GET] = web.answers[POST] = text(content, headers=headers)
    sink = resultsdb(web.url, limits=replace(LIMITS, attempts=1))
    with contextlib.suppress(ServiceUnavailableError):
        sink.stored(RESULT.item, source="openqa")
    with contextlib.suppress(AmbiguousWriteError):
        post(sink, RESULT)


@pytest.mark.parametrize("name", BODIES)
def test_what_is_stored_is_looked_for_in_the_group_that_results_are_put_in(
    web: Web, name: str
) -> None:
    web.answers[GET] = page(more=False)
    body = json.loads((DATA / "resultsdb" / f"{name}.json").read_text())
    # the group of the source, of the compose, and of the source's results of the compose
    uuid = body["groups"][2]["uuid"]
    result = BODIES[name]
    assert resultsdb(web.url).stored(result.item, source=result.source) == ()
    assert parse_qs(urlsplit(web.requests[0]).query)["groups"] == [uuid]


def test_the_group_of_an_eln_compose_is_called_by_its_id(web: Web) -> None:
    web.answers[GET] = page(more=False)
    files = tree(RAWHIDE, ELN_URL.removesuffix("/compose"), cid=ELN)
    sink = resultsdb(web.url, files)
    sink.stored(ComposeItem(ELN_URL), source="openqa")
    sink.stored(ComposeItem(ELN), source="openqa")
    assert web.requests[0] == web.requests[1]
    assert len(web.requests) == 2


def test_what_is_stored_of_a_deleted_compose_is_known_all_the_same(web: Web) -> None:
    web.answers[GET] = page(ROWS[0], more=False)
    sink = resultsdb(web.url, {})
    assert len(sink.stored(ImageItem("x.iso", ComposeItem(RAWHIDE)), source="openqa")) == 1


def test_of_an_image_all_of_its_build_is_read(web: Web) -> None:
    web.answers[GET] = page(more=False)
    sink = resultsdb(web.url)
    build = CoreOSBuildItem("Fedora-CoreOS-45.20261119.91.0", "unknown")
    sink.stored(build, source="openqa")
    sink.stored(CoreOSImageItem("x.iso", "iso", "x86_64", build), source="openqa")
    assert web.requests[0] == web.requests[1]


@pytest.mark.parametrize(
    ("answer", "error", "reason", "requests"),
    [
        (html(), ServiceUnavailableError, "not (the answer of this service|what was asked for)", 2),
        (text("{}"), ServiceUnavailableError, "required field `data`", 2),
        (text('{"data": []}'), ServiceUnavailableError, "required field `next`", 2),
        (html(500), ServiceUnavailableError, "500", 2),
        (html(503), ServiceUnavailableError, "503", 2),
        (hang, ServiceUnavailableError, "no answer in time", 2),
        (drop, ServiceUnavailableError, "closed", 2),
        (truncated("{}"), ServiceUnavailableError, "IncompleteRead", 2),
        (text('{"message": "x"}', status=400), RequestRefusedError, "400", 1),
        (html(401), ConfigError, "401", 1),
        (text("", status=301, headers={"Location": "/"}), ConfigError, "redirected", 1),
    ],
)
def test_what_resultsdb_does_not_say_is_no_answer(
    web: Web, answer: Answer, error: type[FedoraOpenQAError], reason: str, requests: int
) -> None:
    web.answers[GET] = answer
    with pytest.raises(error, match=reason):
        resultsdb(web.url, limits=limits_for(answer)).stored(RESULT.item, source="openqa")
    wait_for(lambda: len(web.requests) >= requests)
    assert len(web.requests) == requests


def test_a_read_is_repeated_within_bounds(web: Web) -> None:
    web.answers[GET] = in_turn(html(500), page(ROWS[0], more=False))
    assert len(resultsdb(web.url).stored(RESULT.item, source="openqa")) == 1


def test_a_dry_run_reads_and_shows_but_never_writes(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    web.answers[GET] = page(ROWS[0], more=False)
    sink = resultsdb(web.url)
    dry = DryRunResultsDB(sink)
    result = BODIES["image"]
    prepared = dry.prepare(result)
    assert dry.post(prepared) == 0
    assert prepared == sink.prepare(result)
    assert dry.stored(result.item, source="openqa") == sink.stored(result.item, source="openqa")
    assert {request.partition(" ")[0] for request in web.requests} == {"GET"}
    assert json.dumps(prepared.body) in caplog.text


def test_a_dry_run_says_what_would_fail() -> None:
    dry = DryRunResultsDB(resultsdb("http://127.0.0.1:1", {}))
    with pytest.raises(SubjectError, match="no longer exists"):
        dry.prepare(BODIES["image"])


def test_first_uses_that_go_in_waves_never_meet() -> None:
    results = [
        replace(
            BODIES["image"],
            item=ImageItem(filename, ComposeItem(RAWHIDE)),
            testcase=f"compose.test_{test}",
            ref_url=f"x/{test}/{filename}",
        )
        for filename in file_names(RAWHIDE)
        for test in range(10)
    ]
    options = SandboxOptions(openqa=OpenQAOptions(templates=Templates()))
    # this ResultsDB is slow to create groups, and answers 500 to a second request for one
    with Sandbox(options) as sandbox, ThreadPoolExecutor(16) as pool:
        url = sandbox.resultsdb_url.removesuffix("/api/v2.0")
        sink = resultsdb(url, limits=limits_with())
        prepared = [sink.prepare(result) for result in results]
        for wave in in_waves([one.names for one in prepared]):
            list(pool.map(sink.post, [prepared[index] for index in wave]))
        stored = sink.stored(ComposeItem(RAWHIDE), source="openqa")
    assert sorted(row.ref_url for row in stored) == sorted(result.ref_url for result in results)
