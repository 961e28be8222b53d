"""The route that lists assets: disks of the options, and the names that jobs have registered."""

from aiohttp import web

from fedora_openqa.sandbox.openqa import replies
from fedora_openqa.sandbox.openqa.database import now_text
from fedora_openqa.sandbox.openqa.server import Server
from fedora_openqa.sandbox.openqa.settings import asset_type


class AssetRoutes:
    """The list of assets."""

    def __init__(self, server: Server) -> None:
        """Serve an openQA."""
        self._server = server

    def add(self, router: web.UrlDispatcher, prefix: str) -> None:
        """Add the route below a prefix."""
        router.add_get(f"{prefix}/assets", self.assets)

    async def assets(self, _request: web.Request) -> web.Response:
        """Return all assets; the sandbox has no files of those that only jobs have named."""
        disks = {("hdd", disk.name): disk for disk in self._server.options.disks}
        settings = self._server.database.rows("SELECT DISTINCT key, value FROM setting")
        named = {
            (asset_type(key, value), value) for key, value in settings if value and "/" not in value
        }
        rows = []
        for number, asset in enumerate(sorted({*disks, *((k, v) for k, v in named if k)}), start=1):
            disk = disks.get(asset)
            updated = disk.updated if disk else now_text()
            rows.append(
                {
                    "id": number,
                    "type": asset[0],
                    "name": asset[1],
                    "size": disk.size if disk else None,
                    "checksum": None,
                    "fixed": 1 if disk else 0,
                    "last_use_job_id": None,
                    "t_created": updated,
                    "t_updated": updated,
                }
            )
        return replies.answer({"assets": rows})
