"""What is asked of the store about tests that fail now and then."""

from typing import Protocol

from fedora_openqa.model.flakes import Courses


class StoredCourses(Protocol):
    """What became of scenarios, by the jobs that are remembered; no request is made for it."""

    def courses(self, *, days: float) -> Courses:
        """Return the courses of the last days, and of as many days before.

        Only scenarios and versions of which a run failed have one.

        Raises:
            ServiceUnavailableError: the database is away.
        """
