"""Pages on which people act: on the sandbox, each browser with a session of its own."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fedora_openqa.config import Config, load_config
from fedora_openqa.model.audit import Act
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.store.audit import Audit
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.web.app import create_app
from fedora_openqa.wiring.acts import open_acts
from fedora_openqa.wiring.store import open_store
from fedora_openqa.wiring.web import open_readers, site_of
from tests.cli.conftest import CommandOnSandbox
from tests.support.jobs import BUILD
from tests.support.logins import agree
from tests.support.pages import Html

#: what people see as the address of the pages
HOST = "https://pages.example.org"

#: the address without a proxy
LOCAL = "http://127.0.0.1:8080"

FLAVOR = "i3-live-iso"
BEFORE = "Fedora-Rawhide-20261119.n.1"

OPENID = f"""
[web]
url = "{HOST}"
[web.roles]
operator = ["group:qa"]
admin = ["group:qa-admin"]
[web.openid]
issuer = "{{issuer}}"
client_id = "fedora-openqa"
"""


def openid_at(address: str, issuer: str) -> str:
    """Return the configuration of pages at an address, with the provider."""
    return OPENID.format(issuer=issuer).replace(f'url = "{HOST}"', f'url = "{address}"')


@dataclass
class Browser:
    """A client with cookies."""

    client: FlaskClient
    host: str

    def get(self, url: str, status: int = 200, **how: Any) -> TestResponse:  # noqa: ANN401 - werkzeug's
        answer = self.client.get(url, base_url=self.host, **how)
        assert answer.status_code == status, f"{url}: {answer.status}: {answer.text[:3000]}"
        return answer

    def post(self, url: str, form: dict[str, str], status: int = 303, **how: Any) -> TestResponse:  # noqa: ANN401
        how.setdefault("headers", {"Origin": self.host})
        answer = self.client.post(url, data=form, base_url=self.host, **how)
        assert answer.status_code == status, f"{url}: {answer.status}: {answer.text[:3000]}"
        return answer

    def form(self, url: str, action: str = "/act/") -> dict[str, str]:
        """Return the fields of the form of a page, as a browser would send it untouched."""
        return fields(self.get(url).text, action)

    def confirm(self, url: str, status: int = 303, **changes: str) -> TestResponse:
        """Load a plan, and send its form."""
        form = {"reason": "because", **self.form(url), **changes}
        return self.post(url.split("?", maxsplit=1)[0], form, status)

    def log_in(self, person: str, to: str = "/") -> TestResponse:
        """Log in at the sandbox's provider."""
        url = self.get("/login/start", 303, query_string={"to": to}).location
        return self.get("/login/return", 303, query_string=agree(url, person))

    @property
    def cookie(self) -> str:
        """The value of the session's cookie; empty: there is none."""
        found = self.client.get_cookie(self.cookie_name, domain=self._domain)
        return found.value if found else ""

    @cookie.setter
    def cookie(self, value: str) -> None:
        secure = self.host.startswith("https")
        self.client.set_cookie(self.cookie_name, value, domain=self._domain, secure=secure)

    @property
    def _domain(self) -> str:
        return str(urlsplit(self.host).hostname)

    @property
    def cookie_name(self) -> str:
        return str(self.client.application.config["SESSION_COOKIE_NAME"])


@dataclass
class Program:
    """A client without cookies that sends JSON, and the token."""

    client: FlaskClient
    host: str
    token: str

    def send(
        self,
        method: str,
        path: str,
        body: object,
        status: int,
        **how: Any,  # noqa: ANN401 - werkzeug's
    ) -> TestResponse:
        """Send a body below ``/api/v1``."""
        how.setdefault("headers", {"Authorization": f"Bearer {self.token}"})
        url = f"/api/v1{path}"
        answer = self.client.open(url, method=method, json=body, base_url=self.host, **how)
        assert answer.status_code == status, f"{url}: {answer.status}: {answer.text[:3000]}"
        return answer


@dataclass
class ActingSite:
    """The pages of a deployment on the sandbox."""

    sandbox: Sandbox
    config_file: Path
    text: str
    host: str
    announced: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        before = self.config_file.read_text()
        self.config_file.write_text(before + self.text)
        self.config: Config = load_config(self.config_file)
        self.engine = open_store(self.config)
        acts = open_acts(self.config, self.engine, announce=self.announced.append)
        self.app = create_app(open_readers(self.config, self.engine), site_of(self.config), acts)

    def browser(self) -> Browser:
        return Browser(self.app.test_client(), self.host)

    def program(self) -> Program:
        """Return a client with the token that was made."""
        return Program(self.app.test_client(), self.host, token_of(self))

    @property
    def acts(self) -> tuple[Act, ...]:
        """What was done, the newest first."""
        return Audit(self.engine).acts(limit=100)

    @property
    def restarts(self) -> int:
        return len(self.sandbox.requests.all(method="POST", path="/restart$"))


def is_logged_in(browser: Browser) -> bool:
    return "Log out" in browser.get("/parked").text


def token_of(site: ActingSite) -> str:
    (announced,) = site.announced
    return announced.rpartition(": ")[2]


def log_in_with_token(site: ActingSite, browser: Browser, **changes: str) -> None:
    form = browser.form("/login", "/login") | {"token": token_of(site), **changes}
    browser.post("/login", form)


def fields(text: str, action: str) -> dict[str, str]:
    """Return the fields that the form of a page with such an action sends untouched."""
    found: dict[str, str] = {}
    inside = False
    for name, attributes in Html(text).elements:
        if name == "form":
            inside = attributes.get("method") == "post" and attributes["action"].startswith(action)
        if (
            inside
            and name == "input"
            and attributes.get("type") != "checkbox"
            and "name" in attributes
        ):
            found.setdefault(attributes["name"], attributes.get("value", ""))
    return {name: value for name, value in found.items() if name != "reason" or value}


def fail(cli: CommandOnSandbox) -> None:
    """Let a job of openQA fail; those that wait for it are skipped."""
    cli.compose("--flavors", FLAVOR)
    cli.post("jobs/1/set_done?result=failed")


def fail_together(site: ActingSite) -> int:
    """Store three tests that passed in a build and fail in the next; return the cluster's id."""
    now = time.time()
    found = []
    for number, test in enumerate(("a", "b", "c")):
        scenario = Scenario(test, "Server-dvd-iso", "x86_64", "64bit")
        for first, build, result in ((100, BEFORE, "passed"), (200, BUILD, "failed")):
            job = StoredJob(first + number, build, "Rawhide", scenario, state="done", result=result)
            modules = ("_console_wait_login",) if result == "failed" else ()
            found.append(
                replace(job, failed_modules=modules, started=now - 99.0, finished=now - 300 + first)
            )
    JobHistory(site.engine).remember(found)
    return 200
