"""Reports Autocloud's tests of cloud images to ResultsDB.

Callback ``consumers.autocloud_reporter:AutocloudReporter``; configured by ``[consumer_config]``.
"""

from consumers.reporters import Reporter
from fedora_openqa.model.deliveries import Sink


class AutocloudReporter(Reporter):
    """Reports Autocloud's tests of cloud images to ResultsDB."""

    sink = Sink.RESULTSDB
