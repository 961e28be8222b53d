"""Errors as pages, and as RFC 9457 below ``/api/``."""

import logging
from http import HTTPStatus

import msgspec
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    InternalServerError,
    NotFound,
    ServiceUnavailable,
)

from fedora_openqa.errors import FedoraOpenQAError, PermanentError, SubjectError, TemporaryError
from fedora_openqa.texts import one_line, without_logins

log = logging.getLogger(__name__)

#: what the paths of the interface for programs begin with
API = "/api/"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


def show_errors(app: Flask) -> None:
    """Answer each error of an application with a page that says what is wrong."""
    app.register_error_handler(HTTPException, _answer)
    app.register_error_handler(FedoraOpenQAError, _answer_ours)
    app.register_error_handler(Exception, _answer_fault)


def _answer_ours(exc: FedoraOpenQAError) -> Response:
    log.warning("%s %s: %s", request.method, request.path, exc)
    if isinstance(exc, TemporaryError):
        return _answer(ServiceUnavailable("The store does not answer. Try again in a minute."))
    if isinstance(exc, SubjectError):
        return _answer(NotFound(str(exc)))
    if isinstance(exc, PermanentError):
        # the database knows no such value: NUL is no text for PostgreSQL
        return _answer(BadRequest(f"{exc}."))
    return _answer(InternalServerError(str(exc)))


def _answer_fault(exc: Exception) -> Response:
    log.error("%s %s", request.method, one_line(request.path), exc_info=exc)
    return _answer(InternalServerError("A fault of ours: the log of this process says more."))


def _answer(exc: HTTPException) -> Response:
    status = HTTPStatus(exc.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = without_logins(one_line(exc.description or status.description))
    headers = [(k, v) for k, v in exc.get_headers(request.environ) if k != "Content-Type"]
    if request.path.startswith(API):
        problem = Problem(title=status.phrase, status=status, detail=detail)
        body: bytes | str = msgspec.json.encode(problem)
        kind = "application/problem+json"
    else:
        body = render_template("error.html.j2", status=status, detail=detail)
        kind = "text/html; charset=utf-8"
    answer = Response(body, status, headers, content_type=kind)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = "60"
    return answer
