"""Measures the delivery of results to ResultsDB and to the wiki, and a compose check report."""

from bench.compose_check import check_compose
from bench.results import deliver_results
from bench.wiki_passes import file_passes

deliver_results()
check_compose()
file_passes()
