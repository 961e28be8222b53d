import pytest

from fedora_openqa.errors import FedoraOpenQAError, RequestRefusedError, ServiceUnavailableError
from fedora_openqa.gateways.composes.archive import SeriesFiles
from fedora_openqa.gateways.http.client import Reader
from tests.support.limits import LIMITS
from tests.support.web import Answer, Web, drop, text

SERIES = """\
Fedora-43-20250813.n.0
Fedora-43-20251021.0 RC-1.4
Fedora-43-20251023.0 RC-1.6

"""


def series(web: Web) -> SeriesFiles:
    return SeriesFiles(Reader(LIMITS), f"{web.url}/compose/")


def test_the_composes_of_a_release_are_listed(web: Web) -> None:
    web.answers["GET /compose/metadata-archive/series/Fedora-43"] = text(SERIES)
    assert series(web).of("Fedora-43") == (
        "Fedora-43-20250813.n.0",
        "Fedora-43-20251021.0",
        "Fedora-43-20251023.0",
    )


@pytest.mark.parametrize(
    ("release", "file"),
    [
        ("Fedora-Rawhide", "Fedora-rawhide"),
        ("Fedora-eln", "Fedora-eln"),
        ("Fedora-IoT-43", "Fedora-IoT-43"),
    ],
)
def test_the_archive_spells_versions_in_lower_case(web: Web, release: str, file: str) -> None:
    assert series(web).of(release) == ()
    assert web.requests == [f"GET /compose/metadata-archive/series/{file}"]


def test_a_list_of_other_things_is_unavailable(web: Web) -> None:
    web.answers["GET /compose/metadata-archive/series/Fedora-43"] = text(b"\xff\xfe\0\n<html> x\n")
    with pytest.raises(ServiceUnavailableError):
        series(web).of("Fedora-43")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (drop, ServiceUnavailableError),
        (text("", status=503), ServiceUnavailableError),
        (text("", status=403), RequestRefusedError),
    ],
)
def test_an_archive_that_does_not_answer_is_not_empty(
    web: Web, answer: Answer, error: type[FedoraOpenQAError]
) -> None:
    web.answers["GET /compose/metadata-archive/series/Fedora-43"] = answer
    with pytest.raises(error):
        series(web).of("Fedora-43")
