"""What pages ask of the store about many subjects, and about one job."""

from collections.abc import Collection, Mapping
from typing import Protocol

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.lists import SubjectFilter, SubjectPage


class SubjectLists(Protocol):
    """Lists of subjects; a page costs few statements, however many subjects there are.

    Every method may raise `ServiceUnavailableError`: the database is away.
    """

    def page(
        self, wanted: SubjectFilter, *, limit: int, page: int, brief: bool = False
    ) -> SubjectPage:
        """Return one page of the subjects, the last changed first.

        :param page: 1 is the first
        :param brief: without what their products and sinks say
        """

    def job(self, job_id: int) -> StoredJob | None:
        """Return a job of openQA; None: it is not known."""

    def strips(
        self, scenarios: Collection[Scenario], *, most: int
    ) -> Mapping[Scenario, tuple[str, ...]]:
        """Return the results of the last runs of scenarios, the newest first; without any: none.

        :param most: runs of each
        """
