"""Comments on jobs of openQA, by which its clean-up is told to spare them."""

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import RequestRefusedError
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.evidence import JobComment

#: in openQA's answer about a job that it does not have
NO_JOB = "does not exist"


class _Comment(msgspec.Struct, frozen=True):
    id: int
    text: str


class _Written(msgspec.Struct, frozen=True):
    id: int


class CommentedOpenQA(RestOpenQA, ports.JobComments):
    """An openQA whose jobs can be commented on; an operator's key suffices."""

    @override
    def comments(self, job_id: int) -> tuple[JobComment, ...] | None:
        try:
            # in pages where openQA splits the list
            rows = tuple(self._pages(_path(job_id), {}, list[_Comment], lambda answer: answer))
        except RequestRefusedError as exc:
            if NO_JOB in str(exc):
                return None
            raise
        return tuple(JobComment(row.id, row.text) for row in rows)

    @override
    def post(self, job_id: int, text: str) -> None:
        self._write(_path(job_id), {"text": text}, _Written)

    @override
    def edit(self, job_id: int, comment_id: int, text: str) -> None:
        # an operator may not delete comments, only their author may edit them
        self._write(f"{_path(job_id)}/{comment_id}", {"text": text}, _Written, method="PUT")


class DryRunComments(ports.JobComments):
    """Comments that are read through another gateway and never written."""

    def __init__(self, real: ports.JobComments) -> None:
        """Read through a gateway."""
        self._real = real

    @override
    def comments(self, job_id: int) -> tuple[JobComment, ...] | None:
        return self._real.comments(job_id)

    @override
    def post(self, job_id: int, text: str) -> None:
        pass

    @override
    def edit(self, job_id: int, comment_id: int, text: str) -> None:
        pass


def _path(job_id: int) -> str:
    return f"jobs/{job_id}/comments"
