"""Who may do what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.audit import Action, Role
from fedora_openqa.model.people import Person
from fedora_openqa.policy.roles import role_of, why_not

ROLES = {Role.OPERATOR: ("group:qa", "user:ada"), Role.ADMIN: ("group:qa-admin", "user:root")}


@pytest.mark.parametrize(
    ("person", "role"),
    [
        (Person("eve"), Role.VIEWER),
        (Person("bob", frozenset({"qa"})), Role.OPERATOR),
        (Person("ada"), Role.OPERATOR),
        (Person("cyd", frozenset({"qa", "qa-admin"})), Role.ADMIN),
        (Person("root"), Role.ADMIN),
        # a person cannot take the name of a group, nor a group that of a person
        (Person("qa-admin"), Role.VIEWER),
        (Person("eve", frozenset({"root"})), Role.VIEWER),
        (Person("x", frozenset({"user:root"})), Role.VIEWER),
        (Person("group:qa-admin"), Role.VIEWER),
    ],
)
def test_a_person_has_the_highest_role_of_name_and_groups(person: Person, role: Role) -> None:
    assert role_of(person, ROLES) is role


@given(st.text(), st.frozensets(st.text()))
def test_without_a_configuration_everybody_is_a_viewer(name: str, groups: frozenset[str]) -> None:
    assert role_of(Person(name, groups), {}) is Role.VIEWER


@pytest.mark.parametrize(
    ("role", "jobs", "may"),
    [
        (Role.VIEWER, 0, False),
        (Role.COMMAND, 0, False),
        (Role.OPERATOR, 50, True),
        (Role.OPERATOR, 51, False),
        (Role.ADMIN, 51, True),
    ],
)
def test_many_jobs_at_once_are_for_admins(role: Role, jobs: int, may: bool) -> None:  # noqa: FBT001
    assert (why_not(role, Action.RERUN, jobs=jobs, bulk=50) is None) is may


def test_whoever_has_a_token_for_it_may_ask_waiverdb() -> None:
    assert why_not(Role.VIEWER, Action.WAIVE, jobs=0, bulk=50) is None
    assert why_not(Role.VIEWER, Action.NAME, jobs=0, bulk=50) == "to name is for operators"
