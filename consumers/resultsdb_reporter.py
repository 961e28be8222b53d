"""Reports openQA jobs to ResultsDB.

Callback ``consumers.resultsdb_reporter:ResultsDBReporter``; configured by ``[consumer_config]``.
"""

from consumers.reporters import Reporter
from fedora_openqa.model.deliveries import Sink


class ResultsDBReporter(Reporter):
    """Reports openQA jobs to ResultsDB."""

    sink = Sink.RESULTSDB
