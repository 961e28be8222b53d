"""Who may do what."""

from collections.abc import Collection, Mapping

from fedora_openqa.model.audit import Action, Role
from fedora_openqa.model.people import Person

#: what names in the configuration begin with: ``"group:qa-admin"``, ``"user:ada"``
GROUP, USER = "group:", "user:"

#: the order of roles: each may do what those before it may
RANKS = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


def role_of(person: Person, roles: Mapping[Role, Collection[str]]) -> Role:
    """Return the highest role of a person.

    :param roles: to the names of groups and people that have it
    """
    names = {USER + person.name, *(GROUP + group for group in person.groups)}
    return next((role for role in reversed(RANKS) if names & set(roles.get(role, ()))), Role.VIEWER)


def why_not(role: Role, what: Action, *, jobs: int, bulk: int) -> str | None:
    """Return why a role may not do something; None: it may.

    :param jobs: the number of jobs that it starts
    :param bulk: the most that an operator may start at once
    """
    if what is Action.WAIVE:
        # WaiverDB decides it, by the person's own token
        return None
    if role not in {Role.OPERATOR, Role.ADMIN}:
        return f"to {what} is for operators"
    if jobs > bulk and role is not Role.ADMIN:
        return f"more than {bulk} jobs at once are for admins; these are {jobs}"
    return None
