"""A connection to a MediaWiki with login, time limits and translated errors.

mwclient repeats every request 25 times with growing pauses, and wikitcms's login also tries OpenID
Connect, which waits for a browser. Neither is used. Knows nothing of result pages.
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

#: temporary errors of the API; those of the database begin with the last one
PASSING = ("actionthrottled", "maxlag", "ratelimited", "readonly", "internal_api_error_")
#: errors of the API about the rights of our account
UNWELCOME = (
    "confirmemail",
    "noedit",
    "noedit-anon",
    "permissiondenied",
    "readapidenied",
    "writeapidenied",
)
#: part of the codes of all blocks: of an account, of an address, or for all wikis
BLOCK = "blocked"
#: errors of the API after our session at the wiki ended; its token is invalid then
FORGOTTEN = ("assertuserfailed", "badtoken")

UNAUTHORIZED = 401


class LoggedOutError(Exception):
    """Our session at the wiki ended: log in again."""


class PageRefusedError(RequestRefusedError):
    """The wiki refuses one request; requests about other pages may succeed."""


@dataclass(frozen=True, slots=True)
class WikiAddress:
    """The address of a wiki."""

    #: host or host:port
    host: str
    scheme: str = "https"
    #: the path of the folder with ``api.php``
    path: str = "/w/"

    @property
    def api(self) -> str:
        """The URL of the API."""
        return f"{self.scheme}://{self.host}{self.path}api.php"


@dataclass(frozen=True, slots=True)
class BotPassword:
    """A bot password of MediaWiki, with the rights that its owner chose."""

    #: ``"Account@bot"``
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token of OpenID Connect, from an earlier login of a person."""

    #: the folder of the token: ``~/.openidc``
    folder: Path
    #: the URL of the identity provider, which renews tokens
    identity_url: str


WikiLogin: TypeAlias = BotPassword | StoredToken


class WikiSite(Wiki):  # type: ignore[misc] # the library has no types
    """wikitcms's wiki; a write is sent once, a read is repeated within our limits."""

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
        #: of our account; the library sets it after a login
        self.username = ""
        self._limits = limits

    def raw_call(
        self,
        script: str,  # noqa: ARG002 - the library's signature
        data: Mapping[str, str],
        files: object = None,  # noqa: ARG002
        retry_on_error: object = None,  # noqa: ARG002
        http_method: str = "POST",
    ) -> str:
        """Send a request to the API and return the text of the answer.

        All POSTs may be sent again without harm: a second login is allowed, and an edit that was
        made already is recognized.

        Raises:
            ConfigError: the address has no API that accepts our requests (3xx, 4xx).
            ServiceUnavailableError: no answer, or not an answer of the wiki.
        """
        if http_method == "GET":
            return repeated(lambda: self._once("GET", params=data), limits=self._limits)
        return self._once("POST", data=data)

    def log_in(self, login: BotPassword) -> None:
        """Log in; mwclient's own login never ends if the cookies of the wiki get lost.

        Raises:
            ConfigError: the wiki refuses the login.
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
            raise unanswered(method, url, exc, harmless=True) from exc
        if response.status_code == UNAUTHORIZED:
            raise ConfigError(f"{method} {url}: 401: the wiki refuses our login: see [wiki]")
        if response.status_code == requests.codes.forbidden:
            raise NotAllowedError(f"{method} {url}: 403 {first_line(response.text)}".rstrip())
        if response.status_code != requests.codes.ok:
            error = refused(
                method, url, status=response.status_code, text=response.text, harmless=True
            )
            # the API itself refuses requests with status 200
            refusal = isinstance(error, RequestRefusedError)
            raise ConfigError(f"{error} (see [wiki])") if refusal else error
        return str(response.text)


def open_site(address: WikiAddress, *, limits: Limits, login: WikiLogin | None = None) -> WikiSite:
    """Connect to a wiki and log in.

    :param login: None: send nothing; pages can be read, but not edited

    Raises:
        ConfigError: the wiki refuses the login, or the account may not edit.
        PermanentError: the address has no MediaWiki.
        ServiceUnavailableError: the wiki does not answer.
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
    """Check that we are logged in and may edit; the library's `logged_in` is true too often."""
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
    """Translate the errors of mwclient.

    :param doing: the beginning of the texts of errors: method and URL, or a purpose

    Raises:
        ConfigError: our account is blocked, or lacks a right.
        LoggedOutError: our session at the wiki ended.
        PageRefusedError: the wiki refuses this request.
        PermanentError: the wiki cannot be used.
        ServiceUnavailableError: the wiki does not answer.
    """
    try:
        yield
    except errors.AssertUserFailedError as exc:
        raise LoggedOutError from exc
    except errors.APIError as exc:
        raise _of_api(doing, str(exc.code), str(exc.info)) from exc
    except errors.EditError as exc:
        # of a filter or a captcha, with status 200
        raise PageRefusedError(f"{doing}: {first_line(str(exc.args[-1]))}") from exc
    except errors.UserBlocked as exc:
        raise ConfigError(f"{doing}: our account is blocked: {first_line(str(exc))}") from exc
    except (errors.MaximumRetriesExceeded, errors.InvalidResponse) as exc:
        # MaximumRetriesExceeded: the database of the wiki does not work
        raise ServiceUnavailableError(f"{doing}: not an answer of a wiki that works") from exc
    except (errors.MediaWikiVersionError, errors.APIDisabledError) as exc:
        raise PermanentError(f"{doing}: no wiki that can be used: {first_line(str(exc))}") from exc
    except (LookupError, TypeError, AttributeError, *UNREADABLE) as exc:
        # JSON, but not that of MediaWiki
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
