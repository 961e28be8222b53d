"""A token of OpenID Connect is renewed once the wiki refuses it, and kept for others."""

import json
import time
from pathlib import Path

import requests

from fedora_openqa.gateways.wiki.tokens import SCOPES, token_auth
from tests.support.limits import LIMITS
from tests.support.web import Request, Web, text


def test_a_renewed_token_is_kept_with_the_time_of_its_end(web: Web, tmp_path: Path) -> None:
    file = tmp_path / "oidc_wikitcms.json"
    identity_url = f"{web.url}/openidc/"
    token = {
        "idp": identity_url,
        "access_token": "first",
        "refresh_token": "again",
        "expires_at": time.time() + 3600,
        "scopes": SCOPES,
    }
    file.write_text(json.dumps({"a1b2": token}))
    sent = []

    def accept_second(request: Request) -> None:
        sent.append(request.headers["Authorization"])
        refuse = request.headers["Authorization"] != "Bearer second"
        text("Auth error" if refuse else "{}", status=401 if refuse else 200)(request)

    web.answers["GET /api"] = accept_second
    renewed = {"access_token": "second", "token_type": "Bearer", "expires_in": 600}
    web.answers["POST /openidc/Token"] = text(json.dumps(renewed))
    begun = time.time()
    auth = token_auth(tmp_path, identity_url, limits=LIMITS)
    assert requests.get(f"{web.url}/api", auth=auth, timeout=10).status_code == 200
    assert sent == ["Bearer first", "Bearer second"]
    (kept,) = json.loads(file.read_text()).values()
    assert (kept["access_token"], kept["refresh_token"]) == ("second", "again")
    assert begun + 600 <= kept["expires_at"] <= time.time() + 600
    assert "expires_in" not in kept
