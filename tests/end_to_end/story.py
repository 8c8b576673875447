"""What a user does in the browser, step by step."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import FloatRect, Locator, Page, expect

from demo.api import Client

type Point = tuple[float, float]

DATE = re.compile(r"20\d\d-\d\d-\d\d")
TIME_AND_ZONE = re.compile(r"\d\d:\d\d:\d\d, Driveway")
QUALITY = 70  # of JPEG
SETTLE = 1000  # milliseconds in which the frontend ends what it is about
TRIES = 3  # at what the frontend may be too busy for
EDGE = 0.95  # no click comes nearer to the picture's lower edge; corners are dragged there


@dataclass(frozen=True)
class Screenshots:
    """Keeps pictures of what a page shows."""

    folder: Path

    async def keep(
        self, page: Page, name: str, *, part: Locator | None = None, height: int | None = None
    ) -> None:
        """Keep a page, a part of it, or its upper part."""
        file = self.folder / f"{name}.jpg"
        if part:
            await part.screenshot(path=file, type="jpeg", quality=QUALITY)
            return
        size = page.viewport_size
        assert size
        clip = FloatRect(x=0, y=0, width=size["width"], height=height or size["height"])
        await page.screenshot(path=file, type="jpeg", quality=QUALITY, clip=clip)


@dataclass(frozen=True)
class User:
    """Somebody with a browser."""

    client: Client
    page: Page
    screenshots: Screenshots

    async def signs_in(self) -> None:
        """Open Home Assistant, which asks this machine's own browser for no password."""
        await self.goes_to("")
        await expect(self.page.locator("ha-sidebar")).to_be_visible()

    async def goes_to(self, path: str) -> None:
        """Open a page of Home Assistant."""
        await self.page.goto(f"{self.client.url}/{path}")

    async def adds_the_integration(self) -> None:
        """Add it as a link to it does; the dialog for cameras follows."""
        await self.goes_to("config/integrations/dashboard/add?domain=camclassify")
        await self.page.get_by_role("button", name="OK").click()
        dialog = self.page.locator("dialog-data-entry-flow")
        await expect(dialog.get_by_text("Set up CamClassify")).to_be_visible()
        await dialog.get_by_role("button", name="Submit").click()

    async def adds_cameras(self, *names: str) -> None:
        """Choose cameras of Home Assistant in the dialog, and see what each of them shows."""
        dialog = self.page.locator("dialog-data-entry-flow")
        await dialog.get_by_text("Cameras in Home Assistant").click()
        pickers = dialog.locator("ha-entities-picker").first.locator("ha-entity-picker")
        for chosen, name in enumerate(names):
            # One for each that is chosen, and an empty one, which comes a moment after a choice.
            await expect(pickers).to_have_count(chosen + 1)
            await self._chooses(name, pickers.last)
        await dialog.get_by_role("button", name="Next").click()
        previews = dialog.locator("ha-markdown img")
        await expect(previews).to_have_count(len(names))
        for preview in await previews.all():
            assert await _width(preview) > 0
        await self.screenshots.keep(self.page, "add-cameras")
        await dialog.get_by_role("button", name="Submit").click()
        await expect(dialog.get_by_text("Success")).to_be_visible()

    async def _chooses(self, name: str, picker: Locator) -> None:
        option = self.page.get_by_text(name, exact=True).last
        for _ in range(TRIES):
            # A click that comes while another list still closes opens none.
            await picker.click(position={"x": 40, "y": 20})
            with suppress(AssertionError):
                await expect(option).to_be_visible(timeout=5 * SETTLE)
                break
        await option.click()

    async def opens_the_zones(self, camera: str) -> Locator:
        """Show a camera's picture in the panel."""
        await self.goes_to("camclassify")
        await self.page.locator("#camera").select_option(camera)
        panel = self.page.locator("camclassify-zones")
        # Until the first picture has come, an image without an address holds its place.
        assert await _width(panel.locator(".stage img[src]")) > 0
        # At once: the panel may draw the stage anew while Playwright waits for it to rest.
        await panel.locator(".stage").evaluate("stage => stage.scrollIntoView({block: 'nearest'})")
        return panel

    async def draws_a_zone(self, name: str, points: Sequence[Point]) -> None:
        """Draw a polygon with the mouse, name it, save it."""
        panel, mouse = await self.opens_the_zones(name), self.page.mouse
        await panel.locator("[data-action=add-zone]").click()
        stage = await Stage.of(panel)
        inner = [(x, min(y, EDGE)) for x, y in points]
        for point in (*inner, inner[0]):
            await mouse.click(*stage.at(*point))
        for before, after in zip(inner, points, strict=True):
            if before != after:
                await mouse.move(*stage.at(*before))
                await mouse.down()
                await mouse.move(*stage.at(after[0], after[1] + 0.03), steps=3)
                await mouse.up()
        field = panel.locator("#shapes input").first
        await field.fill(name)
        await field.press("Enter")
        # The van, the car, and somebody who walks by.
        await expect(panel.locator("rect.object:not(.unseen)").nth(2)).to_be_attached()
        await self.screenshots.keep(self.page, "zones", height=550)
        await self._saves(panel)

    async def masks_with_fingers(self, points: Sequence[Point]) -> None:
        """Tap the corners of a mask, and drag the last of them to where it belongs."""
        panel, fingers = await self.opens_the_zones("Driveway"), self.page.touchscreen
        await panel.locator("[data-action=add-mask]").tap()
        stage = await Stage.of(panel)
        *exact, last = points
        astray = last[0] + 0.1, last[1] + 0.1
        for point in (*exact, astray, exact[0]):
            await fingers.tap(*stage.at(*point))
        session = await self.page.context.new_cdp_session(self.page)
        for kind, where in (("touchStart", astray), ("touchMove", last), ("touchEnd", None)):
            touches = [dict(zip("xy", stage.at(*where), strict=True))] if where else []
            await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
        await self._saves(panel)
        await self.screenshots.keep(self.page, "phone")

    async def _saves(self, panel: Locator) -> None:
        save = panel.locator("[data-action=save]")
        await save.click()
        await expect(panel.get_by_role("status")).not_to_be_empty()
        await expect(save).to_be_disabled()

    async def imports_a_blueprint(self, url: str) -> str:
        """Import a blueprint by its address, in a tab of its own; return its path."""
        tab = await self.page.context.new_page()
        await tab.goto(f"{self.client.url}/config/blueprint/dashboard/import?blueprint_url={url}")
        dialog = tab.locator("ha-dialog-import-blueprint")
        await dialog.get_by_role("button", name="Preview").click()
        await dialog.get_by_role("button", name="Import blueprint").click()
        await expect(dialog).not_to_be_visible()
        await tab.close()
        blueprints = await self.client.command("blueprint/list", domain="automation")
        return next(str(path) for path, each in blueprints.items() if url in str(each))

    async def opens_the_dashboard(self) -> None:
        """Show all cameras."""
        await self.goes_to("camera-demo/cameras")

    async def sees_the_latest_arrival(self) -> None:
        """See on the dashboard that a person is there, and the evidence."""
        await expect(self.page.get_by_role("button", name="Person Detected").first).to_be_visible()
        pictures = self.page.locator("hui-image img")
        await expect(pictures).to_have_count(4)
        for picture in await pictures.all():
            await _width(picture)
        await self.page.wait_for_timeout(2 * SETTLE)
        await self.screenshots.keep(self.page, "demo", height=778)

    async def reads_the_notification(self, title: str) -> None:
        """Read what the automation told, with its picture."""
        await self.page.get_by_text("Notifications").click()
        notification = self.page.locator("notification-item").filter(has_text=title)
        picture = notification.locator("img").first
        assert await _width(picture) > 0
        await self.screenshots.keep(self.page, "notification", part=notification)

    async def browses_the_history(self, camera: str, class_name: str) -> None:
        """Find an arrival among the kept snapshots, and look at it."""
        await self.goes_to("media-browser/browser")
        browser = self.page.locator("ha-media-player-browse")
        for folder in ("CamClassify", camera, class_name, DATE):
            tile = browser.get_by_text(folder, exact=True).locator("visible=true")
            await tile.first.click()
        picture = browser.get_by_text(TIME_AND_ZONE).locator("visible=true")
        await expect(picture.first).to_be_visible()
        await self.page.mouse.move(0, 0)
        await self.page.wait_for_timeout(SETTLE)
        await self.screenshots.keep(self.page, "history", height=318)

    async def teaches(self, name: str, where: Point, examples: int) -> None:
        """Mark the object at a place in new snapshots, and name it."""
        await self.opens_the_zones("Driveway")
        await self.page.locator("#tab-teaching").click()
        panel = self.page.locator("camclassify-teaching")
        opened: list[str] = []
        for number in range(1, examples + 1):
            await panel.locator("[data-action=keep-snapshot]").click()
            others = "".join(f":not([data-snapshot='{each}'])" for each in opened)
            snapshot = panel.locator(f"#snapshots [selected]{others}")
            opened.append(await snapshot.get_attribute("data-snapshot") or "")
            await expect(panel.locator("rect.found").first).to_be_attached()
            stage = await Stage.of(panel)
            await self.page.mouse.click(*stage.at(*where))
            await expect(panel.locator("rect.marked")).to_be_attached()
            await panel.locator("#teach-name").fill(name)
            await panel.locator("[data-action=teach]").click()
            await expect(panel.locator("#lessons figure")).to_have_count(number)
        await self.screenshots.keep(self.page, "teaching")
        await self.page.locator("#tab-zones").click()
        taught = self.page.locator("camclassify-zones .classes label", has_text=name)
        await expect(taught.first).to_be_attached()

    async def looks_at_the_device(self, name: str) -> None:
        """See a camera's entities."""
        devices = await self.client.command("config/device_registry/list")
        (device,) = (each["id"] for each in devices if each["name"] == name)
        await self.goes_to(f"config/devices/device/{device}")
        await expect(self.page.get_by_text("Latest arrival").first).to_be_visible()
        await self.page.wait_for_timeout(2 * SETTLE)
        await self.screenshots.keep(self.page, "device")


@dataclass(frozen=True)
class Stage:
    """Where on the page a panel's picture is, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    async def of(cls, panel: Locator) -> Stage:
        """Find the picture of a page of the panel."""
        picture = panel.locator(".stage svg")
        await picture.scroll_into_view_if_needed()
        bounds = await picture.bounding_box()
        assert bounds
        return cls(**bounds)

    def at(self, x: float, y: float) -> Point:
        """Return a point of the picture, which is given as shares of its sides."""
        return self.x + x * self.width, self.y + y * self.height


async def _width(picture: Locator) -> int:
    """Wait until a picture is shown; return how wide it is, 0 if it is none.

    One that another takes the place of meanwhile cannot be decoded any more, but was there.
    """
    await expect(picture).to_be_visible()
    width: int = await picture.evaluate(
        "image => image.decode().catch(() => {}).then(() => image.naturalWidth)"
    )
    return width
