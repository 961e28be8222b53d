"""Routes of job groups and the tables of templates.

They must not change jobs.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from fedora_openqa.sandbox.openqa import replies
from fedora_openqa.sandbox.openqa.group_yaml import as_yaml, group_texts
from fedora_openqa.sandbox.openqa.paging import answer_list
from fedora_openqa.sandbox.openqa.serialize import group_json
from fedora_openqa.sandbox.openqa.server import Server, number_in_path
from fedora_openqa.sandbox.openqa.templates import Templates

Json = dict[str, Any]


class TableRoutes:
    """Routes of groups, machines, products and test suites."""

    def __init__(self, server: Server) -> None:
        """Serve an openQA."""
        self._server = server
        self._tables = _tables(server.templates)

    def add(self, router: web.UrlDispatcher, prefix: str) -> None:
        """Add the routes below a prefix."""
        router.add_get(f"{prefix}/job_groups", self.groups)
        router.add_get(f"{prefix}/job_groups/{{number:\\d+}}", self.groups)
        for path in ("machines", "products", "test_suites"):
            router.add_get(f"{prefix}/{{table:{path}}}", self.table)
            router.add_get(f"{prefix}/{{table:{path}}}/{{number:\\d+}}", self.table)
        router.add_get(f"{prefix}/job_templates_scheduling", self.job_templates)

    async def groups(self, request: web.Request) -> web.Response:
        """Return all groups, or one group in a list."""
        groups = self._server.database.groups()
        if "number" in request.match_info:
            number = number_in_path(request)
            if number not in groups:
                return replies.error(f"Group {number} does not exist", status=404)
            groups = {number: groups[number]}
        rows = [group_json(number, name) for number, name in groups.items()]
        return answer_list(request, rows, self._server.options)

    async def table(self, request: web.Request) -> web.Response:
        """Return a table of the templates."""
        name, rows = self._tables[request.match_info["table"]]
        if "number" in request.match_info:
            rows = [row for row in rows if row["id"] == number_in_path(request)]
        elif wanted := request.query.get("name"):
            rows = [row for row in rows if row.get("name", wanted) == wanted]
        return answer_list(request, rows, self._server.options, wrap=lambda page: {name: page})

    async def job_templates(self, request: web.Request) -> web.Response:
        """Return the YAML text of each group, as YAML, or as JSON if the client asks for it."""
        texts = group_texts(self._server.templates, self._server.database.groups().values())
        if request.headers.get("Accept", "").startswith("application/json"):
            return replies.answer(texts)
        return web.Response(text=as_yaml(texts), content_type="text/yaml")


def _tables(templates: Templates) -> Mapping[str, tuple[str, list[Json]]]:
    machines = (
        ({"name": row.name, "backend": row.backend}, row.settings) for row in templates.machines
    )
    suites = (({"name": row.name}, row.settings) for row in templates.suites)
    products = (
        (
            {
                "distri": row.distri,
                "version": row.version,
                "flavor": row.flavor,
                "arch": row.arch,
            },
            row.settings,
        )
        for row in templates.products
    )
    return {
        "machines": ("Machines", _numbered(machines)),
        "products": ("Products", _numbered(products)),
        "test_suites": ("TestSuites", _numbered(suites)),
    }


def _numbered(rows: Iterable[tuple[Mapping[str, str], Mapping[str, str]]]) -> list[Json]:
    return [
        {
            "id": number,
            **names,
            "settings": [{"key": key, "value": settings[key]} for key in sorted(settings)],
        }
        for number, (names, settings) in enumerate(rows, start=1)
    ]
