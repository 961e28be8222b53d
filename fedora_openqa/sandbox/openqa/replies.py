"""openQA's forms of answers: JSON, plain text with the type of HTML, and error pages."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head><title>openQA: {title}</title></head>
  <body><h1>{title}</h1></body>
</html>
"""


def answer(body: Mapping[str, Any] | list[Any]) -> web.Response:
    """Return the answer of a success."""
    return web.json_response(body)


def error(text: str, *, status: int) -> web.Response:
    """Return an error as most of the API reports it."""
    return web.json_response({"error": text}, status=status)


def refusal_text(body: str, *, status: int) -> web.Response:
    """Return a plain text with the type of HTML, as openQA does."""
    return web.Response(text=body, status=status, content_type="text/html")


def invalid(**parameters: str) -> web.Response:
    """Return the refusal of parameters: `invalid(text="missing")`."""
    names = ", ".join(f"{name} {problem}" for name, problem in parameters.items())
    return error(f"Erroneous parameters ({names})", status=400)


def error_page(request: web.Request, *, status: int, title: str) -> web.Response:
    """Return openQA's answer for an unknown page or job, or for an error of its database.

    It is HTML, or almost empty for a client that asks for JSON.
    """
    if request.headers.get("Accept", "").startswith("application/json"):
        return web.json_response({"error_status": status}, status=status)
    return refusal_text(_PAGE.format(title=title), status=status)


def not_found(request: web.Request) -> web.Response:
    """Return the page for an unknown job."""
    return error_page(request, status=404, title="Page not found")
