"""A ResultsDB-compatible server: the used parts of ResultsDB 2.2, API v2.0, with its oddities.

Only the sandbox and tests use it.
"""

from fedora_openqa.sandbox.resultsdb.options import ResultsDBOptions
from fedora_openqa.sandbox.resultsdb.results import Result, Results
from fedora_openqa.sandbox.resultsdb.routes import PREFIX, add_resultsdb, latest_results

__all__ = ["PREFIX", "Result", "Results", "ResultsDBOptions", "add_resultsdb", "latest_results"]
