"""The parts of the picture that were looked at, for whoever wants to see them."""

import pytest
from playwright.sync_api import Locator, Page, expect

from .fake_home import FakeHome, Json, camera
from .pointer import Pointer
from .test_keyboard import tab_to

GATE, DOOR, WHOLE = [0.25, 0.2, 0.5, 0.6], [0.6, 0.5, 0.9, 0.95], [0.0, 0.0, 1.0, 1.0]
NOON = 1_790_078_400


def windows(*boxes: list[float], seconds: int = 0, proposals: tuple[list[float], ...] = ()) -> Json:
    """Return what was looked at some seconds after noon."""
    return {"windows": list(boxes), "proposals": list(proposals), "taken_at": NOON + seconds + 0.5}


def toggle(page: Page) -> Locator:
    return page.get_by_role("checkbox", name="Show what was looked at", exact=True)


def outlines(page: Page) -> Locator:
    return page.locator(".windows div").filter(visible=True)


def test_it_is_outlined_while_it_is_wanted(home: FakeHome) -> None:
    page = home.open()
    expect(toggle(page)).not_to_be_checked()
    home.see(looked_at=windows(GATE, DOOR))
    expect(page.get_by_text("As of")).to_be_hidden()
    expect(outlines(page)).to_have_count(0)
    toggle(page).check()
    expect(outlines(page)).to_have_count(2)
    expect(page.get_by_text("As of 12:00:00 PM")).to_be_visible()
    toggle(page).uncheck()
    expect(outlines(page)).to_have_count(0)
    expect(page.get_by_text("As of")).to_be_hidden()


def test_what_moved_and_is_nothing_known_is_outlined_too_and_says_what_to_do(
    home: FakeHome,
) -> None:
    page = home.open()
    home.see(looked_at=windows(GATE, proposals=(DOOR,)))
    toggle(page).check()
    expect(outlines(page)).to_have_count(2)
    moved = page.get_by_title("This moved and is of no class that is known.")
    expect(moved).to_be_visible()


@pytest.mark.parametrize("box", [GATE, WHOLE])
def test_outlines_are_where_it_was_looked_and_within_the_picture(
    home: FakeHome, box: list[float]
) -> None:
    page = home.open()
    home.see(looked_at=windows(box))
    toggle(page).check()
    picture, outline = page.locator(".stage img").bounding_box(), outlines(page).bounding_box()
    assert picture
    assert outline
    x0, y0, x1, y1 = box
    expected: object = {
        "x": pytest.approx(picture["x"] + x0 * picture["width"], abs=1),
        "y": pytest.approx(picture["y"] + y0 * picture["height"], abs=1),
        "width": pytest.approx((x1 - x0) * picture["width"], abs=1),
        "height": pytest.approx((y1 - y0) * picture["height"], abs=1),
    }
    assert outline == expected


def test_outlines_follow_new_looks(home: FakeHome) -> None:
    home.page.clock.install()
    page = home.open()
    toggle(page).check()
    home.see()
    expect(outlines(page)).to_have_count(0)
    page.clock.fast_forward(1100)
    home.see(looked_at=windows(WHOLE))
    expect(outlines(page)).to_have_count(1)
    page.clock.fast_forward(1100)
    home.see(looked_at=windows(GATE, DOOR, seconds=2))
    expect(outlines(page)).to_have_count(2)
    expect(page.get_by_text("As of 12:00:02 PM")).to_be_visible()


def test_a_zone_is_drawn_over_them_all_the_same(home: FakeHome, pointer: Pointer) -> None:
    page = home.open()
    home.see(looked_at=windows(WHOLE))
    toggle(page).check()
    page.get_by_role("button", name="Add zone").click()
    pointer.click((0.2, 0.2), (0.6, 0.2), (0.6, 0.7), (0.2, 0.2))
    expect(page.locator("polygon.zone")).to_have_count(1)


def test_the_wish_is_kept_while_the_panel_is_open(home: FakeHome) -> None:
    home.cameras = [camera("Driveway"), camera("Garden")]
    page = home.open()
    toggle(page).check()
    page.get_by_label("Camera").select_option("Garden")
    page.get_by_role("tab", name="Teaching").click()
    page.get_by_role("tab", name="Zones").click()
    expect(toggle(page)).to_be_checked()
    home.see(camera="garden", looked_at=windows(GATE))
    expect(outlines(page)).to_have_count(1)
    home.open()
    expect(toggle(page)).not_to_be_checked()


def test_it_is_turned_on_without_a_mouse(home: FakeHome) -> None:
    page = home.open()
    home.see(looked_at=windows(GATE))
    tab_to(page, toggle(page))
    page.keyboard.press("Space")
    expect(outlines(page)).to_have_count(1)


def test_it_is_turned_on_by_its_words_on_a_phone(home: FakeHome) -> None:
    home.page.set_viewport_size({"width": 360, "height": 740})
    page = home.open()
    page.evaluate("document.querySelector('camclassify-panel').narrow = true")
    home.see(looked_at=windows(GATE))
    page.get_by_text("Show what was looked at").click()
    expect(outlines(page)).to_have_count(1)
    time = page.get_by_text("As of 12:00:00 PM").bounding_box()
    assert time
    assert time["x"] + time["width"] <= 360
    assert page.locator("camclassify-panel").evaluate("it => it.scrollWidth <= it.clientWidth")
