"""The way of a new user: cameras, zones, evidence, automations, history, teaching, and a restart."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from playwright.async_api import Page

from demo.api import Client, Json
from demo.instance import ROOT, free_port, prepare, running

from . import driveway_footage, story
from .diary import Diary, listening
from .serving import serving

BLUEPRINTS = ROOT / "blueprints/automation/camclassify"
PERSON = "binary_sensor.driveway_driveway_person"
OUR_VAN = "binary_sensor.driveway_our_van"
TRUCK = "binary_sensor.driveway_delivery_truck"
WHO_CAME = "automation.who_came"
EVENTS = "event.driveway_arrivals_and_departures"
LATEST = "image.driveway_latest_arrival"
AFTER_A_RESTART = 20  # seconds in which whoever was taken for new would have arrived


async def test_a_new_user_gets_what_the_documentation_promises(
    tmp_path: Path, page: Page, phone: Page, screenshots: story.Screenshots
) -> None:
    config, port = tmp_path / "config", free_port()
    prepare(config, port)
    async with running(config, port) as client:
        user = story.User(client, page, screenshots)
        await user.signs_in()
        await user.adds_the_integration()
        await user.adds_cameras("Driveway", "Gate", "Garden")
        await user.draws_a_zone("Driveway", driveway_footage.DRIVEWAY)
        await story.User(client, phone, screenshots).masks_with_fingers(driveway_footage.WINDOWS)
        await _check_what_was_drawn(client)
        await _automate(client, user)
        async with listening(client) as diary:
            await _see_somebody_come_and_go(client, user, diary)
            await user.browses_the_history("Driveway", "Person")
            await user.teaches("our van", driveway_footage.VAN, examples=3)
            await diary.see(OUR_VAN, "on")
            await user.looks_at_the_device("Driveway")
            await diary.see(PERSON, "off", after=datetime.now(UTC))
            told = await _told(client)

    driveway_footage.let_nobody_come(config)
    async with running(config, port) as client:
        await _see_nobody_arrive_again(client)
        assert await _told(client) == told


async def _check_what_was_drawn(client: Client) -> None:
    cameras = (await client.command("camclassify/cameras"))["cameras"]
    (driveway,) = (camera for camera in cameras if camera["name"] == "Driveway")
    (zone,) = driveway["zones"]
    (mask,) = driveway["masks"]
    for drawn, wanted in (
        (zone["points"], driveway_footage.DRIVEWAY),
        (mask["points"], driveway_footage.WINDOWS),
    ):
        for point, there in zip(drawn, wanted, strict=True):
            assert max(abs(a - b) for a, b in zip(point, there, strict=True)) < 0.02, drawn


async def _automate(client: Client, user: story.User) -> None:
    """Make an automation of the blueprint that tells who came."""
    app = web.Application()
    app.router.add_static("/", BLUEPRINTS)
    async with serving(app) as site:
        path = await user.imports_a_blueprint(f"{site}/notify_on_arrival.yaml")
    automation = {
        "alias": "Who came",
        "use_blueprint": {"path": path, "input": {"classes": ["person"], "zones": ["Driveway"]}},
    }
    await client.post("/api/config/automation/config/who_came", automation)


async def _told(client: Client) -> tuple[str, str]:
    """Return when the camera reported something last, and when the automation ran last."""
    camera = await client.get(f"/api/states/{EVENTS}")
    automation = await client.get(f"/api/states/{WHO_CAME}")
    return camera["state"], automation["attributes"]["last_triggered"]


async def _see_somebody_come_and_go(client: Client, user: story.User, diary: Diary) -> None:
    await user.opens_the_dashboard()
    came = await diary.see(PERSON, "on")
    arrival = await diary.hear("camclassify_arrived", zone="Driveway", **{"class": "person"})
    await _check_evidence(client, diary, arrival)
    await user.sees_the_latest_arrival()

    await diary.hear("automation_triggered", entity_id=WHO_CAME)
    await user.reads_the_notification("Person: Driveway")

    await user.opens_the_zones("Driveway")
    went = await diary.see(PERSON, "off", after=came)
    shown = driveway_footage.number_of(await client.picture("/api/camera_proxy/camera.driveway"))
    ago = (datetime.now(UTC) - went).total_seconds()
    lately = [
        driveway_footage.is_somebody_on_the_road(shown, ago + before)
        for before in (0, 0.5, 1, 1.5, 2)
    ]
    assert not all(lately), (shown, ago)


async def _check_evidence(client: Client, diary: Diary, arrival: Json) -> None:
    """The kept snapshot is one of the camera's frames, byte for byte, and its box is on the person."""
    plain = await client.picture(f"{arrival['snapshot_url']}?plain")
    drawn = await client.picture(arrival["snapshot_url"])
    person = driveway_footage.PERSON[driveway_footage.number_of(plain)]
    x0, y0, x1, y1 = driveway_footage.drawn_box(plain, drawn)
    assert abs((x0 + x1) / 2 - person) < 0.012, (x0, x1, person)
    assert 0.012 < x1 - x0 < 0.048
    assert 0.25 < y0 < 0.38
    assert 0.33 < y1 < 0.49

    told = (each["attributes"] for each in diary.states(EVENTS))
    event = next(each for each in told if each["snapshot_id"] == arrival["snapshot_id"])
    assert event["event_type"] == "person_arrived"
    assert event.items() >= {key: arrival[key] for key in ("zone", "score", "track")}.items()
    latest = diary.all("camclassify_arrived", camera="Driveway")[-1]
    assert await client.picture(f"/api/image_proxy/{LATEST}") == await client.picture(
        latest["snapshot_url"]
    )


async def _see_nobody_arrive_again(client: Client) -> None:
    """The van is there as before, and neither it nor anybody else is news."""
    async with listening(client) as diary:
        await asyncio.sleep(AFTER_A_RESTART)
    assert not diary.all("camclassify_arrived", camera="Driveway")
    assert not diary.all("automation_triggered")
    for entity, state in ((OUR_VAN, "on"), (TRUCK, "on"), (PERSON, "off")):
        assert {each["state"] for each in diary.states(entity)} <= {state}, entity
        assert await client.entity_state(entity) == state
