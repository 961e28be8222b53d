"""Routes of jobs: lists, one job, and actions.

They must not carry out an action; `jobs` and `restart` do.
"""

import re
from collections.abc import Mapping

from aiohttp import web

from fedora_openqa.sandbox.openqa import jobs, queries, replies
from fedora_openqa.sandbox.openqa.options import Paging
from fedora_openqa.sandbox.openqa.paging import answer_list, links
from fedora_openqa.sandbox.openqa.plan import is_set
from fedora_openqa.sandbox.openqa.restart import RestartOptions, restart_jobs
from fedora_openqa.sandbox.openqa.serialize import job_name, jobs_json
from fedora_openqa.sandbox.openqa.server import Server, number_in_path, parameters, repeated
from fedora_openqa.sandbox.openqa.states import INCOMPLETE, OBSOLETED, RESULTS, USER_CANCELLED
from fedora_openqa.sandbox.openqa.workers import end_job

_FLAGS = ("force", "skip_aborting_jobs", "skip_parents", "skip_children", "skip_ok_result_children")
_NATURAL = re.compile(r"[0-9]+")
_CHANGE = re.compile(r".+=.*", re.DOTALL)


class JobRoutes:
    """Routes that read and change jobs."""

    def __init__(self, server: Server) -> None:
        """Serve an openQA."""
        self._server = server
        self._database = server.database

    def add(self, router: web.UrlDispatcher, prefix: str) -> None:
        """Add the routes below a prefix."""
        signed = self._server.signed
        one = f"{prefix}/jobs/{{number:\\d+}}"
        router.add_get(f"{prefix}/jobs", self.index)
        router.add_get(f"{prefix}/jobs/overview", self.overview)
        router.add_post(f"{prefix}/jobs/restart", signed(self.restart))
        router.add_get(one, self.show)
        router.add_post(f"{one}/set_done", signed(self.set_done))
        router.add_post(f"{one}/cancel", signed(self.cancel))
        router.add_post(f"{one}/restart", signed(self.restart))
        # not part of the API
        router.add_get("/tests/{number:\\d+}/file/{name}", self.file)

    async def index(self, request: web.Request) -> web.Response:
        """Return the jobs that match."""
        options = self._server.options
        try:
            page = queries.list_jobs(
                self._database,
                request.query,
                default_limit=options.default_limit,
                max_limit=options.max_limit,
            )
        except queries.InvalidParameterError as problem:
            return replies.error(str(problem), status=400)
        except queries.UnreadableValueError:
            return replies.error_page(request, status=500, title="Error")
        found = jobs_json(self._database, page.rows, modules=True)
        reply = replies.answer({"jobs": found})
        if page.is_paged and options.paging is not Paging.SILENT:
            reply.headers["Link"] = links(
                request.url, limit=page.limit, offset=page.offset, has_more=page.has_more
            )
        return reply

    async def overview(self, request: web.Request) -> web.Response:
        """Return id and name of the newest job of each scenario."""
        rows = queries.overview(self._database, request.query)
        found = [{"id": row["id"], "name": job_name(row)} for row in rows]
        return answer_list(request, found, self._server.options)

    async def show(self, request: web.Request) -> web.Response:
        """Return one job."""
        row = self._database.job(number_in_path(request))
        if row is None:
            return replies.not_found(request)
        return replies.answer({"job": jobs_json(self._database, [row], modules=False)[0]})

    async def set_done(self, request: web.Request) -> web.Response:
        """End a job as a worker would."""
        # read nothing from the database before the last `await`: another request may run there
        given = await parameters(request)
        row = self._database.job(number_in_path(request))
        if row is None:
            return _unknown_job()
        if "newbuild" in given and not _is_at_least(given["newbuild"], 1):
            return replies.invalid(newbuild="invalid")
        if is_set(given.get("worker_id")):
            body = "Refusing to set result because job has already been re-scheduled."
            return replies.error(body, status=400)
        result = given.get("result", "").lower() or INCOMPLETE
        if "newbuild" in given:
            result = OBSOLETED
        if result not in RESULTS:
            return replies.error("Erroneous parameters (result invalid)\n", status=400)
        reason = given.get("reason")
        with self._database.transaction():
            ended = end_job(self._database, row, result=result, reason=reason)
        return replies.answer({"result": ended.result, "reason": reason})

    async def file(self, request: web.Request) -> web.Response:
        """Return an uploaded file of a job."""
        key = (number_in_path(request), request.match_info["name"])
        row = self._database.row("SELECT content FROM file WHERE job_id = ? AND name = ?", key)
        if row is None:
            return replies.not_found(request)
        return web.Response(body=row["content"], content_type="text/plain")

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel a job and the jobs that depend on it."""
        reason = (await parameters(request)).get("reason")
        row = self._database.job(number_in_path(request))
        if row is None:
            return _unknown_job()
        with self._database.transaction():
            jobs.cancel(self._database, row, result=USER_CANCELLED, reason=reason)
        # openQA returns a number only when it cancels jobs by their settings
        return replies.answer({"result": None})

    async def restart(self, request: web.Request) -> web.Response:
        """Restart one job, or those named by `jobs`."""
        given = await parameters(request)
        changes = await repeated(request, "set")
        wrong = _invalid_restart(given, changes)
        if wrong:
            return replies.invalid(**dict.fromkeys(wrong, "invalid"))
        if "number" in request.match_info:
            numbers = [number_in_path(request)]
        else:
            named = await repeated(request, "jobs")
            if not all(map(_NATURAL.fullmatch, named)):
                return replies.error_page(request, status=500, title="Error")
            numbers = [int(number) for number in named]
        options = _restart_options(given, changes)
        with self._database.transaction():
            done = restart_jobs(self._database, numbers, options)
        urls = [{old: f"/tests/{new}" for old, new in pairs.items()} for pairs in done.duplicates]
        return replies.answer(
            {
                "result": done.duplicates,
                "test_url": urls,
                **({"warnings": done.warnings} if done.warnings else {}),
                **({"errors": done.errors} if done.errors else {}),
                **({"enforceable": 1} if done.enforceable else {}),
            }
        )


def _unknown_job() -> web.Response:
    return replies.error("Job does not exist", status=404)


def _invalid_restart(given: Mapping[str, str], changes: list[str]) -> list[str]:
    numbers = ("clone", "prio", "dup_type_auto", *_FLAGS)
    wrong = [name for name in numbers if name in given and not _is_at_least(given[name], 0)]
    return wrong if all(map(_CHANGE.fullmatch, changes)) else [*wrong, "set"]


def _restart_options(given: Mapping[str, str], changes: list[str]) -> RestartOptions:
    settings = dict(change.split("=", 1) for change in changes)
    return RestartOptions(
        force=is_set(given.get("force")),
        clone=is_set(given.get("clone", "1")),
        priority=int(given["prio"]) if "prio" in given else None,
        skip_parents=is_set(given.get("skip_parents")),
        skip_children=is_set(given.get("skip_children")),
        skip_ok_result_children=is_set(given.get("skip_ok_result_children")),
        settings=settings,
    )


def _is_at_least(text: str, least: int) -> bool:
    return bool(_NATURAL.fullmatch(text)) and int(text) >= least
