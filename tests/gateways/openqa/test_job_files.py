import pytest

from fedora_openqa.errors import FedoraOpenQAError, RequestRefusedError, ServiceUnavailableError
from fedora_openqa.gateways.openqa.job_files import MAX_BYTES, OpenQAFiles
from tests.support.limits import LIMITS, limits_with
from tests.support.web import Answer, Request, Web, drop, endless, text, truncated

NAME = "_collect_data-rpms.log"
PATH = f"GET /tests/3001/file/{NAME}"


def files(web: Web) -> OpenQAFiles:
    # other gateways accept far larger answers
    return OpenQAFiles(limits_with(attempts=1), f"{web.url}/")


def test_a_file_is_read_as_it_is(web: Web) -> None:
    web.answers[PATH] = text(b"bash-5.3-2.fc45.x86_64\n\xff", type_="text/plain")
    assert files(web).load(3001, NAME) == b"bash-5.3-2.fc45.x86_64\n\xff"


def test_a_job_may_have_no_such_file(web: Web) -> None:
    assert files(web).load(3001, NAME) is None


def test_a_name_cannot_lead_elsewhere(web: Web) -> None:
    assert files(web).load(3001, "../x?y#z") is None
    assert web.requests == ["GET /tests/3001/file/..%2Fx%3Fy%23z"]


def test_the_largest_file_is_read(web: Web) -> None:
    web.answers[PATH] = text(b"x" * MAX_BYTES)
    assert files(web).load(3001, NAME) == b"x" * MAX_BYTES


def test_of_a_larger_one_no_more_is_read(web: Web) -> None:
    sent = []

    def answer(request: Request) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            for _ in range(1000):
                request.wfile.write(b"x" * 65536)
                sent.append(65536)
        finally:
            request.server.closing.set()

    web.answers[PATH] = answer
    with pytest.raises(ServiceUnavailableError, match=f"more than {MAX_BYTES} bytes"):
        files(web).load(3001, NAME)
    assert web.closing.wait(10)
    # the buffers of the sockets are sent as well, but by far not all
    assert sum(sent) < 32 * MAX_BYTES


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (drop, ServiceUnavailableError),
        (truncated("x"), ServiceUnavailableError),
        (endless, ServiceUnavailableError),
        (text("", status=502), ServiceUnavailableError),
        (text("", status=403), RequestRefusedError),
    ],
)
def test_what_cannot_be_read_is_not_missing(
    web: Web, answer: Answer, error: type[FedoraOpenQAError]
) -> None:
    web.answers[PATH] = answer
    with pytest.raises(error):
        OpenQAFiles(LIMITS, web.url).load(3001, NAME)
