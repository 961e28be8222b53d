"""Restarts jobs: creates copies of a job and of its cluster.

It must not decide which jobs are in the cluster; `cluster` does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fedora_openqa.sandbox.openqa.cluster import DirectParentError, Member, Reach, cluster
from fedora_openqa.sandbox.openqa.database import MAIN_SETTINGS, Database, Dependency, Row
from fedora_openqa.sandbox.openqa.jobs import Ended, update_blocked_by
from fedora_openqa.sandbox.openqa.settings import asset_type
from fedora_openqa.sandbox.openqa.states import (
    CANCELLED,
    INCOMPLETE,
    NONE,
    OK_RESULTS,
    PARALLEL_RESTARTED,
    PRISTINE_STATES,
    SCHEDULED,
)

#: reasons after which openQA restarts an incomplete job by itself (its default configuration)
_AUTO_RESTART = re.compile(
    r"cache failure: |terminated prematurely: |api failure: Failed to register .* 503"
    r"|backend died: .*VNC.*(timeout|timed out|refused)"
)


@dataclass(frozen=True)
class RestartOptions:
    """The parameters of a restart."""

    force: bool = False
    clone: bool = True
    priority: int | None = None
    skip_parents: bool = False
    skip_children: bool = False
    skip_ok_result_children: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Restarted:
    """The restarted jobs (old id to new id, a mapping for each requested job), and the others."""

    duplicates: list[dict[int, int]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    #: with `force`, openQA would have restarted them
    enforceable: bool = False


class _NotRestartedError(Exception):
    """openQA refuses to restart a job; the text is its reason."""


def restart_jobs(database: Database, numbers: list[int], options: RestartOptions) -> Restarted:
    """Restart jobs with their clusters."""
    done = Restarted()
    if not numbers:
        done.errors.append("No job IDs specified")
        return done
    # read before the first restart, as openQA does; jobs that never started are not restarted
    rows = database.rows_for("SELECT * FROM job WHERE id IN ({}) ORDER BY id", numbers)
    for row in rows:
        if row["state"] in PRISTINE_STATES or not _may_go_on(database, row, options, done=done):
            continue
        try:
            done.duplicates.append(_duplicate(database, row, options))
        except DirectParentError as problem:
            done.errors.append(str(problem))
            done.enforceable = True
        except _NotRestartedError as problem:
            done.errors.append(str(problem))
    return done


def restart_by_itself(database: Database, row: Row, *, ended: Ended, reason: str | None) -> bool:
    """Restart a job that ended for a reason that openQA retries; return whether it did."""
    again = ended.result == INCOMPLETE and bool(_AUTO_RESTART.match(reason or ""))
    if not again and (ended.result in OK_RESULTS or not _has_retries(database, row)):
        return False
    try:
        _duplicate(database, row, RestartOptions(force=True))
    except _NotRestartedError:
        return False
    return True


def _may_go_on(database: Database, row: Row, options: RestartOptions, *, done: Restarted) -> bool:
    number = row["id"]
    missing = _missing_assets(database, number)
    if not missing:
        return True
    if database.parents(number):
        advice = (
            "You may try to retrigger the parent job that should create the assets"
            " and will implicitly retrigger this job as well."
        )
    else:
        advice = "Ensure to provide mandatory assets and/or force retriggering if necessary."
    names = ", ".join(missing)
    message = f"Job {number} misses the following mandatory assets: {names}\n{advice}"
    if options.force:
        done.warnings.append(message)
        return True
    done.errors.append(message)
    done.enforceable = True
    return False


def _missing_assets(database: Database, number: int) -> list[str]:
    # the sandbox stores no files: all assets are missing, except those that openQA does not check
    settings = database.settings([number])[number]
    named = {
        f"{kind}/{value}"
        for key, value in settings.items()
        if value
        and key != "UEFI_PFLASH_VARS"
        and (kind := asset_type(key, value)) not in (None, "repo")
    }
    return sorted(named)


def _has_retries(database: Database, row: Row) -> bool:
    number = row["id"]
    allowed = database.settings([number])[number].get("RETRY", "").partition(":")[0]
    if not allowed.isdecimal():
        return False
    ancestors = 0
    while origin := database.row("SELECT id FROM job WHERE clone_id = ?", (number,)):
        number = origin["id"]
        ancestors += 1
    return ancestors < int(allowed)


def _duplicate(database: Database, row: Row, options: RestartOptions) -> dict[int, int]:
    number = row["id"]
    if row["clone_id"] is not None:
        raise _NotRestartedError(
            f"Specified job {number} has already been cloned as {row['clone_id']}"
        )
    reach = Reach(
        skip_parents=options.skip_parents,
        skip_children=options.skip_children,
        refuse_direct_parent=not options.force,
    )
    members = cluster(database, number, reach)
    # openQA sorts ids as text, and gives new ids in that order
    order = sorted(members, key=str)
    originals = {old: job for old in order if (job := database.job(old)) is not None}
    for old, job in originals.items():
        if options.clone and job["clone_id"] is not None:
            raise _NotRestartedError(f"Job {old} already has clone {job['clone_id']}")
    clones = {
        old: _clone(database, job, options)
        for old, job in originals.items()
        if not _is_left_out(members[old], options)
    }
    for old in clones:
        _link_clone(database, clones, old=old, member=members[old])
    for new in clones.values():
        update_blocked_by(database, new)
    _abandon(database, [old for old in clones if old != number])
    return clones


def _is_left_out(member: Member, options: RestartOptions) -> bool:
    return options.skip_ok_result_children and not member.is_parent_or_initial and member.ok


def _clone(database: Database, job: Row, options: RestartOptions) -> int:
    wanted = dict(options.settings)
    main = {key: wanted.pop(key, job[key]) for key in MAIN_SETTINGS}
    if suffix := wanted.pop("TEST+", ""):
        main["TEST"] = f"{main['TEST']}{suffix}"
    columns = {
        **main,
        "group_id": job["group_id"],
        "priority": options.priority or job["priority"],
    }
    names, marks = ", ".join(columns), ",".join("?" * len(columns))
    new = database.write(
        f"INSERT INTO job ({names}) VALUES ({marks})",  # noqa: S608 - the names are ours
        tuple(columns.values()),
    )
    database.add_settings(new, database.settings([job["id"]])[job["id"]] | wanted)
    if options.clone:
        database.write("UPDATE job SET clone_id = ? WHERE id = ?", (new, job["id"]))
    return new


def _link_clone(database: Database, clones: Mapping[int, int], *, old: int, member: Member) -> None:
    new = clones[old]
    for link in member.parents:
        parent = clones.get(link.parent, link.parent)
        database.add_dependency(Dependency(new, parent, link.kind))
    for link in member.children:
        child = clones.get(link.child, link.child)
        database.add_dependency(Dependency(child, new, link.kind))


def _abandon(database: Database, numbers: list[int]) -> None:
    for number in numbers:
        row = database.job(number)
        if row is None or row["state"] != SCHEDULED:
            continue
        result = PARALLEL_RESTARTED if row["result"] == NONE else row["result"]
        database.write(
            """UPDATE job SET state = ?, result = ?, t_finished = strftime('%Y-%m-%dT%H:%M:%S')
               WHERE id = ?""",
            (CANCELLED, result, number),
        )
