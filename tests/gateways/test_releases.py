import pytest

from fedora_openqa.errors import PermanentError, ServiceUnavailableError
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.model.composes import ReleaseNumbers
from tests.gateways.limits import LIMITS
from tests.web import Answer, Web, html, text


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
        (html(), "not release metadata"),
        (text('{"fedora": {"stable": ["43"], "branched": []}}'), "Expected `int`, got `str`"),
        (text('{"fedora": {"stable": [], "branched": []}}'), "no stable release"),
    ],
)
def test_anything_else_is_refused(web: Web, answer: Answer, reason: str) -> None:
    with pytest.raises(PermanentError, match=reason):
        load(web, answer)


def test_no_answer_is_none(web: Web) -> None:
    with pytest.raises(ServiceUnavailableError):
        load(web, text("", status=500))
