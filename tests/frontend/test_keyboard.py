"""What can be done without a mouse."""

from playwright.sync_api import Locator, Page, expect

from .fake_home import FakeHome, camera, snapshot

PORCH = {"id": "porch", "name": "Porch", "points": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]}


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element.matches(':focus')"):
            return
    raise AssertionError(f"the Tab key never comes to {wanted}")


def test_pages_are_changed(home: FakeHome) -> None:
    page = home.open()
    tab_to(page, page.get_by_role("tab", name="Teaching"))
    page.keyboard.press("Enter")
    expect(page.locator("camclassify-teaching")).to_be_visible()


def test_a_zone_is_selected_renamed_and_saved(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH])]
    page = home.open()
    tab_to(page, page.get_by_label("Name"))
    expect(page.locator("polygon.selected")).to_have_count(1)
    page.keyboard.press("Control+A")
    page.keyboard.type("Door")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    assert home.all("zones/save")[0]["zones"][0]["name"] == "Door"


def test_a_zone_is_removed_and_brought_back(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH])]
    page = home.open()
    tab_to(page, page.get_by_role("button", name="Delete", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator("polygon")).to_have_count(0)
    tab_to(page, page.get_by_role("button", name="Undo"))
    page.keyboard.press("Enter")
    expect(page.locator("polygon")).to_have_count(1)


def test_classes_of_a_zone_are_chosen(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH])]
    page = home.open()
    tab_to(page, page.locator(".classes summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Car", exact=True))
    page.keyboard.press("Space")
    expect(page.locator(".classes summary")).to_have_text("Car")


def test_a_threshold_is_typed(home: FakeHome) -> None:
    page = home.open()
    tab_to(page, page.locator("#camera-thresholds summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Person, Dusk"))
    page.keyboard.type("70")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Person, Night")).to_be_focused()
    expect(page.get_by_role("button", name="Save")).to_be_enabled()


def test_a_snapshot_is_opened_and_its_object_taught(home: FakeHome) -> None:
    home.snapshots = [snapshot(1)]
    page = home.open()
    page.get_by_role("tab", name="Teaching").click()
    tab_to(page, page.locator("[data-snapshot=snapshot1]"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Name"))
    page.keyboard.type("our cat")
    tab_to(page, page.get_by_role("button", name="Teach this name"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Learnt.")
    assert home.all("teach")[0]["service_data"]["name"] == "our cat"
