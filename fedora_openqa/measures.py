"""What a process measures of its own work: a hook, as logging is one.

The measures of this module do nothing. A process that serves metrics replaces them by its own.
"""


class Measures:
    """Takes measures and drops them; the values of all parameters but seconds are closed sets."""

    def message(self, topic: str, verdict: str) -> None:
        """Note that a message was taken in.

        :param topic: without the words of the bus: ``"openqa.job.done"``
        :param verdict: ``"new"``, ``"again"``, ``"due"``, ``"nothing"``, ``"delivery"``,
            ``"ignored"``, ``"parked"``
        """

    def planned(self, kind: str, seconds: float) -> None:
        """Note that a subject was scheduled, so many seconds after it was asked for."""

    def delivered(self, sink: str, seconds: float) -> None:
        """Note that a sink has a delivery, so many seconds after it was asked for."""

    def lease_lost(self, lane: str) -> None:
        """Note that a worker lost the lease of a subject it worked on."""

    def job_result(self, kind: str, arch: str, result: str) -> None:
        """Note the final result of a job that is reported.

        :param kind: the kind of the subject: ``"update"``
        :param result: ResultsDB's outcome in lower case: ``"passed"``
        """

    def forecast(self, kind: str, ratio: float) -> None:
        """Note what a build took, as a share of what was expected when it was scheduled.

        :param kind: the kind of the subject: ``"update"``
        """

    def request(self, url: str, seconds: float, failure: str | None) -> None:
        """Note an HTTP request.

        :param failure: ``"timeout"``, ``"connection"``, ``"4xx"``, ``"5xx"``, ``"other"``; None:
            it succeeded
        """


class _Hook:
    """The measures in use."""

    measures = Measures()


def measures() -> Measures:
    """Return the measures of this process."""
    return _Hook.measures


def measure_with(other: Measures) -> None:
    """Replace the measures of this process."""
    _Hook.measures = other
