"""The demo's Home Assistant, whose pictures a server looks at."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from demo.add_cameras import add_camclassify
from demo.api import Client, Json
from demo.instance import free_port, prepare, running

from . import driveway_footage
from .diary import Diary, listening

PERSON = "binary_sensor.driveway_driveway_person"
OUR_VAN = "binary_sensor.driveway_our_van"
EXAMPLES = 3


@asynccontextmanager
async def serving(serve: list[str], folder: Path) -> AsyncIterator[Json]:
    """Run a server with one home; what that enters about it is yielded."""
    homes = ("--homes", str(folder / "homes.json"), "--json")
    home = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "camclassify_core", "homes", "add", "demo", *homes),
        stdout=asyncio.subprocess.PIPE,
    )
    made, _ = await home.communicate()
    server = await asyncio.create_subprocess_exec(
        *(*serve, "--port", str(free_port()), *homes), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout
        async with asyncio.timeout(60):
            address = json.loads(await server.stdout.readline())["address"]
        token = json.loads(made)["token"]
        yield {"url": address, "token": token, "verify_ssl": True, "stand_in": False}
    finally:
        server.terminate()
        await server.wait()


async def test_a_server_sees_somebody_come_to_the_driveway(
    tmp_path: Path, serve: list[str]
) -> None:
    config, port = tmp_path / "config", free_port()
    prepare(config, port)
    async with (
        serving(serve, tmp_path) as server,
        running(config, port) as client,
        listening(client) as diary,
    ):
        await add_camclassify(client, server)
        await _teach_our_van(client, diary)
        await _draw_the_driveway(client)
        await diary.see(PERSON, "on")
        arrival = await diary.hear("camclassify_arrived", zone="Driveway", **{"class": "person"})
        await _check_evidence(client, arrival)
        await diary.hear("automation_triggered", entity_id="automation.person_in_driveway")
        log = (config / "home-assistant.log").read_text()
        assert "Error" not in log
        assert server["token"] not in log


async def _teach_our_van(client: Client, diary: Diary) -> None:
    truck = await diary.hear(
        "camclassify_arrived", camera="Driveway", **{"class": "delivery_truck"}
    )
    for _ in range(EXAMPLES):
        lesson = {"snapshot_id": truck["snapshot_id"], "name": "our van"}
        await client.post("/api/services/camclassify/teach", lesson)
    await diary.see(OUR_VAN, "on")


async def _draw_the_driveway(client: Client) -> None:
    cameras = (await client.command("camclassify/cameras"))["cameras"]
    (driveway,) = (each["id"] for each in cameras if each["name"] == "Driveway")
    zone = {"name": "Driveway", "points": driveway_footage.DRIVEWAY}
    await client.command("camclassify/zones/save", camera=driveway, zones=[zone], masks=[])


async def _check_evidence(client: Client, arrival: Json) -> None:
    """The kept snapshot is one of the camera's frames, byte for byte, and its box is on the person."""
    plain = await client.picture(f"{arrival['snapshot_url']}?plain")
    drawn = await client.picture(arrival["snapshot_url"])
    person = driveway_footage.PERSON[driveway_footage.number_of(plain)]
    x0, _, x1, _ = driveway_footage.drawn_box(plain, drawn)
    assert abs((x0 + x1) / 2 - person) < 0.012, (x0, x1, person)
