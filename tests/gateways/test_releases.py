import pytest

from fedora_openqa.errors import PermanentError, ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.model.composes import ReleaseNumbers
from tests.support.limits import LIMITS
from tests.support.web import Answer, Web, html, text


def load(web: Web, answer: Answer) -> ReleaseNumbers:
    web.answers["GET /release.json"] = answer
    url = f"{web.url}/release.json"
    return MetadataReleases(Reader(LIMITS), url).load()


def test_the_numbers_are_read(web: Web) -> None:
    body = '{"fedora": {"stable": [42, 43], "branched": []}, "el": {"stable": [9]}}'
    assert load(web, text(body)) == ReleaseNumbers(stable=(42, 43), branched=())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (text("", status=404), "not there"),
        (text('{"fedora": {"stable": [], "branched": []}}'), "no stable release"),
    ],
)
def test_a_file_without_stable_releases_is_an_answer(web: Web, answer: Answer, reason: str) -> None:
    with pytest.raises(PermanentError, match=reason):
        load(web, answer)


@pytest.mark.parametrize(
    "answer",
    [
        text("", status=500),
        html(),
        text('{"fedora": {"stable": ["43"], "branched": []}}'),
    ],
    ids=["500", "a page of a proxy", "numbers as texts"],
)
def test_what_is_not_release_metadata_is_unavailable(web: Web, answer: Answer) -> None:
    with pytest.raises(ServiceUnavailableError):
        load(web, answer)
