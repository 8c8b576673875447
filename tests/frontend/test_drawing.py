"""Zones and masks, drawn and edited on the picture."""

import pytest
from playwright.sync_api import Page, expect

from .fake_home import FakeHome, Json, camera
from .pointer import Point, Pointer

SQUARE = [(0.2, 0.2), (0.6, 0.2), (0.6, 0.7), (0.2, 0.7)]
TRIANGLE = [(0.2, 0.2), (0.6, 0.2), (0.6, 0.7)]
NEAR = 0.01  # of a side; a click is as exact as a pixel


def zone(zone_id: str, points: list[Point], **settings: object) -> Json:
    return {
        "id": zone_id,
        "name": zone_id,
        "points": [list(point) for point in points],
        "classes": [],
        "thresholds": {},
        "view": None,
        **settings,
    }


def add(home: FakeHome, *zones: Json) -> Page:
    """Show a camera that has zones, and what it sees."""
    home.cameras = [camera("Driveway", zones=list(zones))]
    page = home.open()
    home.see()
    return page


def save(home: FakeHome) -> Json:
    """Save, and return what was."""
    before = len(home.all("zones/save"))
    home.page.get_by_role("button", name="Save").click()
    expect(home.page.get_by_role("status")).to_have_text(
        "Saved. It applies from the next picture on."
    )
    (message,) = home.all("zones/save")[before:]
    return message


def rename(page: Page, name: str) -> None:
    """Call the only zone otherwise."""
    field = page.get_by_label("Name")
    field.fill(name)
    field.press("Enter")


def near(points: list[Point]) -> object:
    return [pytest.approx(point, abs=NEAR) for point in points]


def test_a_zone_is_drawn_point_by_point_and_closed_on_the_first(
    home: FakeHome, pointer: Pointer
) -> None:
    page = add(home)
    page.get_by_role("button", name="Add zone").click()
    expect(page.get_by_text("Click or tap the corners")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    pointer.click(*SQUARE)
    expect(page.locator("polygon")).to_have_count(0)
    pointer.click(SQUARE[0])
    expect(page.locator("polygon.zone.selected")).to_have_count(1)
    expect(page.get_by_text("Select a zone to move it")).to_be_visible()
    assert save(home) == {
        "type": "camclassify/zones/save",
        "camera": "driveway",
        "zones": [
            {
                "name": "Zone 1",
                "points": near(SQUARE),
                "classes": [],
                "thresholds": {},
                "view": 0,
            },
        ],
        "masks": [],
        "thresholds": {},
    }


def test_a_mask_is_kept_apart_from_zones(home: FakeHome, pointer: Pointer) -> None:
    page = add(home)
    page.get_by_role("button", name="Add mask").click()
    pointer.click(*TRIANGLE, TRIANGLE[0])
    expect(page.get_by_text("Mask (never looked at)")).to_be_visible()
    saved = save(home)
    assert saved["zones"] == []
    assert saved["masks"] == [{"points": near(TRIANGLE), "view": 0}]


def test_two_points_are_no_polygon_yet(home: FakeHome, pointer: Pointer) -> None:
    page = add(home)
    page.get_by_role("button", name="Add mask").click()
    pointer.click((0.2, 0.2), (0.6, 0.2), (0.2, 0.2))
    expect(page.locator("polygon")).to_have_count(0)
    expect(page.locator(".corner:not(.handle)")).to_have_count(3)


def test_a_new_zone_gets_a_name_that_is_free(home: FakeHome, pointer: Pointer) -> None:
    page = add(home, zone("Zone 1", [(0.7, 0.7), (0.9, 0.7), (0.9, 0.9)]))
    page.get_by_role("button", name="Add zone").click()
    pointer.click(*TRIANGLE, TRIANGLE[0])
    expect(page.get_by_label("Name")).to_have_count(2)
    assert [each["name"] for each in save(home)["zones"]] == ["Zone 1", "Zone 2"]


def test_undo_takes_back_points_and_then_the_drawing(home: FakeHome, pointer: Pointer) -> None:
    page = add(home)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()
    page.get_by_role("button", name="Add zone").click()
    pointer.click(*SQUARE[:2])
    undo.click()
    expect(page.locator(".corner:not(.handle)")).to_have_count(1)
    undo.click()
    expect(page.locator(".corner")).to_have_count(0)
    expect(page.get_by_text("Click or tap the corners")).to_be_visible()
    undo.click()
    expect(page.get_by_text("Select a zone to move it")).to_be_visible()
    expect(undo).to_be_disabled()


def test_a_corner_is_dragged_to_where_it_belongs(home: FakeHome, pointer: Pointer) -> None:
    page = add(home, zone("Porch", SQUARE))
    pointer.click((0.4, 0.4))
    pointer.drag(SQUARE[2], (0.8, 0.9))
    expect(page.locator("circle.touched")).to_have_count(1)
    assert save(home)["zones"][0]["points"] == near([*SQUARE[:2], (0.8, 0.9), SQUARE[3]])


def test_a_corner_stays_in_the_picture(home: FakeHome, pointer: Pointer) -> None:
    add(home, zone("Porch", SQUARE))
    pointer.click((0.4, 0.4))
    pointer.drag(SQUARE[0], (-0.01, -0.05))
    assert save(home)["zones"][0]["points"][0] == [0, 0]


def test_a_dot_between_corners_becomes_a_corner(home: FakeHome, pointer: Pointer) -> None:
    add(home, zone("Porch", SQUARE))
    pointer.click((0.4, 0.4))
    pointer.drag((0.6, 0.45), (0.8, 0.45))
    assert save(home)["zones"][0]["points"] == near([*SQUARE[:2], (0.8, 0.45), *SQUARE[2:]])


def test_a_whole_zone_is_moved_as_far_as_the_edge(home: FakeHome, pointer: Pointer) -> None:
    add(home, zone("Porch", SQUARE))
    pointer.drag((0.4, 0.4), (0.5, 0.5))
    moved = [(x + 0.1, y + 0.1) for x, y in SQUARE]
    assert save(home)["zones"][0]["points"] == near(moved)
    pointer.drag((0.5, 0.5), (0.99, 0.5))
    points = save(home)["zones"][0]["points"]
    assert points == near([(x + 0.4, y + 0.1) for x, y in SQUARE])
    assert max(x for x, _ in points) <= 1


def test_a_click_selects_without_changing_anything(home: FakeHome, pointer: Pointer) -> None:
    page = add(home, zone("Porch", SQUARE))
    pointer.click((0.4, 0.4))
    expect(page.locator("polygon.selected")).to_have_count(1)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    pointer.click((0.9, 0.9))
    expect(page.locator("polygon.selected")).to_have_count(0)


@pytest.mark.parametrize("way", ["button", "double click"])
def test_a_corner_is_removed_but_three_stay(home: FakeHome, pointer: Pointer, way: str) -> None:
    page = add(home, zone("Porch", SQUARE))
    remove = page.get_by_role("button", name="Delete corner")
    pointer.click((0.4, 0.4))
    expect(remove).to_be_disabled()
    if way == "button":
        pointer.click(SQUARE[3])
        remove.click()
    else:
        pointer.double_click(SQUARE[3])
    expect(page.locator(".handle.corner")).to_have_count(3)
    pointer.double_click(SQUARE[0])
    expect(page.locator(".handle.corner")).to_have_count(3)
    expect(remove).to_be_disabled()
    assert save(home)["zones"][0]["points"] == near(TRIANGLE)


def test_what_was_done_is_undone_step_by_step(home: FakeHome, pointer: Pointer) -> None:
    page = add(home, zone("Porch", SQUARE))
    pointer.drag((0.4, 0.4), (0.5, 0.5))
    rename(page, "Door")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("polygon")).to_have_count(0)

    undo = page.get_by_role("button", name="Undo")
    undo.click()
    expect(page.get_by_label("Name")).to_have_value("Door")
    undo.click()
    expect(page.get_by_label("Name")).to_have_value("Porch")
    expect(page.get_by_role("button", name="Save")).to_be_enabled()
    undo.click()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_name_and_classes_of_a_zone_are_saved(home: FakeHome) -> None:
    page = add(home, zone("Porch", SQUARE))
    rename(page, "Front door")
    summary = page.locator(".classes summary")
    expect(summary).to_have_text("Looks for what the camera looks for")
    summary.click()
    page.get_by_label("Delivery truck", exact=True).check()
    page.get_by_label("Person", exact=True).check()
    expect(summary).to_have_text("Delivery truck, Person")
    page.get_by_label("Delivery truck", exact=True).uncheck()
    expect(summary).to_have_text("Person")
    assert save(home)["zones"] == [zone("Porch", SQUARE, name="Front door", classes=["person"])]


def test_what_the_bundle_does_not_know_any_more_is_left_out(
    home: FakeHome, pointer: Pointer
) -> None:
    gone = {"dodo": {"day": 0.5}}
    page = add(home, zone("Porch", SQUARE, classes=["dodo", "car"], thresholds=gone))
    expect(page.locator(".classes summary")).to_have_text("Car")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    pointer.drag((0.4, 0.4), (0.5, 0.4))
    (saved,) = save(home)["zones"]
    assert saved["classes"] == ["car"]
    assert saved["thresholds"] == {}


def test_a_zone_is_known_again_after_it_was_saved(home: FakeHome, pointer: Pointer) -> None:
    page = add(home)
    page.get_by_role("button", name="Add zone").click()
    pointer.click(*TRIANGLE, TRIANGLE[0])
    assert "id" not in save(home)["zones"][0]
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    rename(page, "Porch")
    assert save(home)["zones"][0]["id"] == "zone0"


def test_what_cannot_be_saved_is_told_and_stays(home: FakeHome) -> None:
    page = add(home, zone("Porch", SQUARE))
    rename(page, "Door")
    home.problems["zones/save"] = {
        "message": "bad",
        "translation_key": "zone_name_twice",
        "translation_placeholders": {"zone": "Door"},
    }
    page.get_by_role("button", name="Save").click()
    status = page.get_by_role("status")
    expect(status).to_have_text("Two zones are called Door. Rename one.")
    expect(status).to_have_attribute("error", "")
    expect(page.get_by_label("Name")).to_have_value("Door")

    home.problems.clear()
    save(home)
    expect(status).not_to_have_attribute("error", "")


def test_a_row_and_its_polygon_are_selected_together(home: FakeHome, pointer: Pointer) -> None:
    other = [(0.7, 0.7), (0.9, 0.7), (0.9, 0.9)]
    page = add(home, zone("Porch", SQUARE), zone("Door", other))
    pointer.click((0.85, 0.75))
    expect(page.locator(".row[selected]")).to_have_count(1)
    expect(page.locator(".row").nth(1)).to_have_attribute("selected", "")
    page.get_by_label("Name").first.focus()
    expect(page.locator(".row").first).to_have_attribute("selected", "")
    expect(page.locator("polygon").first).to_have_class("zone selected")
    expect(page.locator("polygon").nth(1)).to_have_class("zone")


def test_nothing_moves_any_more_when_the_button_is_released(
    home: FakeHome, pointer: Pointer
) -> None:
    add(home, zone("Porch", SQUARE))
    pointer.drag((0.4, 0.4), (0.5, 0.5))
    pointer.move((0.9, 0.1))
    assert save(home)["zones"][0]["points"] == near([(x + 0.1, y + 0.1) for x, y in SQUARE])
