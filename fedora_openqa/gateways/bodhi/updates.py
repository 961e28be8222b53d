"""Single updates and releases of Bodhi, over its REST API; reads only."""

from urllib.parse import quote

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import NotFoundError, ServiceUnavailableError, SubjectError
from fedora_openqa.events import BodhiRelease, BodhiUpdate
from fedora_openqa.gateways.http.client import Reader, read_json
from fedora_openqa.model.spelling import update_named
from fedora_openqa.model.subjects import Update
from fedora_openqa.texts import first_line, reason_unfit

#: characters of the longest NVR that is accepted
NVR_SIZE = 2048


class _UpdateAnswer(msgspec.Struct, frozen=True):
    update: BodhiUpdate


class RestBodhi(ports.Bodhi):
    """Fedora's Bodhi, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the Bodhi at ``url``."""
        self._reader = reader
        self._url = url.rstrip("/")

    @override
    def load(self, update: str) -> Update:
        try:
            alias = update_named(update)
        except ValueError as exc:
            raise SubjectError(str(exc)) from exc
        found = read_json(self._reader, f"{self._url}/updates/{alias}", _UpdateAnswer)
        if found is None:
            raise NotFoundError(f"Bodhi has no update {alias}")
        if found.update.alias != alias:
            raise SubjectError(f"Bodhi answers with {found.update.alias} instead of {alias}")
        update_facts = found.update.facts()
        for nvr in update_facts.nvrs:
            if reason := reason_unfit(nvr, size=NVR_SIZE):
                raise SubjectError(f"{alias}: the name of a build {reason}: {first_line(nvr)!r}")
        return update_facts

    @override
    def creates_automatic_updates(self, release: str) -> bool:
        name = f"F{release}" if release.isdecimal() else release.upper()
        found = read_json(
            self._reader, f"{self._url}/releases/{quote(name, safe='')}", BodhiRelease
        )
        if found is None:
            raise NotFoundError(f"Bodhi has no release {name}")
        if found.create_automatic_updates is None:
            raise ServiceUnavailableError(
                f"{self._url}: release {name} does not say whether it creates automatic updates"
            )
        return found.create_automatic_updates
