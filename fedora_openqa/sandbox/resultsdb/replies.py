"""The forms of answers of ResultsDB and of the web server before it."""

import json
from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from fedora_openqa.sandbox.resultsdb.results import Filed, Result

_PAGE = """<!doctype html>
<html lang=en>
<title>{status} {title}</title>
<h1>{title}</h1>
<p>{text}</p>
"""
#: characters that Flask does not escape in URLs
_SAFE = "!$&'()*+,/:;=@"


def answer(body: Mapping[str, object], *, status: int = 200) -> web.Response:
    """Return JSON as Flask writes it."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    # bytes: aiohttp adds a charset to the type of a text
    return web.Response(body=f"{text}\n".encode(), status=status, content_type="application/json")


def no_method(allowed: str) -> web.Response:
    """Return the page for a method that a route does not have."""
    text = "The method is not allowed for the requested URL."
    return _page(405, "Method Not Allowed", text, {"Allow": allowed})


def no_json() -> web.Response:
    """Return the page for a body without the type of JSON."""
    text = (
        "Did not attempt to load JSON data because the request Content-Type was not"
        " &#39;application/json&#39;."
    )
    return _page(415, "Unsupported Media Type", text, {})


def no_user() -> web.Response:
    """Return the page for a client without a valid user and password."""
    text = "This server could not verify that you are authorized to access the document requested."
    return _page(401, "Unauthorized", text, {"WWW-Authenticate": 'Basic realm="resultsdb"'})


def result_json(row: Result, testcase: Filed, *, base: str) -> Mapping[str, object]:
    """Return the JSON of a result.

    :param base: the client's URL of the API
    """
    return {
        "data": row.data,
        "groups": row.groups,
        "href": f"{base}/results/{row.id}",
        "id": row.id,
        "note": row.note,
        "outcome": row.outcome,
        "ref_url": row.ref_url,
        "submit_time": row.submit_time.isoformat(),
        "testcase": testcase_json(testcase, base=base),
    }


def testcase_json(testcase: Filed, *, base: str) -> Mapping[str, object]:
    """Return the JSON of a test case."""
    return {
        "href": f"{base}/testcases/{quote(testcase.name, safe=_SAFE)}",
        "name": testcase.name,
        "ref_url": testcase.ref_url,
    }


def group_json(group: Filed, count: int, *, base: str) -> Mapping[str, object]:
    """Return the JSON of a group with the number of its results."""
    name = quote(group.name, safe=_SAFE)
    return {
        "description": group.description,
        "href": f"{base}/groups/{name}",
        "ref_url": group.ref_url,
        "results": f"{base}/results?groups={name}",
        "results_count": count,
        "uuid": group.name,
    }


def _page(status: int, title: str, text: str, headers: Mapping[str, str]) -> web.Response:
    page = _PAGE.format(status=status, title=title, text=text)
    return web.Response(text=page, status=status, content_type="text/html", headers=headers)
