"""The page as a whole: which camera, which tab, and what stands there when there is nothing to show."""

from playwright.sync_api import expect

from .fake_home import FakeHome, camera, translations

PORCH = {"id": "porch", "name": "Porch", "points": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]}


def test_the_zones_of_the_first_camera_are_shown_first(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH]), camera("Garden")]
    page = home.open()
    expect(page.get_by_role("tab", name="Zones")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="Teaching")).to_have_attribute("aria-selected", "false")
    expect(page.get_by_label("Camera")).to_have_value("driveway")
    expect(page.get_by_label("Name")).to_have_value("Porch")
    assert home.subscriptions() == ["camclassify/subscribe driveway"]


def test_another_camera_is_shown_when_it_is_chosen(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH]), camera("Garden")]
    page = home.open()
    page.get_by_label("Camera").select_option("Garden")
    expect(page.get_by_label("Name")).to_have_count(0)
    assert home.subscriptions() == ["camclassify/subscribe garden"]


def test_the_camera_stays_chosen_on_the_other_page(home: FakeHome) -> None:
    home.cameras = [camera("Driveway"), camera("Garden")]
    page = home.open()
    page.get_by_label("Camera").select_option("Garden")
    page.get_by_role("tab", name="Teaching").click()
    expect(page.locator("camclassify-teaching")).to_be_visible()
    expect(page.locator("camclassify-zones")).to_have_count(0)
    assert home.all("snapshots")[0]["camera"] == "garden"


def test_a_home_without_cameras_is_told_to_add_one(home: FakeHome) -> None:
    home.cameras = []
    page = home.open()
    expect(page.get_by_role("alert")).to_contain_text("No camera yet: add one")
    page.get_by_role("tab", name="Teaching").click()
    expect(page.get_by_role("alert")).to_contain_text("No camera yet: add one")


def test_what_keeps_the_page_from_being_shown_is_told(home: FakeHome) -> None:
    home.problems["cameras"] = {"message": "not loaded", "translation_key": "not_loaded"}
    page = home.open()
    expect(page.get_by_role("alert")).to_contain_text("CamClassify is not running. Enable")


def test_what_is_not_saved_is_given_up_only_if_the_user_agrees(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH]), camera("Garden")]
    page = home.open()
    page.get_by_role("button", name="Delete", exact=True).click()

    home.agrees = False
    page.get_by_label("Camera").select_option("Garden")
    expect(page.get_by_label("Camera")).to_have_value("driveway")
    page.get_by_role("tab", name="Teaching").click()
    expect(page.locator("camclassify-zones")).to_be_visible()
    assert home.questions == ["Discard what was not saved?"] * 2

    home.agrees = True
    page.get_by_label("Camera").select_option("Garden")
    page.get_by_label("Camera").select_option("Driveway")
    expect(page.get_by_label("Name")).to_have_value("Porch")
    assert len(home.questions) == 3


def test_a_polygon_that_is_being_drawn_is_not_saved_either(home: FakeHome) -> None:
    page = home.open()
    page.get_by_role("button", name="Add zone").click()
    home.agrees = False
    page.get_by_role("tab", name="Teaching").click()
    expect(page.locator("camclassify-zones")).to_be_visible()
    assert home.questions == ["Discard what was not saved?"]


def test_a_class_that_was_taught_meanwhile_can_be_chosen(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH])]
    page = home.open()
    page.get_by_role("tab", name="Teaching").click()
    home.classes = [*home.classes, {"name": "our_van", "threshold": {}}]
    page.get_by_role("tab", name="Zones").click()
    expect(page.locator(".classes label", has_text="our van")).to_be_attached()


def test_what_is_known_stays_shown_when_nothing_new_is_to_be_had(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", zones=[PORCH]), camera("Garden")]
    page = home.open()
    page.get_by_label("Camera").select_option("Garden")
    expect(page.get_by_label("Name")).to_have_count(0)
    home.problems["cameras"] = {"message": "gone"}
    page.get_by_label("Camera").select_option("Driveway")
    expect(page.get_by_label("Name")).to_have_value("Porch")


def test_the_menu_of_a_narrow_screen_knows_that_it_is_narrow(home: FakeHome) -> None:
    page = home.open()
    menu = page.locator("ha-menu-button")
    assert menu.evaluate("menu => [menu.narrow, menu.hass === hass]") == [False, True]
    page.evaluate("document.querySelector('camclassify-panel').narrow = true")
    assert menu.evaluate("menu => menu.narrow") is True
    one, other = page.locator("camclassify-zones > div").all()
    above, below = one.bounding_box(), other.bounding_box()
    assert above
    assert below
    assert below["y"] >= above["y"] + above["height"]


def test_what_home_assistant_hands_on_reaches_menu_and_page(home: FakeHome) -> None:
    page = home.open()
    page.evaluate("document.querySelector('camclassify-panel').hass = {...hass, newer: true}")
    for name in ("ha-menu-button", "camclassify-zones"):
        assert page.locator(name).evaluate("element => element.hass.newer") is True


def test_the_page_speaks_the_language_of_the_user(home: FakeHome) -> None:
    home.language, home.texts = "de", translations("de")
    home.classes[0]["threshold"] = {"day": 0.5}
    page = home.open()
    expect(page.get_by_role("tab", name="Zonen")).to_be_visible()
    home.see({"class": "delivery_truck", "score": 0.93, "box": [0, 0, 1, 1], "visible": True})
    expect(page.locator("text.object")).to_have_text("Lieferwagen 93\N{NO-BREAK SPACE}%")


def test_a_text_without_a_translation_is_told_by_its_key(home: FakeHome) -> None:
    del home.texts["component.camclassify.config_panel.zones.add_zone"]
    page = home.open()
    expect(page.get_by_role("button", name="zones.add_zone")).to_be_visible()
    expect(page.get_by_role("button", name="Add mask")).to_be_visible()


def test_a_class_without_a_translation_is_told_by_its_name(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", classes=["our_old_van"])]
    page = home.open()
    page.locator("#camera-thresholds summary").click()
    expect(page.get_by_label("our old van, Day")).to_be_visible()


def test_a_problem_without_a_translation_is_told_as_it_came(home: FakeHome) -> None:
    home.problems["cameras"] = {"message": "Disk is full", "translation_key": "never_heard_of"}
    page = home.open()
    expect(page.get_by_role("alert")).to_have_text("Disk is full")
