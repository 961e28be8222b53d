"""Bodhi's long JSON of the sandbox's releases and updates.

It must not know HTTP or the time of day: the same row always has the same JSON.
The shapes are those of Bodhi 26.4.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fedora_openqa.sandbox.updates import Release, Update

Json = dict[str, Any]

_SITE = "https://bodhi.fedoraproject.org/updates"
#: users and their ids; Bodhi's own user also writes comments
_USERS = {"bodhi": 91, "pkgmaint": 1}
#: contents whose builds have an epoch
_PACKAGED = ("rpm", "module")


def release_json(release: Release) -> Json:
    """Return Bodhi's JSON of a release."""
    tag = release.dist_tag
    updates = f"{tag}-updates"
    return {
        "name": release.name,
        "long_name": release.long_name,
        "version": release.version,
        "id_prefix": release.id_prefix,
        "branch": release.branch,
        "dist_tag": tag,
        "stable_tag": updates if release.composed else tag,
        "testing_tag": f"{updates}-testing",
        "candidate_tag": f"{updates}-candidate",
        "pending_signing_tag": f"{tag}-signing-pending",
        "pending_testing_tag": f"{updates}-testing-pending",
        "pending_stable_tag": f"{updates}-pending",
        "override_tag": f"{tag}-override",
        "mail_template": "fedora_errata_template",
        "state": release.state,
        "composed_by_bodhi": release.composed,
        "create_automatic_updates": release.automatic,
        "package_manager": "dnf",
        "testing_repository": release.repository,
        "released_on": release.released and release.released.isoformat(),
        "eol": release.eol and release.eol.isoformat(),
        "critpath_mandatory_days_in_testing": 14,
        "mandatory_days_in_testing": release.days,
        "critpath_min_karma": 2,
        "min_karma": 2,
        "setting_status": None,
    }


def update_json(update: Update, release: Release) -> Json:
    """Return Bodhi's JSON of an update."""
    nvrs = update.nvrs
    return {
        "alias": update.alias,
        "autokarma": True,
        "autotime": True,
        "bugs": [],
        "builds": [_build(nvr, update, release) for nvr in nvrs],
        "close_bugs": True,
        "comments": list(_comments(update)),
        "content_type": update.content_type,
        "critpath": update.critpath,
        "critpath_groups": update.groups,
        "date_approved": None,
        "date_modified": _moment(update.modified),
        "date_pushed": _moment(update.pushed),
        "date_stable": _moment(update.pushed) if update.status == "stable" else None,
        "date_submitted": _moment(update.submitted),
        "date_testing": _moment(update.pushed) if update.status == "testing" else None,
        "display_name": "",
        "from_tag": update.from_tag,
        "karma": 0,
        "locked": False,
        "meets_testing_requirements": update.status == "stable",
        "notes": update.notes,
        "pushed": update.status in ("testing", "stable"),
        "release": release_json(release),
        "request": update.request,
        "require_bugs": False,
        "require_testcases": True,
        "severity": update.severity,
        "stable_days": release.days,
        "stable_karma": 3,
        "status": update.status,
        "suggest": update.suggest,
        "test_cases": [],
        "test_gating_status": update.gating,
        "title": " ".join(nvrs),
        "type": update.type,
        "unstable_karma": -3,
        "updateid": update.alias,
        "url": f"{_SITE}/{update.alias}",
        "user": _user(update.user)
        | {"email": f"{update.user}@example.org", "groups": [{"name": "packager"}]},
        # identifies the content of an update: Bodhi's hash of the sorted names
        "version_hash": hashlib.sha1(
            " ".join(sorted(nvrs)).encode(), usedforsecurity=False
        ).hexdigest(),
    }


def _build(nvr: str, update: Update, release: Release) -> Json:
    build: Json = {
        "nvr": nvr,
        "release_id": release.id,
        # a build is signed before it enters a repository
        "signed": update.pushed is not None,
        "type": update.content_type,
    }
    return {"epoch": 0, **build} if update.content_type in _PACKAGED else build


def _comments(update: Update) -> Iterator[Json]:
    yield _comment(
        update,
        f"This update has been submitted for testing by {update.user}. ",
        when=update.submitted,
    )
    if update.pushed:
        yield _comment(
            update, f"This update has been pushed to {update.status}.", when=update.pushed
        )


def _comment(update: Update, text: str, *, when: datetime) -> Json:
    return {
        # as if counted, and yet the same in every run
        "id": int.from_bytes(hashlib.sha256(f"{update.alias} {text}".encode()).digest()[:3]),
        "karma": 0,
        "karma_critpath": 0,
        "text": text,
        "timestamp": _moment(when),
        "bug_feedback": [],
        "testcase_feedback": [],
        "user": _user("bodhi"),
        "author": "bodhi",
        "update_alias": update.alias,
    }


def _user(name: str) -> Json:
    return {
        "id": _USERS[name],
        "name": name,
        "email": None,
        "avatar": None,
        "openid": None,
        "groups": [],
    }


def _moment(when: datetime | None) -> str | None:
    return when.strftime("%Y-%m-%d %H:%M:%S") if when else None
