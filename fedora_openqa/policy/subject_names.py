"""What a subject is called: by people, in the store, as openQA's BUILD.

Parses names, and looks nothing up: a name may be of a subject that does not exist.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fedora_openqa.model.events import (
    ComposeFinished,
    CoreOSBuildFinished,
    SubjectEvent,
    UpdateReady,
)
from fedora_openqa.model.jobs import NOREPORT
from fedora_openqa.model.spelling import update_named, words_in
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.compose_ids import COMPOSE_ID

#: an alias among other words; stricter than `spelling.ALIAS`, which reads only aliases
UPDATE_ALIAS = re.compile(r"FEDORA(-[A-Z]+)*-[0-9]{4}-[0-9a-f]{6,}", re.IGNORECASE)

#: ``45.20261119.91.0``
COREOS_BUILD = re.compile(r"[0-9]+\.[0-9]{8}\.[0-9]+\.[0-9]+")

#: what openQA's BUILD of an update begins with, and that of a CoreOS build
UPDATE_BUILD, COREOS_PREFIX = "Update-", "Fedora-CoreOS-"

#: kind of subject to openQA's BUILD; jobs of packages that are in no update are not reported
BUILDS: Mapping[Kind, str] = {
    Kind.COMPOSE: "{}",
    Kind.UPDATE: f"{UPDATE_BUILD}{{}}",
    Kind.COREOS: f"{COREOS_PREFIX}{{}}",
    Kind.TASK: f"Kojitask-{{}}-{NOREPORT}",
    Kind.TAG: f"TAG_{{}}-{NOREPORT}",
    Kind.COPR: f"COPR_{{}}-{NOREPORT}",
}


@dataclass(frozen=True, slots=True)
class SubjectName:
    """The name of a subject, as the store and as openQA have it."""

    #: the store's key: ``"update:FEDORA-2026-1bd5f4a0c2"``
    key: str
    #: None: the name does not say
    kind: Kind | None = None
    #: without the kind: ``"FEDORA-2026-1bd5f4a0c2"``
    bare: str = ""

    @property
    def build(self) -> str:
        """OpenQA's BUILD; empty: the name does not say."""
        return build_of(self.kind, self.bare) if self.kind else ""


def build_of(kind: Kind, name: str) -> str:
    """Return openQA's BUILD of a subject: ``"Update-FEDORA-2026-1bd5f4a0c2"``."""
    return BUILDS[kind].format(name)


def name_of_event(event: SubjectEvent) -> SubjectName:
    """Return the name of the subject that an event is about."""
    match event:
        case ComposeFinished(name):
            return _name(Kind.COMPOSE, name.id)
        case UpdateReady(update):
            return _name(Kind.UPDATE, update.alias)
        case CoreOSBuildFinished(buildid, arch):
            # each arch is built, announced and scheduled by itself
            return SubjectName(f"{Kind.COREOS}:{buildid}:{arch}", Kind.COREOS, buildid)


def parse_name(text: str) -> SubjectName:
    """Return the name that a person typed: an id, a URL, openQA's BUILD or the store's key.

    A text that is none of these is returned as the key, without a kind.
    """
    kind, _, rest = text.partition(":")
    for word in words_in(rest if kind in {Kind.COMPOSE, Kind.UPDATE} else text):
        bare = word.removeprefix(UPDATE_BUILD)
        if COMPOSE_ID.fullmatch(bare):
            return _name(Kind.COMPOSE, bare)
        if UPDATE_ALIAS.fullmatch(bare):
            return _name(Kind.UPDATE, update_named(bare))
        bare = word.removeprefix(COREOS_PREFIX)
        if COREOS_BUILD.fullmatch(bare):
            return _name(Kind.COREOS, bare)
    build = rest.split(":")[0]
    if kind == Kind.COREOS and COREOS_BUILD.fullmatch(build):
        return SubjectName(text, Kind.COREOS, build)
    return SubjectName(text)


def parse_build(text: str) -> str:
    """Return openQA's BUILD of the subject that a person typed; any other text is a BUILD."""
    return parse_name(text).build or text


def _name(kind: Kind, bare: str) -> SubjectName:
    return SubjectName(f"{kind}:{bare}", kind, bare)
