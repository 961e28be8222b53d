"""Routes about the load: the workers, and the numbers of jobs in InfluxDB's format."""

from collections import Counter

from aiohttp import web

from fedora_openqa.sandbox.openqa import replies
from fedora_openqa.sandbox.openqa.database import Row
from fedora_openqa.sandbox.openqa.server import Server, parameters
from fedora_openqa.sandbox.openqa.states import PENDING_STATES, SCHEDULED
from fedora_openqa.sandbox.openqa.workers import Workers

#: what a worker must say of itself
_REQUIRED = ("host", "instance", "cpu_arch", "mem_max", "worker_class")


class LoadRoutes:
    """The list of workers, their registration, and counts of jobs."""

    def __init__(self, server: Server, workers: Workers) -> None:
        """Serve an openQA."""
        self._server = server
        self._workers = workers

    def add(self, router: web.UrlDispatcher, prefix: str) -> None:
        """Add the routes below a prefix; the counts are not part of the API."""
        router.add_get(f"{prefix}/workers", self.workers)
        router.add_post(f"{prefix}/workers", self._server.signed(self.register))
        router.add_get("/admin/influxdb/jobs", self.counts)

    async def workers(self, _request: web.Request) -> web.Response:
        """Return all workers."""
        rows = self._server.database.rows("SELECT * FROM worker ORDER BY id")
        marks = ",".join("?" * len(PENDING_STATES))
        taken = self._server.database.rows(
            f"SELECT id, worker_id FROM job WHERE worker_id IS NOT NULL AND state IN ({marks})",  # noqa: S608 - only marks
            PENDING_STATES,
        )
        jobs = {row["worker_id"]: row["id"] for row in taken}
        return replies.answer({"workers": [_json(row, jobs.get(row["id"])) for row in rows]})

    async def register(self, request: web.Request) -> web.Response:
        """Add a worker, as one does that starts."""
        given = await parameters(request)
        if missing := [name for name in _REQUIRED if not given.get(name)]:
            return replies.invalid(**dict.fromkeys(missing, "missing"))
        number = self._workers.register(
            given["host"], int(given["instance"]), given["worker_class"]
        )
        return replies.answer({"id": number})

    async def counts(self, request: web.Request) -> web.Response:
        """Return how many jobs are scheduled, blocked and running: all of them, and by arch."""
        marks = ",".join("?" * len(PENDING_STATES))
        rows = self._server.database.rows(
            f"SELECT state, blocked_by_id, ARCH FROM job WHERE state IN ({marks})",  # noqa: S608 - only marks
            PENDING_STATES,
        )
        every: Counter[str] = Counter(scheduled=0, blocked=0, running=0)
        by_arch: dict[str, Counter[str]] = {}
        for row in rows:
            state = "running" if row["state"] != SCHEDULED else "scheduled"
            if state == "scheduled" and row["blocked_by_id"]:
                state = "blocked"
            every[state] += 1
            arch = by_arch.setdefault(row["ARCH"] or "", Counter())
            # openQA names the states of an arch that has a job of them
            arch[state] += 1
        url = f"url={request.url.origin()}"
        lines = [_line(f"openqa_jobs,{url}", every)]
        lines += [
            _line(f"openqa_jobs_by_arch,{url},arch={arch}", numbers)
            for arch, numbers in sorted(by_arch.items())
        ]
        return replies.refusal_text("".join(lines), status=200)


def _json(row: Row, job: int | None) -> dict[str, object]:
    status = "running" if job else "idle"
    if row["error"]:
        status = "broken"
    if row["dead"]:
        status = "dead"
    alive = int(not row["dead"])
    return {
        "id": row["id"],
        "host": row["host"],
        "instance": row["instance"],
        "status": status,
        "error": row["error"],
        "properties": {"WORKER_CLASS": row["classes"]},
        **({"jobid": job} if job else {}),
        "alive": alive,
        "connected": alive,
        "websocket": 0,
    }


def _line(start: str, numbers: Counter[str]) -> str:
    values = ",".join(f"{state}={number}i" for state, number in sorted(numbers.items()))
    return f"{start} {values}\n"
