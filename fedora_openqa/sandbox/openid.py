"""A provider of identities, by OpenID Connect, that logs in whoever is asked for.

As Ipsilon: discovery, codes with PKCE, tokens that are signed with a key of its own, and groups in
what it says of a person. Its fields let a test make tokens that a client must refuse.
"""

import base64
import hashlib
import hmac
import html
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

PREFIX = "/openidc"

#: the client that the sandbox knows
CLIENT_ID, CLIENT_SECRET = "fedora-openqa", "sandbox-secret"

#: the scope of access tokens that the sandbox's WaiverDB takes
WAIVER_SCOPE = "https://waiverdb.example.org/create-waiver"

#: people and their groups
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "ada": ("fedora-contributor", "qa-admin"),
    "bob": ("fedora-contributor", "qa"),
    "eve": (),
}

#: seconds that a code and a token are valid
CODE_SECONDS, TOKEN_SECONDS = 60.0, 300

#: answers to the pages of a browser
HEADERS = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a code was given for."""

    person: str
    client_id: str
    redirect_uri: str
    nonce: str
    challenge: str
    scopes: frozenset[str]
    until: float


@dataclass(frozen=True, slots=True)
class _Token:
    """What an access token is good for."""

    person: str
    scopes: frozenset[str]
    until: float


@dataclass
class OpenIDServer:
    """The provider; a test changes how it errs."""

    people: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(PEOPLE))
    #: claims of its next tokens that differ from true ones; None: the claim is left out
    claims: dict[str, Any] = field(default_factory=dict)
    #: how its next tokens are signed: ``"RS256"``, ``"HS256"``, ``"none"``
    algorithm: str = "RS256"
    #: sign with a key that is not published
    foreign_key: bool = False
    #: entries of its discovery that differ from true ones
    discovery: dict[str, str] = field(default_factory=dict)
    #: scopes that its next logins do not get
    refused: frozenset[str] = frozenset()
    clock: Callable[[], float] = time.time
    _codes: dict[str, _Asked] = field(default_factory=dict)
    _tokens: dict[str, _Token] = field(default_factory=dict)

    @cached_property
    def key(self) -> RSAKey:
        """The key that signs tokens; made when it is first needed."""
        return RSAKey.generate_key(2048, {"kid": "sandbox-1", "use": "sig"})

    @cached_property
    def other_key(self) -> RSAKey:
        """A key that is not published."""
        return RSAKey.generate_key(2048, {"kid": "sandbox-1", "use": "sig"})

    def turn_key(self) -> None:
        """Use another key from now on, under another name."""
        self.__dict__["key"] = RSAKey.generate_key(2048, {"kid": "sandbox-2", "use": "sig"})

    def code_for(self, asked: Mapping[str, str], person: str) -> str:
        """Return a code for a person who has agreed."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = _Asked(
            person=person,
            client_id=asked["client_id"],
            redirect_uri=asked["redirect_uri"],
            nonce=asked.get("nonce", ""),
            challenge=asked["code_challenge"],
            scopes=frozenset(asked["scope"].split()) - self.refused,
            until=self.clock() + CODE_SECONDS,
        )
        return code

    def take(self, code: str) -> _Asked | None:
        """Return what a code was given for, once."""
        asked = self._codes.pop(code, None)
        return asked if asked and asked.until > self.clock() else None

    def tokens(self, asked: _Asked, issuer: str) -> dict[str, object]:
        """Return the tokens of a login."""
        access = secrets.token_urlsafe(16)
        now = int(self.clock())
        self._tokens[access] = _Token(asked.person, asked.scopes, now + TOKEN_SECONDS)
        true = {
            "iss": issuer,
            "sub": f"{asked.person}-id",
            "aud": asked.client_id,
            "exp": now + TOKEN_SECONDS,
            "iat": now,
            "nonce": asked.nonce,
        }
        claims = {k: v for k, v in {**true, **self.claims}.items() if v is not None}
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": " ".join(sorted(asked.scopes)),
            "id_token": self._signed(claims),
        }

    def _signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm in {"none", "HS256"}:
            signed = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
            # the known attack: the public key as a shared secret
            public = self.key.as_pem(private=False)
            mac = hmac.digest(public, signed.encode(), "sha256")
            return f"{signed}.{_base64(mac) if self.algorithm == 'HS256' else ''}"
        key = self.other_key if self.foreign_key else self.key
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    def person_of(self, access: str) -> dict[str, object] | None:
        """Return what is said of the person of an access token."""
        person = self.holder(access, "openid")
        if person is None:
            return None
        groups = list(self.people.get(person, ()))
        return {"sub": f"{person}-id", "nickname": person, "groups": groups}

    def holder(self, access: str, scope: str) -> str | None:
        """Return whose access token it is; None: it is over, or has not the scope."""
        token = self._tokens.get(access)
        if token is None or token.until <= self.clock() or scope not in token.scopes:
            return None
        return token.person

    @property
    def access_tokens(self) -> tuple[str, ...]:
        """All access tokens that count."""
        return tuple(self._tokens)

    def end_tokens(self) -> None:
        """Let no access token count from now on, as after their time."""
        self._tokens.clear()


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class _Routes:
    """The routes of a provider."""

    server: OpenIDServer
    prefix: str

    def issuer(self, request: web.Request) -> str:
        return f"http://{request.host}{self.prefix}/"

    async def discovery(self, request: web.Request) -> web.Response:
        base = self.issuer(request)
        told = {
            "issuer": base,
            "authorization_endpoint": f"{base}Authorization",
            "token_endpoint": f"{base}Token",
            "jwks_uri": f"{base}Jwks",
            "userinfo_endpoint": f"{base}UserInfo",
            "scopes_supported": ["openid", "profile"],
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return web.json_response({**told, **self.server.discovery})

    async def form(self, request: web.Request) -> web.Response:
        if problem := _problem(request.query):
            return web.Response(status=400, text=problem)
        text = _form(self.server.people)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def choice(self, request: web.Request) -> web.Response:
        asked = request.query
        if problem := _problem(asked):
            return web.Response(status=400, text=problem)
        person = str((await request.post()).get("person", ""))
        if person in self.server.people:
            answer = {"code": self.server.code_for(asked, person)}
        else:
            answer = {"error": "access_denied"}
        target = f"{asked['redirect_uri']}?{urlencode(answer | {'state': asked['state']})}"
        return web.Response(status=303, headers={"Location": target, **HEADERS})

    async def token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if _client_of(request, form) != (CLIENT_ID, CLIENT_SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self.server.take(form.get("code", ""))
        challenge = _challenge(form.get("code_verifier", ""))
        if (
            asked is None
            or asked.redirect_uri != form.get("redirect_uri")
            or asked.challenge != challenge
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        tokens = self.server.tokens(asked, self.issuer(request))
        return web.json_response(tokens, headers=HEADERS)

    async def keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [self.server.key.as_dict(private=False)]})

    async def userinfo(self, request: web.Request) -> web.Response:
        access = request.headers.get("Authorization", "").removeprefix("Bearer ")
        told = self.server.person_of(access)
        if told is None:
            return web.json_response({"error": "invalid_token"}, status=401)
        return web.json_response(told)


def add_openid(app: web.Application, server: OpenIDServer, *, prefix: str = PREFIX) -> None:
    """Serve a provider below a prefix."""
    routes = _Routes(server, prefix)
    app.router.add_get(f"{prefix}/.well-known/openid-configuration", routes.discovery)
    app.router.add_get(f"{prefix}/Authorization", routes.form)
    app.router.add_post(f"{prefix}/Authorization", routes.choice)
    app.router.add_post(f"{prefix}/Token", routes.token)
    app.router.add_get(f"{prefix}/Jwks", routes.keys)
    app.router.add_get(f"{prefix}/UserInfo", routes.userinfo)


def _problem(asked: Mapping[str, str]) -> str:
    """Return why a request for a login is refused; empty: it is not."""
    wanted = {
        "client_id": CLIENT_ID,
        "response_type": "code",
        "code_challenge_method": "S256",
    }
    for name, value in wanted.items():
        if asked.get(name) != value:
            return f"{name} is not {value}"
    if "openid" not in asked.get("scope", "").split():
        return "scope has no openid"
    missing = [name for name in ("redirect_uri", "code_challenge", "state") if not asked.get(name)]
    return f"no {missing[0]}" if missing else ""


def _form(people: Mapping[str, tuple[str, ...]]) -> str:
    rows = "".join(
        f'<p><button name="person" value="{html.escape(name)}">{html.escape(name)}</button>'
        f" {html.escape(', '.join(groups))}</p>"
        for name, groups in people.items()
    )
    return (
        '<!DOCTYPE html><html lang="en"><title>Who are you?</title><h1>Who are you?</h1>'
        f'<form method="post">{rows}</form></html>'
    )


def _client_of(request: web.Request, form: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        try:
            name, _, secret = base64.b64decode(value).decode().partition(":")
        except ValueError:
            return "", ""
        return unquote(name), unquote(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def _challenge(verifier: str) -> str:
    return _base64(hashlib.sha256(verifier.encode()).digest())
