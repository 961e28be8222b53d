"""Adds an openQA to an aiohttp application; the only place that knows all of its parts."""

from aiohttp import web

from fedora_openqa.sandbox.openqa.api_assets import AssetRoutes
from fedora_openqa.sandbox.openqa.api_comments import OWNERS, CommentRoutes
from fedora_openqa.sandbox.openqa.api_isos import IsoRoutes
from fedora_openqa.sandbox.openqa.api_jobs import JobRoutes
from fedora_openqa.sandbox.openqa.api_load import LoadRoutes
from fedora_openqa.sandbox.openqa.api_tables import TableRoutes
from fedora_openqa.sandbox.openqa.database import Database
from fedora_openqa.sandbox.openqa.options import OpenQAOptions
from fedora_openqa.sandbox.openqa.server import Server
from fedora_openqa.sandbox.openqa.workers import Workers

PREFIX = "/api/v1"


def add_openqa(app: web.Application, options: OpenQAOptions) -> Workers:
    """Add openQA's routes below `/api/v1`, and close its database with the application.

    Return its workers.

    Raises:
        ConfigError: the templates or the database cannot be used.
    """
    templates = options.loaded_templates()
    database = Database(options.database)
    database.add_groups((*options.groups, *templates.groups))
    server = Server(options, templates, database)
    workers = Workers(database)
    for host, instance, classes in options.workers:
        workers.register(host, instance, classes)
    for routes in (
        IsoRoutes(server),
        JobRoutes(server),
        TableRoutes(server),
        AssetRoutes(server),
        LoadRoutes(server, workers),
    ):
        routes.add(app.router, PREFIX)

    for owners in OWNERS:
        CommentRoutes(server, owners).add(app.router, PREFIX)

    async def close(_: web.Application) -> None:
        database.close()

    app.on_cleanup.append(close)
    return workers
