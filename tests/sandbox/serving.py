"""Serve an aiohttp application in a thread, for the tests of one service of the sandbox."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from aiohttp import web


@contextmanager
def serving(app: web.Application) -> Iterator[str]:
    """Yield the URL of an application on a free port."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app)
    loop.run_until_complete(runner.setup())
    loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", 0).start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        with closing(loop):
            loop.run_until_complete(runner.cleanup())
