"""Web sites of this machine's own, for as long as a test takes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from demo.instance import free_port


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve over HTTP at the address that is yielded."""
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
