"""What pages need to act for people: logins, plans, and what does them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.model.acting import Order, Plan, Wish
from fedora_openqa.model.audit import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """How people log in, and which role they have then."""

    #: signs the cookies of sessions
    session_key: bytes
    #: seconds until a session ends
    session_seconds: float
    #: the role to the names of groups and people that have it
    roles: Mapping[Role, Collection[str]]
    #: the provider of identities; None: there is none
    identities: ports.Identities | None = None
    #: makes its holder an admin; empty: there is none
    token: str = ""
    #: the name of the holder of the token in the audit
    token_user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """What people may do on pages."""

    logins: Logins
    #: returns what would come of a wish
    plan: Callable[[Wish], Plan]
    #: returns the id of the act of a form's key; None: it is not stored
    asked: Callable[[str], int | None]
    #: does what a person has confirmed, and returns the id of the act
    act: Callable[[Order, Plan], int]
    #: the most jobs that an operator may start at once
    bulk: int
