"""Metadata of real composes, as Fedora's servers have it, for tests of what quotes it."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fedora_openqa.errors import (
    ServiceUnavailableError,
)
from fedora_openqa.gateways.http.client import Reader
from tests.support.limits import LIMITS

DATA = Path(__file__).parent.parent / "data"
KOJI = "https://kojipkgs.fedoraproject.org/compose"

RAWHIDE, F43 = "Fedora-Rawhide-20240829.n.1", "Fedora-43-20251023.0"
PLACES = {RAWHIDE: f"{KOJI}/rawhide/{RAWHIDE}", F43: f"{KOJI}/43/{F43}"}


def tree(name: str, place: str, *, cid: str = "") -> dict[str, bytes]:
    """Give the files of a compose by their URLs.

    :param name: whose metadata it has
    :param cid: what it is called there, if not like that
    """
    folder = DATA / {RAWHIDE: "rawhide", F43: "f43"}[name]
    files = {f"{place}/compose": b"", f"{place}/STATUS": b"FINISHED\n"}
    for file in ("composeinfo.json", "images.json"):
        text = (folder / file).read_text().replace(name, cid or name)
        files[f"{place}/compose/metadata/{file}"] = text.encode()
    return files


def file_names(name: str) -> list[str]:
    """Give the names of all images of a compose, in order, repeated ones too."""
    text = (DATA / {RAWHIDE: "rawhide", F43: "f43"}[name] / "images.json").read_text()
    images = json.loads(text)["payload"]["images"]
    return [
        image["path"].rpartition("/")[2]
        for arches in images.values()
        for of_arch in arches.values()
        for image in of_arch
    ]


class Files(Reader):
    """Serves files from memory; those that are not there may also be out of reach."""

    def __init__(self, files: Mapping[str, bytes], *, away: bool = False) -> None:
        super().__init__(LIMITS)
        self.files = dict(files)
        self.away = away
        self.urls: list[str] = []
        self._lock = threading.Lock()

    def fetch(self, url: str) -> bytes | None:
        with self._lock:
            self.urls.append(url)
        if self.away:
            raise ServiceUnavailableError(f"GET {url}: 503")
        return self.files.get(url)


ID = "Fedora-44-20261118.0"


def composeinfo(**changes: str) -> dict[str, Any]:
    return {
        "payload": {
            "compose": {"id": ID, "type": "production", "label": "RC-1.2", "date": "20261118"}
            | changes,
            "release": {"short": "Fedora", "version": "44", "type": "ga", "name": "Fedora"},
            "variants": {"Everything": {"paths": {"os_tree": {"x86_64": "Everything/x86_64/os"}}}},
        }
    }
