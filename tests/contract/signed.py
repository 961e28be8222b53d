"""A small signed client: requests plus openQA's three headers, nothing repeated or hidden."""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import requests

from tests.contract.json_types import Json

Query = Sequence[tuple[str, str | int]] | Mapping[str, str | int]
SECONDS = 60


@dataclass(frozen=True)
class OpenQA:
    """One server under test, and a key to it."""

    url: str
    key: str
    secret: str
    session: requests.Session = field(default_factory=requests.Session, compare=False)

    def get(self, path: str, query: Query = ()) -> requests.Response:
        """Read without a signature."""
        return self.session.get(self._api(path), params=_pairs(query), timeout=SECONDS)

    def read(self, path: str, query: Query = ()) -> Json:
        """Return the JSON of a successful read."""
        answer = self.get(path, query)
        answer.raise_for_status()
        return answer.json()

    def signed(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        data: Query = (),
        age: float = 0,
        key: str | None = None,
        secret: str | None = None,
    ) -> requests.Response:
        """Send a signed request, as if it had been signed `age` seconds ago."""
        request = requests.Request(
            method, self._api(path), params=_pairs(query), data=_pairs(data) or None
        ).prepare()
        microtime = str(time.time() - age)
        message = f"{request.path_url}{microtime}".encode()
        digest = hmac.new((secret or self.secret).encode(), message, hashlib.sha1).hexdigest()
        request.headers["X-API-Key"] = key or self.key
        request.headers["X-API-Microtime"] = microtime
        request.headers["X-API-Hash"] = digest
        return self.session.send(request, timeout=SECONDS)

    def write(self, path: str, *, query: Query = (), data: Query = ()) -> Json:
        """Return the JSON of a successful signed POST."""
        answer = self.signed("POST", path, query=query, data=data)
        answer.raise_for_status()
        return answer.json()

    def schedule(self, flavor: str, build: str, **settings: str) -> Json:
        """Post a product of the contract's templates."""
        return self.write("isos", data=product(flavor, build, **settings))

    def job(self, number: int) -> Json:
        """Return one job as `GET jobs/ID` shows it."""
        return self.read(f"jobs/{number}")["job"]

    def jobs(self, **query: str | int) -> list[Json]:
        """Return the jobs that match, as the list shows them."""
        found: list[Json] = self.read("jobs", query)["jobs"]
        return found

    def by_scenario(self, build: str) -> dict[str, Json]:
        """Return the build's newest jobs, keyed by `test@machine`."""
        found = self.jobs(build=build, latest=1)
        return {f"{job['test']}@{job['settings']['MACHINE']}": job for job in found}

    def _api(self, path: str) -> str:
        return f"{self.url}/api/v1/{path}"


def product(flavor: str, build: str, **settings: str) -> dict[str, str | int]:
    """Return the form fields of a product."""
    fields: dict[str, str | int] = {
        "DISTRI": "fedora",
        "VERSION": "Rawhide",
        "ARCH": "x86_64",
        "FLAVOR": flavor,
        "BUILD": build,
    }
    return fields | settings


def _pairs(query: Query) -> list[tuple[str, str | int]]:
    return list(query.items()) if isinstance(query, Mapping) else list(query)
