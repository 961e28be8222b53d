"""Schedules a posted product: obsoletes older jobs, creates the new ones, stores the outcome.

It must not know HTTP; `plan` and `links` decide which jobs are created.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fedora_openqa.sandbox.openqa.database import MAIN_SETTINGS, Database, Dependency, now_text
from fedora_openqa.sandbox.openqa.jobs import obsolete, priority_limit, update_blocked_by
from fedora_openqa.sandbox.openqa.links import Complaint, Links, link_jobs
from fedora_openqa.sandbox.openqa.plan import PlannedJob, is_set, plan_jobs
from fedora_openqa.sandbox.openqa.settings import WORKER_CLASS, asset_setting, asset_type
from fedora_openqa.sandbox.openqa.templates import Templates

REQUIRED = ("DISTRI", "VERSION", "FLAVOR", "ARCH")
DEFAULT_PRIORITY = 50
_TEST_AND_OBSOLETE = (
    "One must not specify TEST and _DEPRIORITIZEBUILD=1/_OBSOLETE=1 at the same time as it is"
    "likely not intended to deprioritize the whole build when scheduling a single scenario."
)


@dataclass(frozen=True)
class Scheduled:
    """The outcome of a posted product."""

    number: int
    ids: tuple[int, ...] = ()
    failed: tuple[Mapping[str, Any], ...] = ()
    error: str | None = None
    #: HTTP status of the error
    error_status: int = 200


def uppercase(posted: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters under the names of the settings."""
    return {key.upper(): value.replace("%2F", "/") for key, value in posted.items()}


def refused_download(posted: Mapping[str, str], domains: Sequence[str]) -> str | None:
    """Return openQA's refusal of an asset from an unknown host; None: it is permitted.

    As in openQA, a domain is a regular expression for the end of the host: another host with the
    same end is permitted, too.
    """
    for key, url in sorted(posted.items()):
        short = asset_setting(key)
        if key.startswith("__") or short is None or not asset_type(short):
            continue
        if not domains:
            return "Asset download requested but no domains passlisted! Set download_domains."
        host = urlsplit(url).hostname or ""
        if not any(re.search(f"{domain}$", host) for domain in domains):
            return f"Asset download requested from non-passlisted host {host}."
    return None


def schedule(
    database: Database, templates: Templates, posted: Mapping[str, str], *, asynchronous: bool
) -> Scheduled:
    """Create the jobs of a product; store the posted settings and the outcome."""
    with database.transaction():
        now = now_text()
        number = database.write(
            """INSERT INTO scheduled_product (status, settings, asynchronous, t_created, t_updated)
               VALUES ('scheduling', ?, ?, ?, ?)""",
            (json.dumps(posted), asynchronous, now, now),
        )
        scheduled, notes = _schedule(database, templates, posted, number=number)
        database.write(
            "UPDATE scheduled_product SET status = 'scheduled', results = ? WHERE id = ?",
            (json.dumps(_results(scheduled, notes)), number),
        )
        return scheduled


def _schedule(
    database: Database, templates: Templates, posted: Mapping[str, str], *, number: int
) -> tuple[Scheduled, tuple[str, ...]]:
    if any(asset_type(key, value) and not value for key, value in posted.items()):
        return Scheduled(number, error="Asset type and name must not be empty."), ()
    obsoletes = is_set(posted.get("_OBSOLETE"))
    deprioritizes = is_set(posted.get("_DEPRIORITIZEBUILD"))
    forced = is_set(posted.get("_FORCE_OBSOLETE")) or is_set(posted.get("_FORCE_DEPRIORITIZEBUILD"))
    if (obsoletes or deprioritizes) and is_set(posted.get("TEST")) and not forced:
        return Scheduled(number, error=_TEST_AND_OBSOLETE), ()
    plan = plan_jobs(templates, posted, groups=database.groups())
    if plan.error is not None:
        return Scheduled(number, error=plan.error, error_status=plan.error_status), plan.notes
    if plan.jobs and (obsoletes or deprioritizes):
        limit = priority_limit(posted.get("_DEPRIORITIZE_LIMIT")) if deprioritizes else None
        same_build = is_set(posted.get("_ONLY_OBSOLETE_SAME_BUILD"))
        _obsolete(database, plan.jobs[0], same_build=same_build, deprioritize=limit)
    skip_chained = is_set(posted.get("_SKIP_CHAINED_DEPS"))
    links = link_jobs(plan.jobs, skip_chained=skip_chained)
    ids = _create(database, plan.jobs, number=number)
    if links.broken is not None:
        _remove(database, ids)
        blamed = [{"job_id": ids[i], "error_messages": [links.broken]} for i in links.successful]
        notes = (*plan.notes, f"Transaction failed: {links.broken}")
        return Scheduled(number, failed=tuple(blamed)), notes
    _link(database, ids, links)
    failed = tuple(_complaint(complaint, ids) for complaint in links.complaints)
    return Scheduled(number, tuple(ids[i] for i in links.successful), failed), plan.notes


def _obsolete(
    database: Database, job: PlannedJob, *, same_build: bool, deprioritize: int | None
) -> None:
    if not job.settings.get("BUILD"):
        return
    keys = ("DISTRI", "VERSION", "FLAVOR", "ARCH", *(("BUILD",) if same_build else ()))
    like = {key: job.settings[key] for key in keys if job.settings.get(key)}
    obsolete(database, like, deprioritize=deprioritize)


def _create(database: Database, jobs: Sequence[PlannedJob], *, number: int) -> list[int]:
    groups = {name: group for group, name in database.groups().items()}
    ids = []
    for job in jobs:
        settings = {key: value for key, value in job.settings.items() if key not in MAIN_SETTINGS}
        for ours in ("GROUP_ID", "PRIO"):
            settings.pop(ours, None)
        arch = job.settings.get("ARCH") or "x86_64"
        settings[WORKER_CLASS] = settings.get(WORKER_CLASS) or f"qemu_{arch}"
        # the empty text and "0" are false in Perl
        main = [value if is_set(value := job.settings.get(key)) else None for key in MAIN_SETTINGS]
        priority = DEFAULT_PRIORITY if job.priority is None else job.priority
        new = database.write(
            f"""INSERT INTO job ({", ".join(MAIN_SETTINGS)}, group_id, priority,
                scheduled_product_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",  # noqa: S608 - the names are ours
            (*main, groups[job.group], priority, number),
        )
        database.add_settings(new, settings)
        ids.append(new)
    return ids


def _remove(database: Database, ids: Sequence[int]) -> None:
    # not a rollback: openQA never uses the id of a job twice
    for number in ids:
        database.write("DELETE FROM job WHERE id = ?", (number,))
        database.write("DELETE FROM setting WHERE job_id = ?", (number,))


def _link(database: Database, ids: Sequence[int], links: Links) -> None:
    for link in links.links:
        database.add_dependency(Dependency(ids[link.child], ids[link.parent], link.kind))
    for number in ids:
        update_blocked_by(database, number)


def _complaint(complaint: Complaint, ids: Sequence[int]) -> Mapping[str, Any]:
    places = complaint.jobs
    job_id = ids[places] if isinstance(places, int) else [ids[place] for place in places]
    return {"job_id": job_id, "error_messages": list(complaint.messages)}


def _results(scheduled: Scheduled, notes: Sequence[str]) -> Mapping[str, Any]:
    if scheduled.error is not None:
        return {"error": scheduled.error, "error_code": scheduled.error_status}
    results: dict[str, Any] = {
        "successful_job_ids": scheduled.ids,
        "failed_job_info": scheduled.failed,
    }
    return results | ({"notes": notes} if notes else {})
