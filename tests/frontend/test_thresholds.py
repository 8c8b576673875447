"""From which score a class counts: of the camera, and of a zone."""

from playwright.sync_api import Locator, Page, expect

from .fake_home import FakeHome, Json, camera

PORCH: Json = {
    "id": "porch",
    "name": "Porch",
    "points": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]],
    "classes": [],
    "thresholds": {},
}


def of_the_camera(page: Page) -> Locator:
    """Return the camera's fields, unfolded."""
    fields = page.locator("#camera-thresholds")
    fields.locator("summary").click()
    return fields


def of_the_zone(page: Page) -> Locator:
    """Return a zone's fields, unfolded."""
    fields = page.locator("#shapes .thresholds")
    fields.locator("summary").click()
    return fields


def enter(fields: Locator, label: str, value: str) -> None:
    field = fields.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Tab")


def save(home: FakeHome) -> Json:
    home.page.get_by_role("button", name="Save").click()
    expect(home.page.get_by_role("status")).not_to_be_empty()
    return home.all("zones/save")[-1]


def test_what_applies_otherwise_is_shown_in_grey(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH], thresholds={"car": {"night": 0.625}})]
    page = home.open()
    camera_fields, zone_fields = of_the_camera(page), of_the_zone(page)
    day = camera_fields.get_by_label("Person, Day")
    expect(day).to_have_value("")
    expect(day).to_have_attribute("placeholder", "50")
    expect(camera_fields.get_by_label("Car, Night")).to_have_value("62.5")
    expect(camera_fields.get_by_label("Car, Night")).to_have_attribute("placeholder", "40")
    expect(zone_fields.get_by_label("Car, Night")).to_have_attribute("placeholder", "62.5")
    expect(zone_fields.get_by_label("Car, Dusk")).to_have_attribute("placeholder", "45")


def test_percents_are_saved_as_shares(home: FakeHome) -> None:
    page = home.open()
    enter(of_the_camera(page), "Person, Dusk", "62.5")
    assert save(home)["thresholds"] == {"person": {"dusk": 0.625}}


def test_a_share_is_from_none_to_all(home: FakeHome) -> None:
    page = home.open()
    fields = of_the_camera(page)
    enter(fields, "Person, Day", "150")
    enter(fields, "Person, Night", "-3")
    assert save(home)["thresholds"] == {"person": {"day": 1, "night": 0}}


def test_an_emptied_field_takes_what_lies_below_again(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", thresholds={"car": {"day": 0.5}, "person": {"day": 0.7}})]
    page = home.open()
    enter(of_the_camera(page), "Car, Day", "")
    assert save(home)["thresholds"] == {"person": {"day": 0.7}}


def test_a_zone_follows_its_camera_at_once(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH])]
    page = home.open()
    enter(of_the_camera(page), "Car, Day", "77")
    field = of_the_zone(page).get_by_label("Car, Day")
    expect(field).to_have_attribute("placeholder", "77")
    expect(field).to_have_value("")


def test_a_zone_has_thresholds_of_its_own(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH])]
    page = home.open()
    enter(of_the_zone(page), "Car, Day", "30")
    saved = save(home)
    assert saved["zones"] == [{**PORCH, "thresholds": {"car": {"day": 0.3}}}]
    assert saved["thresholds"] == {}


def test_a_zone_has_a_row_for_each_class_that_it_looks_for(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH])]
    page = home.open()
    rows = page.locator("#shapes .thresholds th:first-child")
    expect(rows).to_have_text(["", "Person", "Car"])
    page.locator(".classes summary").click()
    page.get_by_label("Delivery truck", exact=True).check()
    expect(rows).to_have_text(["", "Delivery truck"])
    enter(of_the_zone(page), "Delivery truck, Day", "30")
    page.get_by_label("Person", exact=True).check()
    field = page.locator("#shapes").get_by_label("Delivery truck, Day")
    expect(field).to_have_value("30")
