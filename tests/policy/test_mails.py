import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.config import parse_config
from fedora_openqa.errors import ConfigError
from fedora_openqa.model.mails import Subscribers
from fedora_openqa.policy.mails import message_id_for, recipients_for

#: RFC 5322, 3.6.4: a dot-atom on both sides
MESSAGE_ID = re.compile(r"[\w-]+(\.[\w-]+)*@example\.org", flags=re.ASCII)


def test_the_message_id_of_a_composes_mail_can_be_read() -> None:
    found = message_id_for("compose-check", "Fedora-Rawhide-20261120.n.0", host="fedoraproject.org")
    assert found == "compose-check.Fedora-Rawhide-20261120.n.0@fedoraproject.org"


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_compose_has_a_message_id_that_mail_servers_take(compose_id: str) -> None:
    found = message_id_for("compose-check", compose_id, host="example.org")
    assert MESSAGE_ID.fullmatch(found)
    assert len(found) <= 200
    assert found == message_id_for("compose-check", compose_id, host="example.org")


@given(st.lists(st.text("a.-_ %@>\n", max_size=100), min_size=2, max_size=2, unique=True))
def test_two_composes_have_two_message_ids(compose_ids: list[str]) -> None:
    first, second = (message_id_for("follow-up", name, host="example.org") for name in compose_ids)
    assert first != second


SUBVARIANTS = {
    "Server": Subscribers(all=("server@a", "everybody@a"), error=("alarm@a",)),
    "KDE": Subscribers(all=("kde@a",), error=("kde@a", "alarm@a")),
    "Workstation": Subscribers(error=("desktop@a",)),
}


@pytest.mark.parametrize(
    ("tested", "failing", "expected"),
    [
        ((), (), ()),
        (("Cloud_Base",), ("Cloud_Base",), ()),
        (("Server",), (), ("server@a",)),
        (("Server",), ("Server",), ("server@a", "alarm@a")),
        (("Workstation",), (), ()),
        (("Workstation",), ("Workstation",), ("desktop@a",)),
        (("KDE", "Server"), ("KDE",), ("server@a", "kde@a", "alarm@a")),
        (("KDE", "Server"), ("KDE", "Server"), ("server@a", "alarm@a", "kde@a")),
        # a failing subvariant counts as tested
        ((), ("KDE",), ("kde@a", "alarm@a")),
    ],
)
def test_reports_go_to_the_subscribers_of_their_subvariants(
    tested: tuple[str, ...], failing: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    found = recipients_for(
        default=("everybody@a",), subvariants=SUBVARIANTS, failing=failing, tested=tested
    )
    assert found == ("everybody@a", *expected)


def test_each_recipient_gets_a_report_once() -> None:
    found = recipients_for(default=("a@a", "b@a", "a@a"), subvariants={}, failing=(), tested=())
    assert found == ("a@a", "b@a")


def test_the_configuration_says_who_wants_reports_of_a_subvariant() -> None:
    text = b'[mail.subvariants.Server]\nall = ["a@a"]\n[mail.subvariants.KDE]\nerror = ["b@a"]\n'
    assert parse_config(text, source="config.toml").mail.subscribers == {
        "Server": Subscribers(all=("a@a",)),
        "KDE": Subscribers(error=("b@a",)),
    }


def test_a_misspelt_kind_of_subscribers_is_named() -> None:
    text = b'[mail.subvariants.Server]\nerrors = ["a@a"]\n'
    with pytest.raises(ConfigError, match=r"config.toml: .*`errors`.*mail.subvariants"):
        parse_config(text, source="config.toml")
