"""A browser of a process that serves pages, over HTTP."""

import re
from dataclasses import dataclass, field

import requests

from tests.support.acting import fields


@dataclass
class ServedPages:
    """The pages at an address, with the cookies of one browser."""

    address: str
    session: requests.Session = field(default_factory=requests.Session)
    #: that programs send
    token: str = ""

    def get(self, path: str, status: int = 200) -> str:
        """Return a page."""
        answer = self.session.get(f"{self.address}{path}", timeout=120)
        assert answer.status_code == status, f"{path}: {answer.status_code}: {answer.text}"
        return answer.text

    def send(self, path: str, *, loaded: str = "", **changes: str) -> requests.Response:
        """Send the form of a page, and follow to what it leads to.

        :param path: of the form
        :param loaded: of the page with the form; empty: the same
        """
        form = fields(self.get(loaded or path), path.split("?", maxsplit=1)[0])
        return self.session.post(
            f"{self.address}{path.split('?', maxsplit=1)[0]}",
            data=form | changes,
            headers={"Origin": self.address},
            timeout=300,
        )

    def post(self, path: str, body: object, status: int) -> requests.Response:
        """Send JSON as a program does, which has no cookies."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.address}/api/v1{path}"
        answer = requests.post(url, json=body, headers=headers, timeout=300)
        assert answer.status_code == status, f"{path}: {answer.status_code}: {answer.text}"
        return answer


def token_in(text: str) -> str:
    """Return the token that a process printed; empty: it printed none yet."""
    found = re.search(r"^Token to log in with[^:]*: (\S+)\n", text, flags=re.MULTILINE)
    return found[1] if found else ""
