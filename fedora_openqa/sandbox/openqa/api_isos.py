"""Routes of scheduled products: `POST isos`, `GET isos/ID`.

They must not create jobs; `isos` does.
"""

import json
from collections.abc import Mapping

from aiohttp import web

from fedora_openqa.sandbox.openqa import isos, replies
from fedora_openqa.sandbox.openqa.database import Row
from fedora_openqa.sandbox.openqa.plan import is_set
from fedora_openqa.sandbox.openqa.serialize import scheduled_product_json
from fedora_openqa.sandbox.openqa.server import Server, number_in_path, parameters

_CLONE = "scheduled_product_clone_id"


class IsoRoutes:
    """Routes that schedule products."""

    def __init__(self, server: Server) -> None:
        """Serve an openQA."""
        self._server = server

    def add(self, router: web.UrlDispatcher, prefix: str) -> None:
        """Add the routes below a prefix."""
        signed = self._server.signed
        router.add_post(f"{prefix}/isos", signed(self.create))
        router.add_get(f"{prefix}/isos/{{number:\\d+}}", signed(self.show))

    async def create(self, request: web.Request) -> web.Response:
        """Schedule the jobs of a product."""
        given = await parameters(request)
        asynchronous = is_set(given.pop("async", None))
        if _CLONE in given:
            posted = self._cloned(given[_CLONE])
            if isinstance(posted, web.Response):
                return posted
        else:
            missing = [name for name in isos.REQUIRED if name not in given]
            if missing:
                names = " ".join(missing)
                return replies.refusal_text(f"Error: missing parameters: {names}", status=400)
            posted = isos.uppercase(given)
        refused = isos.refused_download(posted, self._server.options.download_domains)
        if refused is not None:
            return replies.refusal_text(refused, status=403)
        scheduled = isos.schedule(
            self._server.database, self._server.templates, posted, asynchronous=asynchronous
        )
        if asynchronous:
            # openQA answers before its background worker starts; here the jobs exist already
            number = scheduled.number
            task = {"gru_task_id": number, "minion_job_id": number}
            return replies.answer({"scheduled_product_id": number, **task})
        return _scheduled_answer(scheduled)

    async def show(self, request: web.Request) -> web.Response:
        """Return a posted product and its outcome."""
        row = self._row(number_in_path(request))
        if row is None:
            return replies.error("Scheduled product does not exist.", status=404)
        product = scheduled_product_json(row)
        if is_set(request.query.get("include_job_ids")):
            statement = "SELECT id FROM job WHERE scheduled_product_id = ? ORDER BY id"
            rows = self._server.database.rows(statement, (row["id"],))
            product["job_ids"] = [job["id"] for job in rows]
        return replies.answer(product)

    def _cloned(self, text: str) -> Mapping[str, str] | web.Response:
        if not text.isdecimal():
            return replies.refusal_text("Specified scheduled_product_id is invalid.", status=400)
        row = self._row(int(text))
        if row is None:
            body = "Scheduled product to clone settings from not found."
            return replies.refusal_text(body, status=404)
        posted: Mapping[str, str] = json.loads(row["settings"])
        return posted

    def _row(self, number: int) -> Row | None:
        statement = "SELECT * FROM scheduled_product WHERE id = ?"
        return self._server.database.row(statement, (number,))


def _scheduled_answer(scheduled: isos.Scheduled) -> web.Response:
    if scheduled.error is None:
        return replies.answer(
            {
                "scheduled_product_id": scheduled.number,
                "count": len(scheduled.ids),
                "ids": scheduled.ids,
                "failed": scheduled.failed,
            }
        )
    body = {
        "scheduled_product_id": scheduled.number,
        "error": scheduled.error,
        "count": 0,
        "ids": [],
        # an object in this answer, a list in all others
        "failed": {},
    }
    return web.json_response(body, status=scheduled.error_status)
