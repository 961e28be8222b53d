"""Tokens of OpenID Connect, from the file that an earlier login with wikitcms wrote.

Must not start a login: the library would listen on all interfaces and wait for a browser. The only
module that imports openidc_client.
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

#: the client id of wikitcms, also in the name of the file
CLIENT = "wikitcms"
#: the client secret of wikitcms; public, in the source of the library
SECRET = "notsecret"  # noqa: S105 - public

SCOPES = ["openid", "https://fedoraproject.org/wiki/api"]

TOKEN_PATH = "Token"  # noqa: S105 - of a URL

#: what a person must do to get a token
HOW = (
    "log in once with: python3 -c 'from wikitcms.wiki import Wiki; Wiki().login()', "
    "or set bot_user in [wiki]"
)


class _Token(msgspec.Struct, frozen=True):
    """The fields of a token in the file that the library needs."""

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
    #: None: the old one stays valid
    refresh_token: str | None = None


def token_auth(folder: Path, identity_url: str, *, limits: Limits) -> AuthBase:
    """Return an authentication that sends the token of a folder, and renews it when it is refused.

    Raises:
        ConfigError: there is no token, or it cannot be read.
    """
    tokens = _TokenFile(folder, identity_url, limits=limits)
    auth: AuthBase = OpenIDCClientAuther(tokens, SCOPES, new_token=False)
    return auth


class _TokenFile(OpenIDCClient):  # type: ignore[misc] # the library has no types
    """The library's client without interactive logins."""

    def __init__(self, folder: Path, identity_url: str, *, limits: Limits) -> None:
        self._path = folder / f"oidc_{CLIENT}.json"
        self._identity_url = identity_url
        self._token_url = f"{identity_url}{TOKEN_PATH}"
        self._session = requests.Session()
        limit_session(self._session, limits, url=identity_url)
        if not self._path.exists():
            # the library would create an empty file
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
        """Return the token, which may have expired; raises `ConfigError` if there is none."""
        token: str | None = super().get_token(scopes, new_token=False)
        if token is None:
            raise self._no_token()
        return token

    def _refresh_token(self, uuid: str) -> bool:
        """Renew the token after the wiki refused it; the library's own method has no time limit.

        Raises:
            ConfigError: it cannot be renewed any more, or not be stored.
            ServiceUnavailableError: the identity provider does not answer.
        """
        refused_token = self._cache[uuid]["access_token"]
        try:
            self._refresh_cache()
            current = self._checked().get(uuid)
            if current is None:
                raise self._no_token()
            if current.access_token == refused_token:
                # otherwise another process renewed it meanwhile
                fields = msgspec.to_builtins(self._renewed(current.refresh_token))
                fields["expires_at"] = time.time() + fields.pop("expires_in")
                self._update_token(uuid, fields)
        except OSError as exc:
            raise ConfigError(f"{self._path}: cannot be written: {exc.strerror}") from exc
        except ValueError as exc:
            raise ServiceUnavailableError(f"{self._path}: another process is writing it") from exc
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
            raise unanswered("POST", url, exc, harmless=True) from exc
        if response.status_code >= 500:  # noqa: PLR2004 - HTTP's server errors
            text = response.text
            raise refused("POST", url, status=response.status_code, text=text, harmless=True)
        try:
            return msgspec.json.decode(response.content, type=_Renewed)
        except msgspec.ValidationError as exc:
            # some providers send "error" with status 200
            raise ConfigError(
                f"{self._path}: POST {url}: {response.status_code}: cannot be renewed: {HOW}"
            ) from exc
        except msgspec.DecodeError as exc:
            raise ServiceUnavailableError(
                f"POST {url}: {response.status_code}: not an answer about tokens"
            ) from exc

    def _no_token(self) -> ConfigError:
        return ConfigError(f"{self._path}: no token of {self._identity_url}: {HOW}")
