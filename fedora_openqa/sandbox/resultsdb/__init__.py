"""A ResultsDB: what we rely on of ResultsDB 2.2 with its API v2.0, and what makes it hard.

It must not be used by anything but the sandbox and tests, and it imports nothing else of the
project: it stands in for a foreign system.
"""

from fedora_openqa.sandbox.resultsdb.options import ResultsDBOptions
from fedora_openqa.sandbox.resultsdb.results import Result, Results
from fedora_openqa.sandbox.resultsdb.routes import PREFIX, add_resultsdb, latest_results

__all__ = ["PREFIX", "Result", "Results", "ResultsDBOptions", "add_resultsdb", "latest_results"]
