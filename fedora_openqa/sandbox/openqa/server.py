"""The parts that all routes share: database, templates, options, check of the API key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from fedora_openqa.sandbox.openqa import replies
from fedora_openqa.sandbox.openqa.auth import ApiKey, refusal
from fedora_openqa.sandbox.openqa.database import Database
from fedora_openqa.sandbox.openqa.options import OpenQAOptions
from fedora_openqa.sandbox.openqa.templates import Templates

Route = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Server:
    """An openQA without its routes."""

    options: OpenQAOptions
    templates: Templates
    database: Database

    def signed(self, route: Route) -> Route:
        """Return the route with openQA's check of the API key."""

        async def checked(request: web.Request) -> web.StreamResponse:
            reason = refusal(
                request.headers,
                request.raw_path,
                known=ApiKey(self.options.key, self.options.secret),
                now=self.options.clock(),
            )
            if reason is not None:
                return replies.error(reason, status=403)
            return await route(request)

        return checked


async def parameters(request: web.Request) -> dict[str, str]:
    """Return the parameters of query and form together, as openQA reads them."""
    form = await request.post()
    posted = {key: value for key, value in form.items() if isinstance(value, str)}
    return {**request.query, **posted}


async def repeated(request: web.Request, name: str) -> list[str]:
    """Return all values of a parameter in query and form."""
    form = await request.post()
    values = [value for value in form.getall(name, []) if isinstance(value, str)]
    return [*request.query.getall(name, []), *values]


def number_in_path(request: web.Request, name: str = "number") -> int:
    """Return a number in the path; the route matches digits only."""
    return int(request.match_info[name])
