"""The configuration of the pages that `fedora-openqa web` serves."""

from typing import Annotated

import msgspec

from fedora_openqa.config.types import Count, Host, Seconds, Table

#: who has a role: ``"group:qa-admin"``, ``"user:ada"``
Member = Annotated[str, msgspec.Meta(pattern=r"^(group|user):\S+\Z")]


class Roles(Table, frozen=True):
    """[web.roles]: who may act on the pages, beside the holder of the token."""

    #: restart, request, release, drop, pause, resume
    operator: tuple[Member, ...] = ()
    #: the same, with more jobs at once
    admin: tuple[Member, ...] = ()


class OpenID(Table, frozen=True):
    """[web.openid]: the provider of identities, by OpenID Connect."""

    #: its issuer: "https://id.fedoraproject.org/openidc/"; empty: there is none
    issuer: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s@?#\\]+)?\Z")] = ""
    #: our name there
    client_id: Annotated[str, msgspec.Meta(pattern=r"^[!-~]*\Z")] = ""
    #: file whose first line is our secret there; empty: $FEDORA_OPENQA_OPENID_SECRET
    client_secret_file: str = ""
    #: scope that logins ask for, of tokens that waive in WaiverDB; empty: nobody waives on the
    #: pages
    waiver_scope: Annotated[str, msgspec.Meta(pattern=r"^[!-~]*\Z")] = ""

    def __post_init__(self) -> None:
        """Check that a provider knows us.

        Raises:
            ValueError: it does not.
        """
        if self.issuer and not self.client_id:
            raise ValueError("issuer is set and client_id is not")


class Web(Table, frozen=True):
    """[web]: the pages."""

    #: where it listens: "127.0.0.1:8080", or a port of the loopback interface, ":8080"
    listen: Annotated[str, msgspec.Meta(pattern=r"^[^\s/@]*:[0-9]{1,5}\Z")] = "127.0.0.1:8080"
    #: what the URLs of the pages begin with for people; empty: reports do not link there
    url: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s@?#\\]+)?\Z")] = ""
    #: requests answered at once
    threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 8
    #: whether people can log in and act
    actions: bool = True
    #: file of the token that makes its holder an admin; made if it is not there. Empty: without a
    #: provider one is made at each start, and printed
    token_file: str = ""
    #: file of the key that signs cookies; made if it is not there. Empty: one is made at each start
    session_key_file: str = ""
    #: seconds until a session ends, if the process does not end before
    session_seconds: Seconds = 28_800.0
    #: hosts that pages link to where a person names the URL of a bug; others are shown as text
    bug_hosts: tuple[Host, ...] = (
        "bugzilla.redhat.com",
        "bugzilla.kernel.org",
        "bugs.kde.org",
        "codeberg.org",
        "forge.fedoraproject.org",
        "github.com",
        "gitlab.com",
        "gitlab.freedesktop.org",
        "gitlab.gnome.org",
        "issues.redhat.com",
        "pagure.io",
    )
    #: jobs that only an admin may start more of at once
    bulk: Count = 50
    #: jobs and other acts that one person may start in 24 hours
    daily: Count = 500
    roles: Roles = Roles()
    openid: OpenID = OpenID()

    def __post_init__(self) -> None:
        """Check that a provider knows where to send browsers back to.

        Raises:
            ValueError: the pages have no URL.
        """
        if self.openid.issuer and not self.url:
            raise ValueError("openid.issuer is set and url is not: browsers come back there")
