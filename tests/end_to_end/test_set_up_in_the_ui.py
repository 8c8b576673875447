"""The way of a new user: add the integration, add a camera, see somebody come."""

import asyncio
from pathlib import Path

from playwright.async_api import Page, expect

from demo.client import Client


async def test_a_person_is_seen_after_the_camera_was_added_in_the_ui(
    home_assistant: Client, page: Page, screenshots: Path
) -> None:
    await page.goto(f"{home_assistant.url}/config/integrations/dashboard/add?domain=camclassify")
    await page.get_by_role("button", name="OK").click()
    dialog = page.locator("dialog-data-entry-flow")

    await expect(dialog.get_by_text("Set up CamClassify")).to_be_visible()
    await page.screenshot(path=screenshots / "1-engine.png")
    await dialog.get_by_role("button", name="Submit").click()

    await dialog.get_by_text("Cameras in Home Assistant").click()
    await dialog.locator("ha-entity-picker").first.click()
    await page.get_by_text("Driveway", exact=True).last.click()
    await page.screenshot(path=screenshots / "2-camera.png")
    await dialog.get_by_role("button", name="Next").click()

    preview = dialog.locator("ha-markdown img")
    await expect(preview).to_be_visible()
    assert await preview.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    await page.screenshot(path=screenshots / "3-preview.png")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog.get_by_text("Success")).to_be_visible()

    await page.goto(f"{home_assistant.url}/camera-demo/cameras")
    async with asyncio.timeout(60):
        while await home_assistant.entity_state("binary_sensor.driveway_person") != "on":
            await asyncio.sleep(0.2)
    await expect(page.get_by_role("button", name="Person Detected")).to_be_visible()
    await page.screenshot(path=screenshots / "4-person.png")
