"""Answers with a success status and an unreadable body."""

import gzip
from dataclasses import replace

from fedora_openqa.sandbox.faults import Faults, Kind, Rule

_JSON = "application/json"
_HTML = "text/html"
_DEEP = "[" * 100_000 + "]" * 100_000

#: kind of answer to the rule that sends it
UNREADABLE = {
    "a page of a proxy": Rule(Kind.ANSWER, body="<html>Sign in", content_type=_HTML),
    "nothing": Rule(Kind.ANSWER, content_type=_JSON),
    "cut JSON": Rule(Kind.ANSWER, body='{"jobs": [{"id": 1', content_type=_JSON),
    "another shape": Rule(Kind.ANSWER, body='{"jobs": 1, "ids": "none"}', content_type=_JSON),
    "nested brackets": Rule(Kind.ANSWER, body=f'{{"jobs": {_DEEP}}}', content_type=_JSON),
    "a number of 5,000 digits": Rule(
        Kind.ANSWER, body=f'{{"ids": [{"9" * 5_000}], "jobs": [{"9" * 5_000}]}}', content_type=_JSON
    ),
    "half a surrogate": Rule(
        Kind.ANSWER, body='{"jobs": ["\\ud800"], "ids": ["\\ud800"]}', content_type=_JSON
    ),
    "not UTF-8": Rule(Kind.ANSWER, body=b'{"jobs": ["\xff"], "ids": ["\xff"]}', content_type=_JSON),
    "cut gzip": Rule(
        Kind.ANSWER,
        body=gzip.compress(b'{"jobs": [], "ids": [1]}' * 1_000)[:-20],
        content_type=_JSON,
        headers={"Content-Encoding": "gzip"},
    ),
}


def answer_unreadably(
    faults: Faults, path: str = "", *, method: str | None = None, share: float
) -> None:
    """Answer a share of requests unreadably: each kind equally often, before and after the work.

    :param share: from 0 to 1
    """
    left = share
    part = share / (2 * len(UNREADABLE))
    for rule in UNREADABLE.values():
        for kind in (Kind.ANSWER, Kind.ANSWER_AFTER):
            # the share of the requests that the rules before it let through
            chance = part / (1 - share + left)
            faults.add(replace(rule, kind=kind, method=method, path=path, status=200, share=chance))
            left -= part
