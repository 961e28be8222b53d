"""The real command, with a real openQA that has the sandbox's templates."""

import configparser
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openqa_client.client import OpenQA_Client

from fedora_openqa.sandbox.config_files import CONFIG
from fedora_openqa.sandbox.running import TEMPLATES
from tests.services.openqa import RealOpenQA


@dataclass(frozen=True)
class Site:
    """A real openQA with our templates, and the command that talks to it."""

    openqa: RealOpenQA
    client: OpenQA_Client
    directory: Path

    def configure(self, web_url: str) -> None:
        """Read composes, updates and releases from a server."""
        host = web_url.removeprefix("http://")
        (self.directory / "waiverdb-token").write_text("unused\n")
        (self.directory / "config.toml").write_text(
            CONFIG.format(
                url=web_url,
                host=host,
                # nobody waives or mails here
                token_file=self.directory / "waiverdb-token",
                smtp="127.0.0.1:9",
            ).replace(f'hostname = "{web_url}"', f'hostname = "{self.openqa.url}"')
        )

    def know(self, url: str, *, key: str, secret: str) -> None:
        """Give the command the key of another server, too."""
        keys = configparser.ConfigParser()
        keys.read(self.directory / "client.conf")
        keys[url.removeprefix("http://")] = {"key": key, "secret": secret}
        with (self.directory / "client.conf").open("w") as file:
            keys.write(file)

    def run(self, *arguments: str) -> tuple[int, Any]:
        """Run a scheduling command; gives its exit status and its JSON."""
        ended = subprocess.run(
            [sys.executable, "-m", "fedora_openqa", *arguments, "--format", "json"],
            env=os.environ
            | {
                "OPENQA_CONFIG": str(self.directory),
                "FEDORA_OPENQA_CONFIG": str(self.directory / "config.toml"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        # pytest shows it where a test fails
        print(ended.stderr)  # noqa: T201
        assert "Traceback" not in ended.stderr
        return ended.returncode, json.loads(ended.stdout)

    def compose(self, location: str, *options: str) -> tuple[int, Any]:
        return self.run("compose", location, *options)

    def get(self, path: str, **params: str) -> Any:  # noqa: ANN401 - JSON
        return self.client.openqa_request("GET", path, params=params)


def open_site(openqa: RealOpenQA, directory: Path) -> Site:
    """Load the sandbox's templates into an openQA, and give the command its key."""
    openqa.load_templates(TEMPLATES)
    host = openqa.url.removeprefix("http://")
    (directory / "client.conf").write_text(
        f"[{host}]\nkey = {openqa.key}\nsecret = {openqa.secret}\n"
    )
    client = OpenQA_Client(server=openqa.url, retries=0)
    client.session.headers["X-API-Key"] = openqa.key
    client.apisecret = openqa.secret
    return Site(openqa, client, directory)


def jobs_by_name(jobs: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Give of each job what does not depend on which server it is on."""
    names = {job["id"]: job["name"] for job in jobs}
    return {
        job["name"]: {
            "settings": _settings(job),
            "parents": {
                kind: sorted(names[i] for i in ids) for kind, ids in job["parents"].items()
            },
            "children": {
                kind: sorted(names[i] for i in ids) for kind, ids in job["children"].items()
            },
            "priority": job["priority"],
            "group": job["group"],
            "state": job["state"],
        }
        for job in jobs
    }


def _settings(job: dict[str, Any]) -> dict[str, str]:
    settings = {key: value for key, value in job["settings"].items() if key != "NAME"}
    if classes := settings.get("WORKER_CLASS"):
        # openQA keeps a row for each, and reads them in no order
        settings["WORKER_CLASS"] = ",".join(sorted(classes.split(",")))
    return settings
