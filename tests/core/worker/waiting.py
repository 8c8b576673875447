"""Waiting for what another process does."""

import asyncio

from camclassify_core import EngineClient, EngineState


async def state_of(client: EngineClient, wanted: EngineState, timeout: float = 10) -> None:
    """Waits until the client is in that state."""
    async with asyncio.timeout(timeout):
        while client.state is not wanted:
            await asyncio.sleep(0.01)
