"""A provider of identities, by OpenID Connect: Fedora's is Ipsilon.

The provider's endpoints are asked on the host of its issuer only. What it says of a person counts
after its token was checked: signature, issuer, audience, nonce, time.
"""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ConfigError, LoginRefusedError, ServiceUnavailableError
from fedora_openqa.gateways.http.answers import UNREADABLE, refused, unanswered, unreadable
from fedora_openqa.gateways.http.client import Reader, limit_session, require_json
from fedora_openqa.gateways.http.hosts import origin
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.model.people import LoginAttempt, Person
from fedora_openqa.texts import first_line

#: what is asked for; the last one makes Ipsilon say the person's groups
SCOPE = "openid profile https://id.fedoraproject.org/scope/groups"

#: how tokens may be signed: with the provider's private key, never with a shared secret or not at
#: all, whatever the token says
ALGORITHMS = ("RS256", "ES256", "PS256")

#: seconds by which the provider's clock may differ
LEEWAY = 60

#: seconds for which the provider's endpoints and keys are kept
KEPT_SECONDS = 3600.0

#: bytes of randomness
RANDOM_BYTES = 32


class _Provider(msgspec.Struct, frozen=True):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str


class _Claims(msgspec.Struct, frozen=True):
    """What a provider says of a person."""

    sub: str
    #: Ipsilon's name of the account
    nickname: str = ""
    preferred_username: str = ""
    groups: tuple[str, ...] = ()


class OpenIDProvider(ports.Identities):
    """A provider that knows us as a client."""

    def __init__(
        self,
        limits: Limits,
        issuer: str,
        *,
        client_id: str,
        client_secret: str,
        waiver_scope: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Use a provider; nothing is asked before the first login.

        :param issuer: ``"https://id.fedoraproject.org/openidc/"``
        :param waiver_scope: of tokens that waive in WaiverDB; empty: none is asked for
        """
        self._limits = limits
        self._reader = Reader(limits)
        self._issuer = issuer
        self._client = (client_id, client_secret)
        self._waiver_scope = waiver_scope
        self._clock = clock
        self._kept: list[tuple[float, _Provider, KeySet]] = []
        self._lock = threading.Lock()

    @override
    def begin(self, *, return_to: str) -> tuple[str, LoginAttempt]:
        provider, _ = self._provider()
        state, nonce, verifier = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
        with self._session(return_to) as session:
            url, _ = session.create_authorization_url(
                provider.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url), LoginAttempt(state, nonce, verifier)

    @override
    def finish(self, attempt: LoginAttempt, *, code: str, return_to: str) -> Person:
        provider, _ = self._provider()
        with self._session(return_to) as session:
            token = self._token(session, provider, attempt, code)
            told = self._checked(token, attempt)
            said = self._userinfo(session, provider)
        if said.sub != told["sub"]:
            raise LoginRefusedError("the provider's token and its answer are of different people")
        name = said.nickname or said.preferred_username or said.sub
        return Person(
            first_line(name), frozenset(said.groups), waiver_token=self._waiver_token(token)
        )

    def _waiver_token(self, token: Mapping[str, Any]) -> str:
        """Return the token that waives; empty: the provider did not give one."""
        # it says which scopes it gave if these are not all that were asked for (RFC 6749, 5.1)
        given = str(token.get("scope", self._waiver_scope)).split()
        return str(token["access_token"]) if self._waiver_scope in given else ""

    def _session(self, return_to: str) -> OAuth2Session:
        client_id, client_secret = self._client
        session = OAuth2Session(
            client_id,
            client_secret,
            scope=f"{SCOPE} {self._waiver_scope}".strip(),
            redirect_uri=return_to,
            code_challenge_method="S256",
        )
        limit_session(session, self._limits, url=self._issuer)
        return session

    def _provider(self, *, anew: bool = False) -> tuple[_Provider, KeySet]:
        """Return the provider's endpoints and keys, which are read once an hour.

        :param anew: read them now
        """
        with self._lock:
            now = self._clock()
            if self._kept and not anew and 0 <= now - self._kept[0][0] < KEPT_SECONDS:
                return self._kept[0][1:]
            where = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            provider = require_json(self._reader, where, _Provider)
            if provider.issuer != self._issuer:
                # not quoted: it is another's word
                raise ConfigError(f"web.openid.issuer: GET {where} names another issuer")
            for name in provider.__struct_fields__[1:]:
                if not _is_at(self._issuer, getattr(provider, name)):
                    raise ConfigError(f"web.openid.issuer: its {name} is on another host")
            keys = require_json(self._reader, provider.jwks_uri, dict[str, Any])
            try:
                found = KeySet.import_key_set(keys)  # type: ignore[arg-type] # checked there
            except (JoseError, *UNREADABLE, KeyError) as exc:
                raise unreadable("GET", provider.jwks_uri, exc) from exc
            self._kept[:] = [(now, provider, found)]
            return provider, found

    def _token(
        self, session: OAuth2Session, provider: _Provider, attempt: LoginAttempt, code: str
    ) -> Mapping[str, Any]:
        url = provider.token_endpoint
        try:
            token = session.fetch_token(
                url, code=code, code_verifier=attempt.verifier, allow_redirects=False
            )
        except OAuthError as exc:
            raise LoginRefusedError(f"the provider refuses the code: {exc}") from exc
        except requests.HTTPError as exc:
            raise LoginRefusedError(f"the provider fails: {exc}") from exc
        except requests.RequestException as exc:
            # a code is spent at most: the person logs in again
            raise unanswered("POST", url, exc, harmless=True) from exc
        except UNREADABLE as exc:
            raise ServiceUnavailableError(f"POST {url}: not a token") from exc
        if not isinstance(token.get("id_token"), str):
            raise LoginRefusedError("the provider sends no token about the person")
        return dict(token)

    def _checked(self, token: Mapping[str, Any], attempt: LoginAttempt) -> Mapping[str, Any]:
        """Return the claims of a token that is for us and of this login."""
        client_id = self._client[0]
        try:
            try:
                read = self._read(token["id_token"])
            except InvalidKeyIdError:
                # the provider has a new key
                read = self._read(token["id_token"], anew=True)
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": client_id},
                },
                {
                    "nonce": attempt.nonce,
                    "client_id": client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(self._clock()), leeway=LEEWAY)
        except (JoseError, *UNREADABLE, TypeError, KeyError) as exc:
            raise LoginRefusedError(f"the provider's token is not valid: {exc}") from exc
        return dict(claims)

    def _read(self, text: str, *, anew: bool = False) -> jwt.Token:
        _, keys = self._provider(anew=anew)
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        return jwt.decode(text, keys, registry=registry)

    def _userinfo(self, session: OAuth2Session, provider: _Provider) -> _Claims:
        url = provider.userinfo_endpoint
        try:
            answer = session.get(url, allow_redirects=False)
        except OAuthError as exc:
            raise LoginRefusedError(f"the provider's token cannot be used: {exc}") from exc
        except requests.RequestException as exc:
            raise unanswered("GET", url, exc) from exc
        if answer.status_code != requests.codes.ok:
            raise refused("GET", url, status=answer.status_code, text=answer.text)
        try:
            return msgspec.json.decode(answer.content, type=_Claims)
        except UNREADABLE as exc:
            raise unreadable("GET", url, exc) from exc


def _is_at(issuer: str, url: str) -> bool:
    try:
        return origin(url) == origin(issuer)
    except ValueError:
        return False
