"""Reports passed openQA jobs to the wiki.

Callback ``consumers.wiki_reporter:WikiReporter``; configured by ``[consumer_config]``.
"""

from consumers.reporters import Reporter
from fedora_openqa.model.deliveries import Sink


class WikiReporter(Reporter):
    """Reports passed openQA jobs to the wiki."""

    sink = Sink.WIKI
