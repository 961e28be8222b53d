"""The description of the interface for programs, OpenAPI 3.1, made of its endpoints."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fedora_openqa import __version__
from fedora_openqa.views.plans import PlanView
from fedora_openqa.web.api import PREFIX, Endpoint
from fedora_openqa.web.errors import Problem
from fedora_openqa.web.queries import JSON

#: a parameter in the path of a rule: ``<key>``, ``<int:act_id>``
IN_PATH = re.compile(r"<(?:(?P<kind>[a-z]+):)?(?P<name>[a-z_]+)>")

#: where schemas are
SCHEMAS = "#/components/schemas/{name}"

#: errors of questions
PROBLEMS = {
    "400": "A parameter is unknown, or its value is impossible",
    "404": "There is no such thing, or the store does not know it",
    "503": "The store does not answer; try again after a minute",
}

#: errors of what changes something; nothing was done then
REFUSALS = {
    "400": "It is not JSON; a member is unknown or missing, or its value is impossible",
    "401": "The token is missing or not valid",
    "403": "A session came instead of the token, or the role may not do it",
    "404": "What it is about does not exist, or nobody can act here",
    "409": "It cannot be done now, or the key was used for something else",
    "413": "The body is too large",
    "415": "The body is not application/json",
    "429": "The person has started too much in 24 hours",
    "502": "A server that is asked for the plan refuses",
    "503": "The store or a server does not answer; try again after a minute",
}

#: the name of the token among the components
TOKEN = "token"  # noqa: S105 - its name


def describe(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the description of endpoints."""
    endpoints = tuple(endpoints)
    bodies = [one.body for one in endpoints if one.body]
    types = [Problem, PlanView, *dict.fromkeys((*(one.view for one in endpoints), *bodies))]
    schemas, components = msgspec.json.schema_components(types, ref_template=SCHEMAS)
    schema_of = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        path = PREFIX + IN_PATH.sub(r"{\g<name>}", one.rule)
        described = _change(one, schema_of) if one.body else _question(one, schema_of)
        paths.setdefault(path, {})[one.method.lower()] = described
    token = {"type": "http", "scheme": "bearer", "description": "The token of web.token_file"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fedora-openqa",
            "version": __version__,
            "description": "What the store has of subjects, jobs and lanes, for everybody; and"
            " what the holder of the token may do. No GET changes anything.",
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {TOKEN: token}},
    }


def _question(one: Endpoint, schema_of: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    schema = schema_of[one.view]
    headers: dict[str, Any] = {"ETag": _header("Of the answer, for If-None-Match")}
    if one.is_list:
        schema = {"type": "array", "items": schema}
        headers["Link"] = _header("The first, previous and next page")
    return {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": [*_in_path(one), *_in_query(one)],
        "responses": {
            "200": _answer("The answer", schema, headers),
            "304": {"description": "The answer has not changed"},
            **_problems(PROBLEMS, schema_of),
        },
    }


def _change(one: Endpoint, schema_of: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    act = schema_of[one.view]
    where = {"Location": _header("The act in the audit")}
    return {
        "operationId": one.name,
        "summary": one.summary,
        "security": [{TOKEN: []}],
        "parameters": [*_in_path(one)],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema_of[one.body]}}},
        "responses": {
            "200": _answer(
                "With dry: what would come of it. With a key that was used: the act of then",
                {"anyOf": [schema_of[PlanView], act]},
                where,
            ),
            "201": _answer("The act is stored and was attempted; ending says more", act, where),
            **_problems(REFUSALS, schema_of),
        },
    }


def _answer(text: str, schema: Mapping[str, Any], headers: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": text, "headers": headers, "content": {JSON: {"schema": schema}}}


def _problems(texts: Mapping[str, str], schema_of: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": schema_of[Problem]}}
    return {status: {"description": text, "content": content} for status, text in texts.items()}


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def _in_path(one: Endpoint) -> Iterator[dict[str, Any]]:
    for found in IN_PATH.finditer(one.rule):
        kind = {"type": "integer", "minimum": 0} if found["kind"] == "int" else {"type": "string"}
        yield {"name": found["name"], "in": "path", "required": True, "schema": kind}


def _in_query(one: Endpoint) -> Iterator[dict[str, Any]]:
    ((_, components),) = [msgspec.json.schema_components([one.query], ref_template=SCHEMAS)]
    for name, schema in components[one.query.__name__].get("properties", {}).items():
        required = name in one.required
        yield {
            "name": name,
            "in": "query",
            "required": required,
            "schema": {**schema, "minLength": 1} if required else schema,
        }
