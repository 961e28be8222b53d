"""The description of the interface for programs, OpenAPI 3.1, made of its endpoints."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fedora_openqa import __version__
from fedora_openqa.web.api import PREFIX, Endpoint
from fedora_openqa.web.errors import Problem

#: a parameter in the path of a rule: ``<key>``, ``<int:act_id>``
IN_PATH = re.compile(r"<(?:(?P<kind>[a-z]+):)?(?P<name>[a-z_]+)>")

#: where schemas are
SCHEMAS = "#/components/schemas/{name}"

#: answers other than 200
PROBLEMS = {
    "400": "A parameter is unknown, or its value is impossible",
    "404": "There is no such thing, or the store does not know it",
    "503": "The store does not answer; try again after a minute",
}


def describe(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the description of endpoints."""
    endpoints = tuple(endpoints)
    types = [Problem, *dict.fromkeys(one.view for one in endpoints)]
    schemas, components = msgspec.json.schema_components(types, ref_template=SCHEMAS)
    schema_of = dict(zip(types, schemas, strict=True))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fedora-openqa",
            "version": __version__,
            "description": "What the store has of subjects, jobs and lanes. Nothing is changed.",
        },
        "paths": {
            PREFIX + IN_PATH.sub(r"{\g<name>}", one.rule): {"get": _operation(one, schema_of)}
            for one in endpoints
        },
        "components": {"schemas": components},
    }


def _operation(one: Endpoint, schema_of: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    schema = schema_of[one.view]
    headers: dict[str, Any] = {"ETag": _header("Of the answer, for If-None-Match")}
    if one.is_list:
        schema = {"type": "array", "items": schema}
        headers["Link"] = _header("The first, previous and next page")
    problem = {"application/problem+json": {"schema": schema_of[Problem]}}
    return {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": [*_in_path(one), *_in_query(one)],
        "responses": {
            "200": {
                "description": "The answer",
                "headers": headers,
                "content": {"application/json": {"schema": schema}},
            },
            "304": {"description": "The answer has not changed"},
            **{
                status: {"description": text, "content": problem}
                for status, text in PROBLEMS.items()
            },
        },
    }


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
