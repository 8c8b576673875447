"""Watches the demo until all that it shows has happened."""

import asyncio
import contextlib
import time

from .add_cameras import add_camclassify
from .api import Client, Json

TIMEOUT = 120  # seconds

# What must happen, in this order for each entity.
EXPECTED = {
    "binary_sensor.driveway_person": ("on", "off"),
    "binary_sensor.driveway_delivery_truck": ("on",),
    # It is off while the camera looks away from the parked van, and on when the camera is back.
    "binary_sensor.gate_delivery_truck": ("on", "off", "on"),
    "binary_sensor.gate_person": ("on", "off"),
    "binary_sensor.garden_animal": ("on", "off"),
    "automation.person_in_driveway": ("triggered",),
}


async def check(client: Client) -> bool:
    """Add the cameras and print what happens; tell whether everything did in time."""
    missing = {entity: list(states) for entity, states in EXPECTED.items()}
    started = time.monotonic()
    try:
        async with asyncio.timeout(TIMEOUT):
            await watch(client, missing, started)
    except TimeoutError:
        for entity, states in missing.items():
            print(f"never seen: {entity} {' then '.join(states)}")
        return False
    # The frontend hangs at "Loading" where this fails.
    services = await client.command("get_services")
    print(f"{len(services)} domains offer actions")
    return "camera" in services


async def watch(client: Client, missing: dict[str, list[str]], started: float) -> None:
    """Print every change, and take what happens from `missing` until nothing is."""
    async with contextlib.aclosing(
        client.events("state_changed", "automation_triggered")
    ) as events:
        async for event in events:
            if not event:
                await add_camclassify(client)
            elif happened := describe(event):
                entity, what = happened
                print(f"{time.monotonic() - started:6.1f} s  {entity:42} {what}", flush=True)
                if missing.get(entity, [None])[0] == what:
                    del missing[entity][0]
                    if not missing[entity]:
                        del missing[entity]
            if not missing:
                return


def describe(event: Json) -> tuple[str, str] | None:
    """Return the entity and what happened to it, if that is of interest."""
    data = event["data"]
    if event["event_type"] == "automation_triggered":
        return data["entity_id"], "triggered"
    old, new = (data[key] and data[key]["state"] for key in ("old_state", "new_state"))
    is_presence = data["entity_id"].startswith("binary_sensor.")
    if is_presence and new != old and (new == "on" or (old, new) == ("on", "off")):
        return data["entity_id"], new
    return None
