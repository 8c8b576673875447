"""Adds CamClassify and the demo's cameras through the same flows that the UI shows."""

from .api import Client, Json

CLASSES = ("person", "vehicle", "animal", "delivery_truck")
CAMERAS = ("camera.driveway", "camera.gate", "camera.garden")
INTERVAL = 0.5  # seconds between looks: as often as the footage has frames


class SetUpError(Exception):
    """A flow went another way than expected."""


async def add_camclassify(client: Client, server: Json | None = None) -> None:
    """Create the config entry with all cameras, unless there is one.

    `server`: what is entered about a server, if one shall look in place of this machine.
    """
    if await client.command("config_entries/get", domain="camclassify"):
        return
    path = "/api/config/config_entries/flow"
    flow = await client.post(path, {"handler": "camclassify"})
    expect(flow, "form")
    step = f"{path}/{flow['flow_id']}"
    engine = {"engine": "server" if server else "here", "classes": CLASSES, "threads": 2}
    entry = await client.post(step, engine)
    if server:
        expect(entry, "form", step="server")
        entry = await client.post(step, server)
    expect(entry, "create_entry")

    flow_id = entry["next_flow"][1]  # the first camera's
    path = f"/api/config/config_entries/subentries/flow/{flow_id}"
    expect(await client.post(path, {"next_step_id": "entities"}), "form")
    cameras = {"entity_id": CAMERAS, "classes": CLASSES, "interval": INTERVAL}
    expect(await client.post(path, cameras), "form", step="confirm")
    expect(await client.post(path, {}), "create_entry")


def expect(result: Json, kind: str, step: str | None = None) -> None:
    """Check how far a flow came."""
    if result["type"] != kind or result.get("errors") or step not in (None, result.get("step_id")):
        raise SetUpError(f"the set-up of CamClassify stopped: {result}")
