"""The folder of live respins like Fedora's: an index page, no metadata, no content.

The tree must stay plain files: tests change respins by writing and deleting files.
"""

import html
from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

#: the folder of respins, below that of all composes
FOLDER = "pub/alt/live-respins"

#: the names of images in file names
DESKTOPS = ("CINN", "KDE", "LXDE", "LXQT", "MATE", "SOAS", "WORK", "XFCE", "i3")

_PAGE = """\
<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html>
 <head>
  <title>Index of /{folder}</title>
 </head>
 <body>
<h1>Index of /{folder}</h1>
<pre><a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a><hr>
<a href="/pub/alt/">Parent Directory</a>
{rows}
<hr></pre>
</body></html>
"""


def write_respins(
    root: Path, *, release: int, date: str, desktops: Iterable[str] = DESKTOPS
) -> str:
    """Write the files of a respin; return the URL path of the folder."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for desktop in desktops:
        (folder / f"F{release}-{desktop}-x86_64-LIVE-{date}.iso").touch()
    (folder / f"CHECKSUM512-{date}").touch()
    return f"/{FOLDER}/"


def add_respins(app: web.Application, root: Path) -> None:
    """Serve the index page of the folder; files written later are listed as well."""
    folder = root / FOLDER

    async def index(_: web.Request) -> web.Response:
        if not folder.is_dir():
            raise web.HTTPNotFound
        names = sorted(html.escape(path.name) for path in folder.iterdir())
        rows = "\n".join(f'<a href="{name}">{name}</a>' for name in names)
        page = _PAGE.format(folder=FOLDER, rows=rows)
        return web.Response(text=page, content_type="text/html")

    app.router.add_get(f"/{FOLDER}/", index)
