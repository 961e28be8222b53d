"""The part of Greenwave that people and Bodhi ask: decisions, and the policies behind them.

A parameter of Greenwave's that this server does not have is an error (400): an answer without it
would be wrong. Parameters that Greenwave ignores are ignored.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from fedora_openqa.sandbox.decisions import (
    AwayError,
    Latest,
    NoPolicyError,
    Question,
    Subject,
    Waivers,
    decide,
)
from fedora_openqa.sandbox.gating_policies import GATING_YAML, POLICIES, Policy

VERSION = "2.3.0"

#: parameters of Greenwave's that this server refuses, if they have a value
_MISSING = ("when", "ignore_result", "ignore_waiver", "rules")


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def add_greenwave(
    app: web.Application,
    *,
    latest: Latest,
    waivers: Waivers,
    policies: Sequence[Policy] = POLICIES,
    gating_yaml: Mapping[str, Sequence[Policy]] = GATING_YAML,
    prefix: str = "/greenwave",
) -> None:
    """Serve decisions and policies below ``<prefix>/api/v1.0``.

    :param latest: returns ResultsDB's newest results; may raise `AwayError`, like ``waivers``
    :param gating_yaml: package to the policies of its ``gating.yaml``
    """
    base = f"{prefix}/api/v1.0"

    async def decision(request: web.Request) -> web.Response:
        try:
            question = await _read(request)
            return _answer(
                decide(
                    question,
                    policies=policies,
                    gating_yaml=gating_yaml,
                    latest=latest,
                    waivers=waivers,
                )
            )
        except _RefusedError as exc:
            return _answer({"message": str(exc)}, status=exc.status)
        except NoPolicyError as exc:
            return _answer({"message": str(exc)}, status=404)
        except AwayError as exc:
            return _answer({"message": str(exc)}, status=502)

    async def show_policies(_request: web.Request) -> web.Response:
        return _answer({"policies": [policy.as_json() for policy in policies]})

    async def about(_request: web.Request) -> web.Response:
        return _answer({"version": VERSION})

    async def version(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{base}/about"})

    for method, path, serve in (
        ("POST", "decision", decision),
        ("GET", "policies", show_policies),
        ("GET", "about", about),
        ("GET", "version", version),
    ):
        resource = app.router.add_resource(f"{base}/{path}")
        resource.add_route(method, serve)
        resource.add_route("*", _no_method)
    app.router.add_route("*", f"{base}/{{path:.*}}", _nothing)


async def _read(request: web.Request) -> Question:
    if request.content_type != "application/json":
        raise _RefusedError(
            415,
            "Did not attempt to load JSON data because the request Content-Type was not"
            " 'application/json'.",
        )
    try:
        data = json.loads(await request.read())
    except (ValueError, RecursionError):
        message = "The browser (or proxy) sent a request that this server could not understand."
        raise _RefusedError(400, message) from None
    if not data:
        raise _RefusedError(415, "No JSON payload in request")
    if not isinstance(data, dict):
        raise _RefusedError(400, "Invalid JSON payload")
    return _question(data)


def _question(data: Mapping[str, Any]) -> Question:
    if not data.get("product_version"):
        raise _RefusedError(400, "Missing required product version")
    asked = data.get("decision_context")
    if not asked and not data.get("rules"):
        raise _RefusedError(400, "Either decision_context or rules is required.")
    for name in _MISSING:
        if data.get(name):
            raise _RefusedError(400, f"Greenwave has {name}, the sandbox has not")
    return Question(
        product_version=str(data["product_version"]),
        # no policy has a number as its context
        contexts=tuple(asked) if isinstance(asked, list) else (asked,),
        subjects=_subjects(data),
        verbose=bool(data.get("verbose")),
    )


def _subjects(data: Mapping[str, Any]) -> tuple[Subject, ...]:
    if "subject" in data:
        given = data["subject"]
        if not (isinstance(given, list) and all(isinstance(one, dict) for one in given)):
            raise _RefusedError(400, "Invalid subject, must be a list of dicts")
        return tuple(map(_subject, given))
    for name in ("subject_type", "subject_identifier"):
        if name not in data:
            raise _RefusedError(400, f'Missing required "{name}" parameter')
    return (Subject(str(data["subject_type"]), str(data["subject_identifier"])),)


def _subject(given: Mapping[str, Any]) -> Subject:
    if "productmd.compose.id" in given:
        return Subject("compose", str(given["productmd.compose.id"]))
    if "item" in given and "type" in given:
        kind = "koji_build" if given["type"] == "brew-build" else str(given["type"])
        return Subject(kind, str(given["item"]))
    raise _RefusedError(400, "Could not detect subject_identifier.")


async def _no_method(_request: web.Request) -> web.Response:
    return _answer({"message": "The method is not allowed for the requested URL."}, status=405)


async def _nothing(_request: web.Request) -> web.Response:
    message = (
        "The requested URL was not found on the server. If you entered the URL manually please"
        " check your spelling and try again."
    )
    return _answer({"message": message}, status=404)


def _answer(body: Mapping[str, Any], *, status: int = 200) -> web.Response:
    # bytes: aiohttp adds a charset to the type of a text
    return web.Response(
        body=f"{json.dumps(body)}\n".encode(),
        status=status,
        content_type="application/json",
        headers={"Strict-Transport-Security": "max-age=31556926; includeSubDomains"},
    )
