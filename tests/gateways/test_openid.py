"""Logins at the sandbox's provider: who may pass, and which tokens may not."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from fedora_openqa.errors import (
    ConfigError,
    LoginRefusedError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.openid import OpenIDProvider
from fedora_openqa.model.people import LoginAttempt, Person
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.openid import CLIENT_ID, CLIENT_SECRET, WAIVER_SCOPE
from fedora_openqa.sandbox.openqa import OpenQAOptions, Templates
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from tests.support.limits import LIMITS
from tests.support.logins import agree

RETURN = "http://127.0.0.1:8080/login/return"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(openqa=OpenQAOptions(templates=Templates()))) as running:
        yield running


@pytest.fixture
def provider(sandbox: Sandbox) -> Iterator[OpenIDProvider]:
    yield open_provider(sandbox)
    server = sandbox.openid
    server.claims, server.discovery = {}, {}
    server.algorithm, server.foreign_key = "RS256", False
    server.refused = frozenset()
    sandbox.faults.clear()


def open_provider(
    sandbox: Sandbox, secret: str = CLIENT_SECRET, *, waiver_scope: str = ""
) -> OpenIDProvider:
    return OpenIDProvider(
        LIMITS,
        sandbox.issuer,
        client_id=CLIENT_ID,
        client_secret=secret,
        waiver_scope=waiver_scope,
        clock=sandbox.faults.now,
    )


def log_in(provider: OpenIDProvider, person: str = "ada") -> Person:
    url, attempt = provider.begin(return_to=RETURN)
    brought = agree(url, person)
    assert brought["state"] == attempt.state
    return provider.finish(attempt, code=brought["code"], return_to=RETURN)


def test_a_person_has_a_name_and_groups(provider: OpenIDProvider) -> None:
    assert log_in(provider) == Person("ada", frozenset({"fedora-contributor", "qa-admin"}))
    assert log_in(provider, "eve") == Person("eve")


def test_a_token_that_waives_is_kept_if_it_is_asked_for_and_given(
    sandbox: Sandbox, provider: OpenIDProvider
) -> None:
    assert log_in(provider).waiver_token == ""
    asks = open_provider(sandbox, waiver_scope=WAIVER_SCOPE)
    person = log_in(asks)
    assert sandbox.openid.holder(person.waiver_token, WAIVER_SCOPE) == "ada"
    assert person.waiver_token not in repr(person)
    sandbox.openid.refused = frozenset({WAIVER_SCOPE})
    assert log_in(asks).waiver_token == ""


def test_a_login_asks_for_groups_and_sends_no_verifier(provider: OpenIDProvider) -> None:
    url, attempt = provider.begin(return_to=RETURN)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
    challenge = asked.pop("code_challenge")
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": RETURN,
        "scope": "openid profile https://id.fedoraproject.org/scope/groups",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge_method": "S256",
    }
    assert challenge not in {attempt.verifier, ""}
    _, other = provider.begin(return_to=RETURN)
    assert not {other.state, other.nonce, other.verifier} & {
        attempt.state,
        attempt.nonce,
        attempt.verifier,
    }


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"iss": "https://id.example.org/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another-client"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": [CLIENT_ID, "another-client"], "azp": "another-client"}, "azp"),
        ({"exp": 1_700_000_000}, "exp"),
        ({"exp": None}, "exp"),
        ({"nbf": 9_999_999_999}, "not valid"),
        ({"nonce": "of-another-login"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"at_hash": "AAAA"}, "at_hash"),
        ({"sub": "eve-id"}, "different people"),
        ({"sub": None}, "sub"),
        ({"exp": "soon"}, "exp"),
        ({"iss": ["x"]}, "iss"),
    ],
)
def test_a_token_that_is_not_for_this_login_is_refused(
    sandbox: Sandbox, provider: OpenIDProvider, claims: dict[str, object], said: str
) -> None:
    sandbox.openid.claims = claims
    with pytest.raises(LoginRefusedError, match=said):
        log_in(provider)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_the_providers_signature_is_refused(
    sandbox: Sandbox, provider: OpenIDProvider, algorithm: str
) -> None:
    sandbox.openid.algorithm = algorithm
    with pytest.raises(LoginRefusedError, match="not valid"):
        log_in(provider)


def test_a_token_of_a_foreign_key_is_refused(sandbox: Sandbox, provider: OpenIDProvider) -> None:
    sandbox.openid.foreign_key = True
    with pytest.raises(LoginRefusedError, match="not valid"):
        log_in(provider)


def test_a_new_key_of_the_provider_is_learned(sandbox: Sandbox, provider: OpenIDProvider) -> None:
    log_in(provider)
    sandbox.openid.turn_key()
    assert log_in(provider).name == "ada"


def test_a_code_is_of_one_use_one_login_and_one_client(
    sandbox: Sandbox, provider: OpenIDProvider
) -> None:
    url, attempt = provider.begin(return_to=RETURN)
    code = agree(url, "ada")["code"]
    provider.finish(attempt, code=code, return_to=RETURN)
    with pytest.raises(LoginRefusedError, match="invalid_grant"):
        provider.finish(attempt, code=code, return_to=RETURN)
    # whoever steals a code has another verifier
    code = agree(url, "ada")["code"]
    with pytest.raises(LoginRefusedError, match="invalid_grant"):
        provider.finish(replace(attempt, verifier="x" * 43), code=code, return_to=RETURN)
    code = agree(url, "ada")["code"]
    with pytest.raises(LoginRefusedError, match="invalid_client"):
        open_provider(sandbox, "guessed").finish(attempt, code=code, return_to=RETURN)
    with pytest.raises(LoginRefusedError):
        provider.finish(LoginAttempt("s", "n", "v" * 43), code="made-up", return_to=RETURN)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://id.example.org/"},
        {"authorization_endpoint": "https://evil.example.org/Authorization"},
        {"token_endpoint": "http://127.0.0.1:9/Token"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_a_provider_that_leads_elsewhere_is_not_followed(
    sandbox: Sandbox, provider: OpenIDProvider, discovery: dict[str, str]
) -> None:
    sandbox.openid.discovery = discovery
    with pytest.raises(ConfigError, match="issuer"):
        provider.begin(return_to=RETURN)


@pytest.mark.parametrize("path", ["openid-configuration", "/Token", "/Jwks", "/UserInfo"])
@pytest.mark.parametrize(
    "rule",
    [
        Rule(Kind.ANSWER, status=503),
        Rule(Kind.ANSWER, status=403),
        Rule(Kind.ANSWER, status=200, body="<html>"),
        Rule(Kind.ANSWER, status=200, body="[]", content_type="application/json"),
        Rule(Kind.ANSWER, status=302, headers={"Location": "http://127.0.0.1:9/"}),
        Rule(Kind.DROP),
    ],
)
def test_a_provider_that_fails_logs_nobody_in(
    sandbox: Sandbox, provider: OpenIDProvider, path: str, rule: Rule
) -> None:
    sandbox.faults.add(replace(rule, path=f"{path}$"))
    with pytest.raises((LoginRefusedError, ServiceUnavailableError, RequestRefusedError)):
        log_in(provider)


def test_a_person_who_does_not_agree_brings_no_code(provider: OpenIDProvider) -> None:
    url, _ = provider.begin(return_to=RETURN)
    assert agree(url, "nobody")["error"] == "access_denied"
    assert requests.get(url, timeout=30).status_code == 200
