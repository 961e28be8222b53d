import socket
import threading

import pytest
import requests

from tests.support.network import guarded, is_local
from tests.support.web import Web, text


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("0.0.0.0", True),  # noqa: S104 - an address, nothing is bound to it
        ("192.0.2.1", False),
        ("kojipkgs.example", False),
        ("127.0.0.1.example", False),
    ],
)
def test_this_machine_is_told_from_others(host: str, *, local: bool) -> None:
    assert is_local(host) == local


def test_the_guard_remembers_what_a_thread_asked_for() -> None:
    def ask() -> None:
        with pytest.raises(requests.ConnectionError):
            requests.get("http://kojipkgs.example/", timeout=5)

    with guarded() as guard:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert set(guard.outside) == {"kojipkgs.example"}


def test_the_guard_remembers_addresses() -> None:
    with guarded() as guard, socket.socket() as sock, pytest.raises(ConnectionRefusedError):
        sock.connect(("192.0.2.1", 80))
    assert guard.outside == ["192.0.2.1"]


def test_the_guard_admits_this_machine(web: Web) -> None:
    web.answers["GET /"] = text("x")
    with guarded() as guard:
        assert requests.get(web.url, timeout=5).text == "x"
    assert guard.outside == []
