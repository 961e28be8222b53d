"""A connection to a MediaWiki as somebody who may edit, in which nothing can hang or sleep.

mwclient repeats every request 25 times with growing pauses, and wikitcms's login goes on to
OpenID Connect after any other, where it waits for a browser: neither is used. Knows nothing of
result pages.
"""

import contextlib
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import requests
from mwclient import errors
from wikitcms.wiki import Wiki

from fedora_openqa import __version__
from fedora_openqa.errors import (
    ConfigError,
    NotAllowedError,
    PermanentError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.http.answers import UNREADABLE, refused, repeated, unanswered
from fedora_openqa.gateways.http.client import limit_session
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.wiki.tokens import token_auth
from fedora_openqa.texts import first_line

#: errors of the API that are about the moment; those of the database begin with the last
PASSING = ("actionthrottled", "maxlag", "ratelimited", "readonly", "internal_api_error_")
#: errors of the API that are about our account, like each that names a block
UNWELCOME = (
    "confirmemail",
    "noedit",
    "noedit-anon",
    "permissiondenied",
    "readapidenied",
    "writeapidenied",
)
#: part of the codes of all blocks: of an account, an address, or of all wikis
BLOCK = "blocked"
#: errors of the API after the wiki has forgotten our login; its token is worth nothing then
FORGOTTEN = ("assertuserfailed", "badtoken")

UNAUTHORIZED = 401


class LoggedOutError(Exception):
    """The wiki has forgotten our login: connect anew."""


class PageRefusedError(RequestRefusedError):
    """The wiki refuses one request; requests about other pages may succeed."""


@dataclass(frozen=True, slots=True)
class WikiAddress:
    """Where a wiki is."""

    #: host or host:port
    host: str
    scheme: str = "https"
    #: what its API is below
    path: str = "/w/"

    @property
    def api(self) -> str:
        """The URL that all requests go to."""
        return f"{self.scheme}://{self.host}{self.path}api.php"


@dataclass(frozen=True, slots=True)
class BotPassword:
    """A login of MediaWiki's own, with the rights that its owner gave it."""

    #: ``"Account@bot"``
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A login of OpenID Connect, which a person has once made."""

    #: the folder of the token: ``~/.openidc``
    folder: Path
    #: where tokens are renewed
    identity_url: str


WikiLogin: TypeAlias = BotPassword | StoredToken


class WikiSite(Wiki):  # type: ignore[misc] # the library has no types
    """wikitcms's wiki, each request of which is sent once, or repeated within our limits."""

    def __init__(self, address: WikiAddress, session: requests.Session, *, limits: Limits) -> None:
        """Prepare a connection; sends nothing."""
        super().__init__(
            address.host,
            scheme=address.scheme,
            path=address.path,
            pool=session,
            max_retries=0,
            do_init=False,
        )
        self.address = address
        self._limits = limits

    def raw_call(
        self,
        script: str,  # noqa: ARG002 - the library's signature
        data: Mapping[str, str],
        files: object = None,  # noqa: ARG002
        retry_on_error: object = None,  # noqa: ARG002
        http_method: str = "POST",
    ) -> str:
        """Send a request to the API and give the text of the answer.

        Nothing that is posted here is harmed by being posted again: a login is one more, and an
        edit that was made already is found to be so.

        Raises:
            ConfigError: the address has no API that takes our requests (3xx, 4xx).
            ServiceUnavailableError: no answer, or no answer of the wiki's.
        """
        if http_method == "GET":
            return repeated(lambda: self._once("GET", params=data), limits=self._limits)
        return self._once("POST", data=data)

    def log_in(self, login: BotPassword) -> None:
        """Log in; mwclient's own does not end where the wiki's cookies are lost on the way.

        Raises:
            ConfigError: the wiki does not take the login.
        """
        answer = self.post(
            "login",
            lgname=login.user,
            lgpassword=login.password,
            lgtoken=self.get_token("login"),
        )["login"]
        if answer["result"] != "Success":
            reason = first_line(f"{answer['result']}: {answer.get('reason', '')}")
            raise ConfigError(
                f"{self.address.api}: no login as {login.user}: {reason}"
                " (see bot_user and bot_password_file in [wiki])"
            )

    def _once(self, method: str, **fields: Mapping[str, str]) -> str:
        url = self.address.api
        try:
            response = self.connection.request(method, url, allow_redirects=False, **fields)
        except requests.RequestException as exc:
            failed = unanswered(method, url, exc)
            raise ServiceUnavailableError(str(failed), retry_after=failed.retry_after) from exc
        if response.status_code == UNAUTHORIZED:
            raise ConfigError(f"{method} {url}: 401: the wiki does not take our login: see [wiki]")
        if response.status_code == requests.codes.forbidden:
            raise NotAllowedError(f"{method} {url}: 403 {first_line(response.text)}".rstrip())
        if response.status_code != requests.codes.ok:
            error = refused(method, url, status=response.status_code, text=response.text)
            if isinstance(error, RequestRefusedError):
                # the API says no with status 200
                raise ConfigError(f"{error} (see [wiki])")
            raise ServiceUnavailableError(str(error))
        return str(response.text)


def open_site(address: WikiAddress, *, limits: Limits, login: WikiLogin | None = None) -> WikiSite:
    """Connect to a wiki.

    :param login: nobody: nothing is sent, and nothing can be edited

    Raises:
        ConfigError: the wiki does not take the login, or does not let us edit.
        PermanentError: there is no MediaWiki there.
        ServiceUnavailableError: it cannot be asked.
    """
    session = requests.Session()
    session.headers["User-Agent"] = f"fedora-openqa/{__version__}"
    limit_session(session, limits, url=address.api)
    site = WikiSite(address, session, limits=limits)
    if login is None:
        return site
    if isinstance(login, StoredToken):
        session.auth = token_auth(login.folder, login.identity_url, limits=limits)
    with translated(f"login to {address.api}"):
        if isinstance(login, BotPassword):
            site.log_in(login)
        site.site_init()
    _check_rights(site)
    return site


def _check_rights(site: WikiSite) -> None:
    """Check that we are somebody; the library's `logged_in` says so after any answer, almost."""
    name = str(site.username)
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name)
        raise ConfigError(f"{site.address.api}: not logged in, though nothing failed: see [wiki]")
    if "edit" not in site.rights:
        raise ConfigError(
            f"{site.address.api}: {name} may not edit: give its bot password the right to"
            " edit existing pages, or the account"
        )


@contextlib.contextmanager
def translated(doing: str) -> Iterator[None]:
    """Translate the library's errors.

    :param doing: what their texts begin with: the method and URL, or what they are for

    Raises:
        ConfigError: our account is blocked, or lacks a right.
        LoggedOutError: the wiki has forgotten our login.
        PageRefusedError: the wiki refuses this request.
        PermanentError: the wiki is none that can be used.
        ServiceUnavailableError: it cannot be asked.
    """
    try:
        yield
    except errors.AssertUserFailedError as exc:
        raise LoggedOutError from exc
    except errors.APIError as exc:
        raise _of_api(doing, str(exc.code), str(exc.info)) from exc
    except errors.EditError as exc:
        # a filter's or a captcha's, with status 200
        raise PageRefusedError(f"{doing}: {first_line(str(exc.args[-1]))}") from exc
    except errors.UserBlocked as exc:
        raise ConfigError(f"{doing}: our account is blocked: {first_line(str(exc))}") from exc
    except (errors.MaximumRetriesExceeded, errors.InvalidResponse) as exc:
        # the first of them: its database does not work
        raise ServiceUnavailableError(f"{doing}: not an answer of a wiki that works") from exc
    except (errors.MediaWikiVersionError, errors.APIDisabledError) as exc:
        raise PermanentError(f"{doing}: no wiki that can be used: {first_line(str(exc))}") from exc
    except (LookupError, TypeError, AttributeError, *UNREADABLE) as exc:
        # JSON, but not what MediaWiki says
        raise ServiceUnavailableError(f"{doing}: not an answer of MediaWiki") from exc


def _of_api(doing: str, code: str, info: str) -> Exception:
    text = f"{doing}: {code}: {first_line(info)}"
    if code in FORGOTTEN:
        return LoggedOutError()
    if code.startswith(PASSING):
        return ServiceUnavailableError(text)
    if code in UNWELCOME or BLOCK in code:
        return ConfigError(text)
    return PageRefusedError(text)
