"""openQA's JSON of rows.

It must not change or select rows; the number of queries does not depend on the number of jobs.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fedora_openqa.sandbox.openqa.database import MAIN_SETTINGS, Database, Row
from fedora_openqa.sandbox.openqa.links import CHAINED, DIRECTLY_CHAINED, PARALLEL
from fedora_openqa.sandbox.openqa.settings import asset_type
from fedora_openqa.sandbox.openqa.states import (
    FINAL_STATES,
    OK_RESULTS,
    PARALLEL_FAILED,
    PARALLEL_RESTARTED,
    SKIPPED,
)

Json = dict[str, Any]
_KINDS = (CHAINED, DIRECTLY_CHAINED, PARALLEL)
_NOT_IN_A_NAME = re.compile(r"[^a-zA-Z0-9@._+:-]")
_GROUP_DEFAULTS: Mapping[str, object] = {
    "build_version_sort": 1,
    "carry_over_bugrefs": 1,
    "default_priority": 50,
    "description": None,
    "exclusively_kept_asset_size": None,
    "keep_important_logs_in_days": 120,
    "keep_important_results_in_days": 0,
    "keep_logs_in_days": 30,
    "keep_results_in_days": 365,
    "parent_id": None,
    "size_limit_gb": 100,
    "sort_order": None,
    "template": None,
}


def job_name(row: Row) -> str:
    """Return a job's name: `fedora-Rawhide-Server-dvd-iso-x86_64-Build…-install@64bit`."""
    parts = [row[key] for key in ("DISTRI", "VERSION", "FLAVOR", "ARCH")]
    parts += [f"Build{row['BUILD']}" if row["BUILD"] else None, row["TEST"]]
    name = "-".join(part for part in parts if part)
    if row["MACHINE"]:
        name += f"@{row['MACHINE']}"
    return _NOT_IN_A_NAME.sub("_", name)


def jobs_json(database: Database, rows: Sequence[Row], *, modules: bool) -> list[Json]:
    """Return jobs in openQA's order, that of their ids as text."""
    ids = [row["id"] for row in rows]
    settings = database.settings(ids)
    parents = _linked(database, ids, own="child", other="parent")
    children = _linked(database, ids, own="parent", other="child")
    all_parents = {parent for links in parents.values() for parent, _ in links}
    statement = "SELECT id, result FROM job WHERE id IN ({})"
    results = {row["id"]: row["result"] for row in database.rows_for(statement, all_parents)}
    statement = "SELECT id, clone_id FROM job WHERE clone_id IN ({})"
    origins = {row["clone_id"]: row["id"] for row in database.rows_for(statement, ids)}
    groups = database.groups()
    ran = _modules(database, ids) if modules else {}
    found: list[Json] = []
    for row in sorted(rows, key=lambda row: str(row["id"])):
        number = row["id"]
        job = _columns(row, settings[number])
        if row["group_id"]:
            job["group"] = groups[row["group_id"]]
        if number in origins:
            job["origin_id"] = origins[number]
        job["parents"] = _by_kind(parents[number])
        job["children"] = _by_kind(children[number])
        job["has_parents"] = int(bool(parents[number]))
        job["parents_ok"] = _parents_ok(row, [results.get(other) for other, _ in parents[number]])
        if modules:
            job["modules"] = ran[number]
        found.append(job)
    return found


def group_json(number: int, name: str) -> Json:
    """Return a job group with openQA's default properties."""
    return {"id": number, "name": name, **_GROUP_DEFAULTS}


def comment_json(row: Row) -> Json:
    """Return a comment; its markup is not rendered."""
    return {
        "id": row["id"],
        "text": row["text"],
        "renderedMarkdown": f"<p>{html.escape(row['text'], quote=False)}</p>\n",
        "bugrefs": [],
        "created": f"{row['t_created']} +0000",
        "updated": f"{row['t_updated']} +0000",
        "userName": "admin",
    }


def scheduled_product_json(row: Row) -> Json:
    """Return a scheduled product with the posted settings."""
    posted = json.loads(row["settings"])
    names = ("distri", "version", "flavor", "arch", "build", "iso")
    task = row["id"] if row["asynchronous"] else None
    return {
        "id": row["id"],
        **{name: posted.get(name.upper(), "") for name in names},
        "status": row["status"],
        "settings": posted,
        "results": json.loads(row["results"]) if row["results"] else None,
        "user_id": 2,
        "gru_task_id": task,
        "minion_job_id": task,
        "t_created": row["t_created"],
        "t_updated": row["t_updated"],
    }


def _columns(row: Row, settings: Mapping[str, str]) -> Json:
    name = job_name(row)
    number = row["id"]
    main = {key: row[key] for key in MAIN_SETTINGS if row[key]}
    job: Json = {
        "id": number,
        "name": name,
        "test": row["TEST"],
        "settings": {**settings, **main, "NAME": f"{number:08d}-{name}"},
    }
    for key in ("priority", "state", "result", "clone_id", "group_id", "blocked_by_id"):
        job[key] = row[key]
    job["t_started"] = row["t_started"]
    job["t_finished"] = row["t_finished"]
    if row["worker_id"]:
        job["assigned_worker_id"] = row["worker_id"]
    if row["reason"]:
        job["reason"] = row["reason"]
    if assets := _assets(settings):
        job["assets"] = assets
    return job


def _assets(settings: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in settings.items():
        kind = asset_type(key, value)
        if kind and value and "/" not in value and value not in found.get(kind, ()):
            found.setdefault(kind, []).append(value)
    return found


def _linked(
    database: Database, ids: Sequence[int], *, own: str, other: str
) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = {number: [] for number in ids}
    statement = f"SELECT {own}, {other}, kind FROM dependency WHERE {own} IN ({{}}) ORDER BY rowid"  # noqa: S608 - the names are ours
    for number, linked, kind in database.rows_for(statement, ids):
        found[number].append((linked, kind))
    return found


def _modules(database: Database, ids: Sequence[int]) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = {number: [] for number in ids}
    statement = "SELECT * FROM module WHERE job_id IN ({}) ORDER BY rowid"
    for number, name, flags, result in database.rows_for(statement, ids):
        # the category is the folder of the module's code
        module = {"name": name, "category": "tests", "flags": json.loads(flags), "result": result}
        found[number].append(module)
    return found


def _by_kind(links: Sequence[tuple[int, str]]) -> dict[str, list[int]]:
    return {kind: [number for number, of in links if of == kind] for kind in _KINDS}


def _parents_ok(row: Row, results: Sequence[str | None]) -> int | str:
    # Perl's booleans in JSON: 1, 0 or an empty text, depending on how they were computed
    if row["result"] in (SKIPPED, PARALLEL_FAILED, PARALLEL_RESTARTED):
        return ""
    if row["state"] not in FINAL_STATES:
        return 1
    return int(all(result in OK_RESULTS for result in results))
