"""Compares a result with the rows that ResultsDB has."""

import re
from collections.abc import Iterable

from fedora_openqa.model.results import Result, StoredResult

#: the ref_url of a result from openQA
JOB_URL = re.compile(r"(?P<server>.*/)tests/(?P<id>[0-9]{1,18})", re.DOTALL | re.ASCII)


def row_of(result: Result, rows: Iterable[StoredResult]) -> StoredResult | None:
    """Return the row of a result that is in force; None: the result must be posted, perhaps again.

    The newest row of a test case in a scenario is in force. A row that is older than one of
    another job is not, unless that job is newer.

    :param rows: all rows of the result's update, compose or build, the newest first
    """
    scenario = result.extradata.get("scenario")
    for row in rows:
        if row.ref_url == result.ref_url:
            return row if row.outcome == result.outcome else None
        rivals = scenario and (row.testcase, row.scenario) == (result.testcase, scenario)
        if rivals and not _is_newer(row.ref_url, result.ref_url):
            return None
    return None


def _is_newer(url: str, other: str) -> bool:
    """Return whether a URL is of a newer job than the other, on the same openQA."""
    one, two = JOB_URL.fullmatch(url), JOB_URL.fullmatch(other)
    if one is None or two is None:
        return False
    return one["server"] == two["server"] and int(one["id"]) > int(two["id"])
