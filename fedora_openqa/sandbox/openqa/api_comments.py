"""Routes of the comments on job groups and jobs.

All are written by the only account that the sandbox has, which is an administrator, as the one of
openQA that may delete comments.
"""

from dataclasses import dataclass

from aiohttp import web

from fedora_openqa.sandbox.openqa import replies
from fedora_openqa.sandbox.openqa.database import Row, now_text
from fedora_openqa.sandbox.openqa.paging import answer_list
from fedora_openqa.sandbox.openqa.serialize import comment_json
from fedora_openqa.sandbox.openqa.server import Server, number_in_path, parameters


@dataclass(frozen=True)
class Owners:
    """What comments are on."""

    #: in the path: ``"jobs"``
    path: str
    #: in errors: ``"Job"``
    name: str
    #: whether one of a number exists
    exists: str
    #: a new comment
    insert: str
    #: the comments on one
    select: str


OWNERS = (
    Owners(
        path="groups",
        name="Job group",
        exists="SELECT 1 FROM job_group WHERE id = ?",
        insert="INSERT INTO comment (group_id, text, t_created, t_updated) VALUES (?, ?, ?, ?)",
        select="SELECT * FROM comment WHERE group_id = ? ORDER BY id",
    ),
    Owners(
        path="jobs",
        name="Job",
        exists="SELECT 1 FROM job WHERE id = ?",
        insert="INSERT INTO comment (job_id, text, t_created, t_updated) VALUES (?, ?, ?, ?)",
        select="SELECT * FROM comment WHERE job_id = ? ORDER BY id",
    ),
)


class CommentRoutes:
    """Routes of the comments on one sort of things."""

    def __init__(self, server: Server, owners: Owners) -> None:
        """Serve an openQA."""
        self._server = server
        self._owners = owners

    def add(self, router: web.UrlDispatcher, prefix: str) -> None:
        """Add the routes below a prefix."""
        comments = f"{prefix}/{self._owners.path}/{{number:\\d+}}/comments"
        comment = f"{comments}/{{comment:\\d+}}"
        signed = self._server.signed
        router.add_get(comments, self.comments)
        router.add_get(comment, self.comment)
        router.add_post(comments, signed(self.add_comment))
        router.add_put(comment, signed(self.edit_comment))
        router.add_delete(comment, signed(self.delete_comment))

    async def comments(self, request: web.Request) -> web.Response:
        """Return the comments on one."""
        if unknown := self._unknown(request):
            return unknown
        rows = self._server.database.rows(self._owners.select, (number_in_path(request),))
        return answer_list(request, [comment_json(row) for row in rows], self._server.options)

    async def comment(self, request: web.Request) -> web.Response:
        """Return one comment."""
        found = self._find(request)
        return found if isinstance(found, web.Response) else replies.answer(comment_json(found))

    async def add_comment(self, request: web.Request) -> web.Response:
        """Add a comment."""
        if unknown := self._unknown(request):
            return unknown
        text = await _text(request)
        if isinstance(text, web.Response):
            return text
        values = (number_in_path(request), text, now_text(), now_text())
        return replies.answer({"id": self._server.database.write(self._owners.insert, values)})

    async def edit_comment(self, request: web.Request) -> web.Response:
        """Replace the text of a comment."""
        if unknown := self._unknown(request):
            return unknown
        text = await _text(request)
        if isinstance(text, web.Response):
            return text
        found = self._find(request)
        if isinstance(found, web.Response):
            return found
        statement = "UPDATE comment SET text = ?, t_updated = ? WHERE id = ?"
        self._server.database.write(statement, (text, now_text(), found["id"]))
        return replies.answer({"id": found["id"]})

    async def delete_comment(self, request: web.Request) -> web.Response:
        """Delete a comment."""
        found = self._find(request)
        if isinstance(found, web.Response):
            return found
        self._server.database.write("DELETE FROM comment WHERE id = ?", (found["id"],))
        return replies.answer({"id": found["id"]})

    def _unknown(self, request: web.Request) -> web.Response | None:
        number = number_in_path(request)
        if self._server.database.row(self._owners.exists, (number,)):
            return None
        return replies.error(f"{self._owners.name} {number} does not exist", status=404)

    def _find(self, request: web.Request) -> Row | web.Response:
        if unknown := self._unknown(request):
            return unknown
        wanted = number_in_path(request, "comment")
        rows = self._server.database.rows(self._owners.select, (number_in_path(request),))
        found = next((row for row in rows if row["id"] == wanted), None)
        return found or replies.error(f"Comment {wanted} does not exist", status=404)


async def _text(request: web.Request) -> str | web.Response:
    text = (await parameters(request)).get("text")
    if text is None:
        return replies.invalid(text="missing")
    return text if text.strip() else replies.invalid(text="invalid")
