"""What the rows that ResultsDB has say about a result."""

import re
from collections.abc import Iterable

from fedora_openqa.model.results import Result, StoredResult

#: what a result of openQA leads to
JOB_URL = re.compile(r"(?P<server>.*/)tests/(?P<id>[0-9]{1,18})", re.DOTALL | re.ASCII)


def row_of(result: Result, rows: Iterable[StoredResult]) -> StoredResult | None:
    """Return the row of a result that counts; None: it must be told, perhaps again.

    ResultsDB takes the newest row of a test case in a scenario for its result. So a row that
    stands behind one of another job does not count, unless that job is newer.

    :param rows: of all that the result's update, compose or build has, the newest first
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
    """Return whether a URL leads to a newer job of the same openQA than the other."""
    one, two = JOB_URL.fullmatch(url), JOB_URL.fullmatch(other)
    if one is None or two is None:
        return False
    return one["server"] == two["server"] and int(one["id"]) > int(two["id"])
