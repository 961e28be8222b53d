"""Callbacks of the tools before this one, for configurations that still name them.

Each is a present callback of `consumers`, whose name is logged at the start.
"""

from consumers.resultsdb_reporter import ResultsDBReporter
from consumers.scheduler import Scheduler
from consumers.wiki_reporter import WikiReporter


class OpenQAScheduler(Scheduler):
    """An old name of the scheduler."""


class OpenQAProductionScheduler(Scheduler):
    """An old name of the scheduler."""


class OpenQAStagingScheduler(Scheduler):
    """An old name of the scheduler."""


class OpenQATestScheduler(Scheduler):
    """An old name of the scheduler."""


class OpenQAResultsDBReporter(ResultsDBReporter):
    """An old name of the reporter to ResultsDB."""


class OpenQAProductionResultsDBReporter(ResultsDBReporter):
    """An old name of the reporter to ResultsDB."""


class OpenQAStagingResultsDBReporter(ResultsDBReporter):
    """An old name of the reporter to ResultsDB."""


class OpenQATestResultsDBReporter(ResultsDBReporter):
    """An old name of the reporter to ResultsDB."""


class OpenQAWikiReporter(WikiReporter):
    """An old name of the reporter to the wiki."""


class OpenQAProductionWikiReporter(WikiReporter):
    """An old name of the reporter to the wiki."""


class OpenQAStagingWikiReporter(WikiReporter):
    """An old name of the reporter to the wiki."""


class OpenQATestWikiReporter(WikiReporter):
    """An old name of the reporter to the wiki."""
