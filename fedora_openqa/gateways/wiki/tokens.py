"""Tokens of OpenID Connect, as a person who logged in by wikitcms has left them in a file.

Never asks a person: the library would listen on all interfaces and wait for a browser.
The only file that imports openidc_client.
"""

import time
from pathlib import Path

import msgspec
import requests
from openidc_client import OpenIDCClient
from openidc_client.requestsauth import OpenIDCClientAuther
from requests.auth import AuthBase

from fedora_openqa.errors import ConfigError, ServiceUnavailableError
from fedora_openqa.gateways.http.answers import refused, unanswered
from fedora_openqa.gateways.http.client import limit_session
from fedora_openqa.gateways.http.transport import Limits

#: what wikitcms calls itself, in the file's name, too; others' tokens are not found
CLIENT = "wikitcms"
#: what Fedora's identity provider knows wikitcms by; it is in the library's source
SECRET = "notsecret"  # noqa: S105 - it says so itself

SCOPES = ["openid", "https://fedoraproject.org/wiki/api"]

TOKEN_PATH = "Token"  # noqa: S105 - of a URL

#: what a person must do
HOW = (
    "log in once with: python3 -c 'from wikitcms.wiki import Wiki; Wiki().login()', "
    "or set bot_user in [wiki]"
)


class _Token(msgspec.Struct, frozen=True):
    """What the library needs of a token in the file."""

    idp: str
    access_token: str
    refresh_token: str
    #: seconds since 1970
    expires_at: float
    scopes: list[str]


class _Renewed(msgspec.Struct, frozen=True, omit_defaults=True):
    access_token: str
    token_type: str
    #: seconds
    expires_in: float
    #: missing: the old one stays
    refresh_token: str | None = None


def token_auth(folder: Path, identity_url: str, *, limits: Limits) -> AuthBase:
    """Send the token of a folder with each request, and renew it when it is refused.

    Raises:
        ConfigError: there is no token, or it cannot be read.
    """
    tokens = _TokenFile(folder, identity_url, limits=limits)
    auth: AuthBase = OpenIDCClientAuther(tokens, SCOPES, new_token=False)
    return auth


class _TokenFile(OpenIDCClient):  # type: ignore[misc] # the library has no types
    """The library's client, which is told never to ask a person."""

    def __init__(self, folder: Path, identity_url: str, *, limits: Limits) -> None:
        self._path = folder / f"oidc_{CLIENT}.json"
        self._identity_url = identity_url
        self._token_url = f"{identity_url}{TOKEN_PATH}"
        self._session = requests.Session()
        limit_session(self._session, limits, url=identity_url)
        if not self._path.exists():
            # the library would make an empty one
            raise self._no_token()
        try:
            super().__init__(
                CLIENT,
                identity_url,
                {TOKEN_PATH: TOKEN_PATH},
                CLIENT,
                SECRET,
                cachedir=str(folder),
            )
        except (OSError, ValueError) as exc:
            raise ConfigError(f"{self._path}: cannot be read: {exc}") from exc
        self._checked()

    def get_token(self, scopes: list[str], new_token: bool = False) -> str:  # noqa: ARG002, FBT001, FBT002 - the library's signature
        """Give the token, which the wiki may find too old; raises `ConfigError` without one."""
        token: str | None = super().get_token(scopes, new_token=False)
        if token is None:
            raise self._no_token()
        return token

    def _refresh_token(self, uuid: str) -> bool:
        """Renew the token after the wiki has refused it; the library's own has no time limit.

        Raises:
            ConfigError: it cannot be renewed any more, or not be kept.
            ServiceUnavailableError: nobody could be asked.
        """
        refused_token = self._cache[uuid]["access_token"]
        try:
            self._refresh_cache()
            current = self._checked().get(uuid)
            if current is None:
                raise self._no_token()
            if current.access_token == refused_token:
                # else another process has renewed it meanwhile
                fields = msgspec.to_builtins(self._renewed(current.refresh_token))
                fields["expires_at"] = time.time() + fields.pop("expires_in")
                self._update_token(uuid, fields)
        except OSError as exc:
            raise ConfigError(f"{self._path}: cannot be kept: {exc.strerror}") from exc
        except ValueError as exc:
            raise ServiceUnavailableError(f"{self._path}: somebody is writing it") from exc
        return True

    def _checked(self) -> dict[str, _Token]:
        try:
            return msgspec.convert(self._cache, dict[str, _Token])
        except msgspec.ValidationError as exc:
            raise ConfigError(f"{self._path}: not a file of tokens: {exc}") from exc

    def _renewed(self, refresh_token: str) -> _Renewed:
        url = self._token_url
        form = {"client_id": CLIENT, "client_secret": SECRET}
        form |= {"grant_type": "refresh_token", "refresh_token": refresh_token}
        try:
            response = self._session.post(url, data=form, allow_redirects=False)
        except requests.RequestException as exc:
            failed = unanswered("POST", url, exc)
            raise ServiceUnavailableError(str(failed), retry_after=failed.retry_after) from exc
        if response.status_code >= 500:  # noqa: PLR2004 - HTTP's server errors
            error = refused("POST", url, status=response.status_code, text=response.text)
            raise ServiceUnavailableError(str(error))
        try:
            return msgspec.json.decode(response.content, type=_Renewed)
        except msgspec.ValidationError as exc:
            # some say "error" with status 200
            raise ConfigError(
                f"{self._path}: POST {url}: {response.status_code}: cannot be renewed: {HOW}"
            ) from exc
        except msgspec.DecodeError as exc:
            raise ServiceUnavailableError(
                f"POST {url}: {response.status_code}: not an answer about tokens"
            ) from exc

    def _no_token(self) -> ConfigError:
        return ConfigError(f"{self._path}: no token of {self._identity_url}: {HOW}")
