"""What telling results costs: ResultsDB, people who read compose checks, and the wiki."""

from bench.compose_check import check_compose
from bench.results import tell_results
from bench.wiki_passes import file_passes

tell_results()
check_compose()
file_passes()
