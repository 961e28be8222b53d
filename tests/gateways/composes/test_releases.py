import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import fedfind.helpers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import FedoraOpenQAError, ServiceUnavailableError, SubjectError
from fedora_openqa.gateways.composes.releases import MOST_COMPOSES, ComposeRelease, ComposeReleases
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.model.results import ComposeItem
from tests.support.limits import LIMITS
from tests.support.metadata import F43, KOJI, PLACES, RAWHIDE, Files, tree
from tests.support.web import Web, in_turn, text

PLACE = PLACES[RAWHIDE]
INFO, IMAGES = (f"{PLACE}/compose/metadata/{name}.json" for name in ("composeinfo", "images"))
ITEM = ComposeItem(RAWHIDE)
THREADS = 12


@pytest.fixture(scope="module", autouse=True)
def _no_requests_of_fedfind() -> Iterator[None]:
    def urlopen(request: object) -> None:
        raise AssertionError(f"fedfind asks for {request}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fedfind.helpers, "urlopen", urlopen)
        yield


def releases(files: Files, *hosts: str) -> ComposeReleases:
    return ComposeReleases(files, allowed_hosts=hosts)


def test_a_compose_costs_three_requests_however_many_results_it_has() -> None:
    files = Files(tree(RAWHIDE, PLACE))
    shared = releases(files)
    loaded = [shared.load(ITEM) for _ in range(250)]
    assert sorted(files.urls) == sorted([f"{PLACE}/STATUS", INFO, IMAGES])
    assert {id(release) for release in loaded} == {id(loaded[0])}
    assert (loaded[0].id, loaded[0].location) == (RAWHIDE, f"{PLACE}/compose")


class Slow(Files):
    """Answers when all are waiting."""

    waiting = threading.Event()

    def fetch(self, url: str) -> bytes | None:
        assert self.waiting.wait(60)
        return super().fetch(url)


def load_side_by_side(files: Slow) -> list[ComposeRelease | FedoraOpenQAError]:
    shared = releases(files)
    started = threading.Barrier(THREADS, action=files.waiting.set)

    def load(_number: int) -> ComposeRelease | FedoraOpenQAError:
        started.wait(60)
        try:
            return shared.load(ITEM)
        except FedoraOpenQAError as exc:
            return exc

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(load, range(THREADS)))


def test_whoever_asks_at_the_same_time_shares_the_answer() -> None:
    files = Slow(tree(RAWHIDE, PLACE))
    answers = load_side_by_side(files)
    assert len(files.urls) == 3
    assert all(answer is answers[0] for answer in answers)


@pytest.mark.parametrize("away", [True, False])
def test_whoever_asks_learns_that_there_is_no_answer(*, away: bool) -> None:
    answers = load_side_by_side(Slow({}, away=away))
    kind = ServiceUnavailableError if away else SubjectError
    assert [type(answer) for answer in answers] == [kind] * THREADS


def test_what_could_not_be_read_is_read_again_next_time() -> None:
    files = Files(tree(RAWHIDE, PLACE), away=True)
    shared = releases(files)
    with pytest.raises(ServiceUnavailableError, match="503"):
        shared.load(ITEM)
    files.away = False
    assert shared.load(ITEM).id == RAWHIDE


def test_a_compose_that_is_not_finished_is_looked_at_again() -> None:
    files = Files(tree(RAWHIDE, PLACE) | {f"{PLACE}/STATUS": b"STARTED\n"})
    shared = releases(files)
    with pytest.raises(SubjectError, match="not finished"):
        shared.load(ITEM)
    files.files[f"{PLACE}/STATUS"] = b"FINISHED_INCOMPLETE\n"
    assert shared.load(ITEM).id == RAWHIDE


def test_metadata_of_a_deleted_compose_may_be_archived() -> None:
    archive = f"{KOJI}/metadata-archive/2024/{RAWHIDE}"
    there = tree(RAWHIDE, PLACE)
    files = Files(
        {f"{archive}/composeinfo.json": there[INFO], f"{archive}/images.json": there[IMAGES]}
    )
    release = releases(files).load(ITEM)
    assert files.urls == [INFO, f"{archive}/composeinfo.json", f"{archive}/images.json"]
    assert release == releases(Files(there)).load(ITEM)


def test_a_compose_that_is_nowhere_no_longer_exists() -> None:
    files = Files({})
    with pytest.raises(SubjectError, match=f"{RAWHIDE}/compose: the compose no longer exists"):
        releases(files).load(ITEM)
    assert len(files.urls) == 2


@pytest.mark.parametrize(("name", "label"), [(F43, "RC-1.6"), (RAWHIDE, None)])
def test_only_a_candidate_has_a_label(name: str, label: str | None) -> None:
    assert releases(Files(tree(name, PLACES[name]))).load(ComposeItem(name)).label == label


def test_a_compose_may_have_no_images() -> None:
    there = tree(RAWHIDE, PLACE)
    there[IMAGES] = b'{"payload": {"images": {}}}'
    release = releases(Files(there)).load(ITEM)
    with pytest.raises(SubjectError, match=rf"{RAWHIDE} has no image x\.iso"):
        release.image("x.iso")


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        (f"{PLACE}/STATUS", b"DOOMED", "not finished: 'DOOMED'"),
        (INFO, tree(F43, PLACE)[INFO], f"the metadata is that of {F43}"),
        (INFO, tree(RAWHIDE, PLACE)[INFO].replace(b'"1.2"', b'"3.0"'), "version '3.0'"),
        (IMAGES, tree(RAWHIDE, PLACE)[IMAGES].replace(b'"dvd"', b'"%X%"'), "a percent sign"),
    ],
)
def test_broken_metadata_is_refused_in_one_line(path: str, content: bytes, reason: str) -> None:
    with pytest.raises(SubjectError, match=reason) as failure:
        releases(Files(tree(RAWHIDE, PLACE) | {path: content})).load(ITEM)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("path", [f"{PLACE}/STATUS", INFO, IMAGES])
@pytest.mark.parametrize("content", [b"<html>", b"", b'{"header": {}, "payload": {}}'])
def test_what_is_not_metadata_at_all_is_unavailable(path: str, content: bytes) -> None:
    with pytest.raises(ServiceUnavailableError):
        releases(Files(tree(RAWHIDE, PLACE) | {path: content})).load(ITEM)


def test_a_missing_list_of_the_images_that_composeinfo_has_is_unavailable() -> None:
    there = tree(RAWHIDE, PLACE)
    del there[IMAGES]
    with pytest.raises(ServiceUnavailableError, match=r"composeinfo\.json has images"):
        releases(Files(there)).load(ITEM)


def test_a_refused_request_is_about_that_compose_only(web: Web) -> None:
    place = f"{web.url}/{RAWHIDE}/compose"
    web.answers[f"GET /{RAWHIDE}/compose/metadata/composeinfo.json"] = text("no", status=403)
    shared = ComposeReleases(Reader(LIMITS), allowed_hosts=[web.host])
    with pytest.raises(SubjectError, match=r"cannot be read: GET .* 403 no"):
        shared.load(ComposeItem(RAWHIDE, place))


def test_a_server_that_stumbles_is_asked_again(web: Web) -> None:
    for url, content in tree(RAWHIDE, PLACE).items():
        path = url.removeprefix(PLACE)
        web.answers[f"GET /x{path}"] = in_turn(text("", status=503), text(content))
    shared = ComposeReleases(Reader(LIMITS), allowed_hosts=[web.host])
    release = shared.load(ComposeItem(RAWHIDE, f"{web.url}/x/compose/"))
    assert (release.id, release.location) == (RAWHIDE, f"{web.url}/x/compose")


RESPINS = "https://dl.fedoraproject.org/pub/alt/live-respins"
RESPIN = "FedoraRespin-43-updates-20251101.0"
OURS = "http://mirror.example:81/x/compose"
ELN = "Fedora-eln-20240829.n.1"


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (ComposeItem(RAWHIDE, OURS), OURS),
        (ComposeItem(OURS, OURS), OURS),
        (ComposeItem(OURS), OURS),
        (ComposeItem(RAWHIDE), f"{PLACE}/compose"),
        (ComposeItem(RAWHIDE, "http://evil.example/x/compose"), f"{PLACE}/compose"),
        (ComposeItem(RAWHIDE, "http://mirror.example:81@evil.example/x"), f"{PLACE}/compose"),
        (ComposeItem(RAWHIDE, "https://dl.fedoraproject.org/pub/x"), f"{PLACE}/compose"),
        (ComposeItem(F43), f"{KOJI}/43/{F43}/compose"),
        (ComposeItem("Fedora-44-20261118.n.0"), f"{KOJI}/branched/Fedora-44-20261118.n.0/compose"),
        (ComposeItem("Fedora-IoT-44-20261118.0"), f"{KOJI}/iot/Fedora-IoT-44-20261118.0/compose"),
        (ComposeItem("Fedora-Cloud-43-20261118.0"), f"{KOJI}/cloud/Fedora-Cloud-43-20261118.0/compose"),
        (ComposeItem(ELN), f"{KOJI}/eln/{ELN}/compose"),
        (ComposeItem(f"{KOJI}/eln/{ELN}/compose"), f"{KOJI}/eln/{ELN}/compose"),
        (ComposeItem(f"{KOJI}/eln/{ELN}/compose/"), f"{KOJI}/eln/{ELN}/compose"),
        (ComposeItem(f"{KOJI}/x/compose"), f"{KOJI}/x/compose"),
    ],
)  # fmt: skip
def test_a_compose_is_where_its_jobs_found_it_or_where_fedora_keeps_it(
    item: ComposeItem, place: str
) -> None:
    cid = item.locator if "/" not in item.locator else ELN
    files = tree(RAWHIDE, place.removesuffix("/compose"), cid=cid)
    release = releases(Files(files), "mirror.example:81").load(item)
    assert (release.id, release.location) == (cid, place)


@pytest.mark.parametrize(
    ("locator", "reason"),
    [
        ("", "'' is not a compose id"),
        ("Update-FEDORA-2026-1bd5f4a0c2", "not a compose id"),
        (f"{RAWHIDE}-x", "not a compose id"),
        ("Fedora-Epel-10-20261120.n.0", "does not support EPEL"),
        ("Fedora-43-19700101.0", "no compose with metadata"),
        ("Fedora-43-20261301.0", "20261301"),
        ("https://evil.example/x/compose", "Unexpected URL"),
    ],
)
def test_what_is_no_compose_is_not_looked_for(locator: str, reason: str) -> None:
    files = Files({})
    with pytest.raises(SubjectError, match=reason):
        releases(files).load(ComposeItem(locator))
    assert files.urls == []


def test_the_wrong_compose_is_not_taken_for_the_one_fedfind_cannot_place() -> None:
    files = Files(tree(F43, PLACES[F43]))
    with pytest.raises(SubjectError, match=f"the metadata is that of {F43}"):
        releases(files).load(ComposeItem(F43.replace("Fedora-", "Fedora-KDE-")))


def test_nobody_elses_compose_is_taken_for_the_one_that_was_tested() -> None:
    files = Files(tree(F43, OURS.removesuffix("/compose")))
    with pytest.raises(SubjectError, match=f"{OURS}: the metadata is that of {F43}"):
        releases(files, "mirror.example:81").load(ComposeItem(RAWHIDE, OURS))


def test_only_some_composes_are_remembered_those_in_use_longest() -> None:
    files = Files({})
    items = [
        ComposeItem(f"Fedora-Rawhide-20240829.n.{number}") for number in range(MOST_COMPOSES + 1)
    ]
    for item in items:
        files.files |= tree(RAWHIDE, f"{KOJI}/rawhide/{item.locator}", cid=item.locator)
    shared = releases(files)
    for item in items[:-1]:
        shared.load(item)
    shared.load(items[0])
    shared.load(items[-1])
    before = len(files.urls)
    shared.load(items[0])
    shared.load(items[-1])
    assert len(files.urls) == before
    shared.load(items[1])
    assert len(files.urls) == before + 3


IDS = st.builds(
    "Fedora{}-{}-{}.{}".format,
    st.sampled_from(["", "-IoT", "-Cloud", "-Epel", "Respin", "-x/..", "X"]),
    st.sampled_from(["43", "Rawhide", "eln", "ELN", "43-updates", "updates", "-", "20240829"]),
    st.sampled_from(["20240829", "19700101", "20241301", "00000000"]),
    st.sampled_from(["0", "n.0", "t.1", "ci.1", "1.2", "99999999999"]),
)


@given(
    IDS | st.text() | st.from_regex(rf"{KOJI}/\S*", fullmatch=True) | IDS.map(f"{KOJI}/{{}}".format)
)
def test_any_locator_leads_to_fedora_or_nowhere(locator: str) -> None:
    files = Files({})
    with pytest.raises(SubjectError):
        releases(files).load(ComposeItem(locator))
    assert all(url.startswith((f"{KOJI}/", f"{RESPINS}/")) for url in files.urls)


PAGE = b"""<title>Index of /pub/alt/live-respins</title>
<a href="F43-KDE-x86_64-LIVE-20251101.iso">F43-KDE</a>
"""


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (ComposeItem(RESPIN), RESPINS),
        (ComposeItem(RESPIN, RESPINS), RESPINS),
        (ComposeItem(f"{RESPINS}/"), RESPINS),
        (ComposeItem(RESPIN, "http://mirror.example:81/live-respins/"), "http://mirror.example:81/live-respins"),
    ],
)  # fmt: skip
def test_a_respin_is_read_from_its_index_page(item: ComposeItem, place: str) -> None:
    files = Files({f"{place}/": PAGE})
    release = releases(files, "mirror.example:81").load(item)
    assert (release.id, release.location, release.label) == (RESPIN, place, None)
    assert release.image("F43-KDE-x86_64-LIVE-20251101.iso") == {
        "subvariant": "KDE",
        "type": "live",
        "format": "iso",
        "arch": "x86_64",
        "path": "F43-KDE-x86_64-LIVE-20251101.iso",
        "disc_number": 1,
    }
    assert files.urls == [f"{place}/"]


def test_a_respin_that_was_replaced_is_no_longer_there() -> None:
    files = Files({f"{RESPINS}/": PAGE})
    with pytest.raises(SubjectError, match=f"is no longer there: {RESPINS} has {RESPIN} by now"):
        releases(files).load(ComposeItem("FedoraRespin-43-updates-20251001.0"))


def test_composes_may_be_below_another_url_than_fedoras() -> None:
    place = f"http://mirror.example/compose/rawhide/{RAWHIDE}"
    files = Files(tree(RAWHIDE, place))
    mirrored = ComposeReleases(
        files, allowed_hosts=(), composes_url="http://mirror.example/compose/"
    )
    assert mirrored.load(ITEM).location == f"{place}/compose"
