"""What a Home Assistant tells while it is listened to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from demo.api import Client, Json

EVENTS = ("state_changed", "camclassify_arrived", "camclassify_left", "automation_triggered")
PATIENCE = 100.0  # seconds; the footage takes 30 and a small machine its time


class Diary:
    """All events in the order in which they were heard."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.events: list[Json] = []

    def all(self, event_type: str, **data: object) -> list[Json]:
        """Return the data of all events of a type that say at least this."""
        return [
            each["data"]
            for each in self.events
            if each["event_type"] == event_type and data.items() <= each["data"].items()
        ]

    async def hear(self, event_type: str, **data: object) -> Json:
        """Wait until there is such an event, and return the data of the first."""
        async with asyncio.timeout(PATIENCE):
            while not (heard := self.all(event_type, **data)):
                await asyncio.sleep(0.1)
        return dict(heard[0])

    def states(self, entity_id: str) -> list[Json]:
        """Return the states that an entity took, one after the other."""
        changes = self.all("state_changed", entity_id=entity_id)
        return [each["new_state"] for each in changes if each["new_state"]]

    async def see(self, entity_id: str, state: str, *, after: datetime | None = None) -> datetime:
        """Wait until an entity takes a state, and return when it did, the first time after another."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for each in self.states(entity_id):
                    at = datetime.fromisoformat(each["last_changed"])
                    if each["state"] == state and (after is None or at > after):
                        return at
                await asyncio.sleep(0.1)


@asynccontextmanager
async def listening(client: Client) -> AsyncIterator[Diary]:
    """Listen until the end of the block."""
    diary, began = Diary(), asyncio.Event()

    async def write() -> None:
        async for event in client.events(*EVENTS):
            if event:
                diary.events.append(event)
            else:
                began.set()

    async with asyncio.TaskGroup() as group:
        writing = group.create_task(write())
        await began.wait()
        yield diary
        writing.cancel()
