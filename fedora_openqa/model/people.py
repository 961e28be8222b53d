"""People who have logged in, and how a login goes on."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose name a provider of identities vouches for."""

    #: ``"ada"``
    name: str
    #: ``{"qa-admin"}``
    groups: frozenset[str] = frozenset()
    #: the provider's token that waives in WaiverDB in the person's name; empty: there is none
    waiver_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A login that was begun: only the browser that began it may end it."""

    #: comes back with the code; ties the answer to the browser
    state: str
    #: comes back in the token; ties the token to this login
    nonce: str
    #: proves to the provider that who began the login ends it (PKCE)
    verifier: str
