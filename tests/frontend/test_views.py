"""A camera that turns: which view the page is about, and what was drawn in which."""

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Locator, Page, expect

from .fake_home import FakeHome, Json, camera
from .pointer import Pointer
from .test_drawing import SQUARE, TRIANGLE, add, near, save, zone

PORCH = zone("Porch", SQUARE, view=0)
LAWN = zone("Lawn", TRIANGLE, view=1)
ROAD = zone("Road", TRIANGLE, view=1)
PERSON = {
    "track": 1,
    "class": "person",
    "sure": True,
    "score": 0.93,
    "box": [0.25, 0.2, 0.5, 0.8],
    "stationary": False,
    "visible": True,
    "zones": [],
}


@pytest.fixture
def page(page: Page) -> Page:
    """A page on which time is what the test says: it shows a picture a second."""
    page.clock.install()
    return page


def open_turning(
    home: FakeHome, *zones: Json, view: int | None = 0, masks: Sequence[Json] = ()
) -> Page:
    """Show a camera that turns, and what it sees."""
    home.cameras = [camera("Driveway", zones=list(zones), masks=list(masks), view=view, turns=True)]
    page = home.open()
    see(home, view)
    return page


def see(home: FakeHome, view: int | None, *objects: Json) -> None:
    """Have the camera show a view, once it is time for the next picture."""
    home.page.clock.run_for(1100)
    with home.page.expect_response(re.compile(rf"\?view={'' if view is None else view}$")):
        home.see(*objects, view=view, turns=True)


def names(page: Page) -> Locator:
    return page.get_by_label("Name")


def view_choice(page: Page) -> Locator:
    return page.get_by_label("View", exact=True)


def choose(page: Page, option: str) -> None:
    view_choice(page).select_option(label=option)


def test_a_camera_that_does_not_turn_shows_all_that_was_drawn(home: FakeHome) -> None:
    page = add(home, PORCH, LAWN)
    expect(page.locator("polygon.zone")).to_have_count(2)
    expect(page.locator(".views")).to_be_hidden()
    expect(page.get_by_label("In every view")).to_have_count(0)


def test_only_the_zones_of_the_view_are_shown_and_the_page_counts_the_others(
    home: FakeHome,
) -> None:
    everywhere = zone("Sky", [(0.1, 0.1), (0.9, 0.1), (0.9, 0.2)])
    page = open_turning(home, PORCH, LAWN, ROAD, everywhere)
    expect(page.locator("polygon.zone")).to_have_count(2)
    assert sorted(each.input_value() for each in names(page).all()) == ["Porch", "Sky"]
    expect(page.locator(".views")).to_contain_text("belong to other views of this camera: 2.")
    expect(page.locator(".views")).to_contain_text("belongs to view 1 only")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_saving_loses_nothing_of_other_views(home: FakeHome, pointer: Pointer) -> None:
    mask = {"points": [list(point) for point in TRIANGLE], "view": 1}
    page = open_turning(home, PORCH, LAWN, masks=[mask])
    pointer.drag((0.4, 0.4), (0.5, 0.5))
    saved = save(home)
    moved = [(x + 0.1, y + 0.1) for x, y in SQUARE]
    assert saved["zones"] == [PORCH | {"points": near(moved)}, LAWN]
    assert saved["masks"] == [mask]
    expect(page.locator("polygon.zone")).to_have_count(1)


def test_a_new_shape_belongs_to_the_view_on_whose_picture_it_was_drawn(
    home: FakeHome, pointer: Pointer
) -> None:
    page = open_turning(home, view=3)
    page.get_by_role("button", name="Add zone").click()
    pointer.click(*SQUARE)
    see(home, 1)
    expect(page.locator(".views")).to_contain_text("the latest picture of view 4")
    pointer.click(SQUARE[0])
    page.get_by_role("button", name="Add mask").click()
    pointer.click((0.7, 0.7), (0.9, 0.7), (0.9, 0.9), (0.7, 0.7))
    saved = save(home)
    assert [each["view"] for each in (*saved["zones"], *saved["masks"])] == [3, 3]


def test_a_zone_can_be_made_to_hold_in_every_view_and_in_one_again(home: FakeHome) -> None:
    page = open_turning(home, PORCH, view=0)
    box = page.get_by_label("In every view")
    expect(box).not_to_be_checked()
    box.check()
    assert save(home)["zones"] == [PORCH | {"view": None}]
    box.uncheck()
    assert save(home)["zones"] == [PORCH]


def test_the_page_goes_along_with_the_camera(home: FakeHome) -> None:
    page = open_turning(home, PORCH, LAWN)
    expect(names(page)).to_have_value("Porch")
    see(home, 1)
    expect(names(page)).to_have_value("Lawn")
    expect(view_choice(page)).to_have_value("")
    expect(page.locator(".views")).to_contain_text("belongs to view 2 only")


def test_while_the_camera_moves_only_what_holds_everywhere_is_shown(
    home: FakeHome, pointer: Pointer
) -> None:
    page = open_turning(home, PORCH, LAWN)
    see(home, None)
    expect(page.locator("polygon")).to_have_count(0)
    expect(page.locator(".views")).to_contain_text("holds in every view")
    page.get_by_role("button", name="Add zone").click()
    pointer.click(*TRIANGLE, TRIANGLE[0])
    expect(page.get_by_label("In every view")).to_be_disabled()
    assert [each["view"] for each in save(home)["zones"]] == [None, 0, 1]


def test_the_page_stays_with_a_view_in_which_something_is_not_saved(
    home: FakeHome, pointer: Pointer
) -> None:
    page = open_turning(home, PORCH, LAWN)
    see(home, 0, PERSON)
    expect(page.locator("rect.object")).to_have_count(1)
    pointer.drag((0.4, 0.4), (0.5, 0.5))
    see(home, 1)
    expect(names(page)).to_have_value("Porch")
    expect(page.locator("rect.object")).to_have_count(1)
    expect(page.locator(".views")).to_contain_text("the latest picture of view 1")
    save(home)
    see(home, 1)
    expect(names(page)).to_have_value("Lawn")
    expect(page.locator("rect.object")).to_have_count(0)


def test_another_view_can_be_chosen_and_is_kept_until_the_camera_is_followed_again(
    home: FakeHome,
) -> None:
    page = open_turning(home, PORCH, LAWN)
    choose(page, "View 2 (1 drawn)")
    expect(names(page)).to_have_value("Lawn")
    expect(page.locator(".views")).to_contain_text("View 2 was not shown since you opened")
    expect(page.locator(".stage img")).not_to_have_attribute("src", re.compile("."))
    stage = page.locator(".stage").bounding_box()
    assert stage
    assert abs(stage["width"] / stage["height"] - 16 / 9) < 0.1
    see(home, 0)
    expect(names(page)).to_have_value("Lawn")
    see(home, 1)
    expect(page.locator(".stage img")).to_have_attribute("src", re.compile("^blob:"))
    see(home, 0)
    expect(page.locator(".views")).to_contain_text("the latest picture of view 2")
    choose(page, "What the camera shows")
    expect(names(page)).to_have_value("Porch")


def test_edits_in_several_views_are_saved_together(home: FakeHome) -> None:
    page = open_turning(home, PORCH, LAWN)
    names(page).fill("Front door")
    names(page).press("Enter")
    choose(page, "View 2 (1 drawn)")
    names(page).fill("Grass")
    names(page).press("Enter")
    assert [each["name"] for each in save(home)["zones"]] == ["Front door", "Grass"]


def test_a_picture_of_another_view_than_what_was_seen_is_not_taken(home: FakeHome) -> None:
    page = open_turning(home, PORCH, LAWN)
    page.route(re.compile(r"\?view=1$"), lambda route: route.fulfill(status=404))
    see(home, 1)
    expect(names(page)).to_have_value("Porch")


def test_when_a_camera_turns_out_to_turn_the_page_keeps_to_the_view(home: FakeHome) -> None:
    page = add(home, PORCH, LAWN)
    expect(page.locator("polygon.zone")).to_have_count(2)
    see(home, 0)
    expect(page.locator("polygon.zone")).to_have_count(1)
    expect(page.get_by_label("In every view")).to_have_count(1)


def test_a_drawing_outlives_that_a_camera_turns_out_to_turn(
    home: FakeHome, pointer: Pointer
) -> None:
    page = add(home)
    page.get_by_role("button", name="Add zone").click()
    pointer.click(*SQUARE)
    see(home, 0)
    pointer.click(SQUARE[0])
    expect(page.locator("polygon.zone")).to_have_count(1)


def test_a_zone_that_is_redrawn_after_a_camera_was_hung_up_elsewhere_belongs_there(
    home: FakeHome, pointer: Pointer
) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH, LAWN | {"view": 0}], view=5)]
    home.open()
    home.see(view=5)
    pointer.drag((0.3, 0.6), (0.4, 0.7))
    assert [each["view"] for each in save(home)["zones"]] == [5, 0]
