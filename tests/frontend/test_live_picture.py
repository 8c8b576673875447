"""What the camera sees now, behind its zones."""

from playwright.sync_api import expect

from .fake_home import FakeHome, camera

PERSON = {"class": "person", "score": 0.934, "box": [0.25, 0.2, 0.5, 0.6], "visible": True}
HIDDEN_CAR = {"class": "car", "score": 0.5, "box": [0.8, 0.2, 0.95, 0.6], "visible": False}


def test_objects_are_drawn_where_they_are(home: FakeHome) -> None:
    page = home.open()
    home.see(PERSON, HIDDEN_CAR)
    expect(page.locator("text.object")).to_have_text(["Person 93%", "Car 50%"])
    person, car = page.locator("rect").all()
    expect(person).to_have_class("object")
    expect(car).to_have_class("object unseen")
    picture, box = page.locator(".stage img").bounding_box(), person.bounding_box()
    assert picture
    assert box
    assert abs(box["x"] - picture["x"] - 0.25 * picture["width"]) < 2
    assert abs(box["y"] - picture["y"] - 0.2 * picture["height"]) < 2
    assert abs(box["width"] - 0.25 * picture["width"]) < 4


def test_a_label_at_the_edge_stays_in_the_picture(home: FakeHome) -> None:
    page = home.open()
    home.see({**HIDDEN_CAR, "box": [0.97, 0.2, 1, 0.6]})
    picture = page.locator(".stage img").bounding_box()
    label = page.locator("text.object").bounding_box()
    assert picture
    assert label
    assert label["x"] + label["width"] <= picture["x"] + picture["width"]


def test_picture_and_objects_change_together_once_a_second(home: FakeHome) -> None:
    home.page.clock.install()
    page = home.open()
    home.see(PERSON)
    picture = page.locator(".stage img")
    before = picture.get_attribute("src")
    home.see()
    expect(page.locator("text.object")).to_have_text(["Person 93%"])
    page.clock.fast_forward(1100)
    home.see(HIDDEN_CAR)
    expect(page.locator("text.object")).to_have_text(["Car 50%"])
    assert picture.get_attribute("src") != before


def test_a_camera_that_is_unavailable_is_shown_as_such(home: FakeHome) -> None:
    page = home.open()
    home.see()
    picture = page.locator(".stage img")
    expect(picture).to_have_css("opacity", "1")
    home.see(available=False)
    expect(picture).to_have_css("opacity", "0.5")
    home.see()
    expect(picture).to_have_css("opacity", "1")


def test_a_camera_without_a_picture_can_be_drawn_on(home: FakeHome) -> None:
    home.cameras = [camera("Driveway", picture="/nowhere.jpg")]
    page = home.open()
    home.see(available=False)
    page.get_by_role("button", name="Add zone").click()
    for at in ((40, 20), (300, 20), (300, 100), (40, 20)):
        page.locator(".stage svg").click(position={"x": at[0], "y": at[1]})
    expect(page.locator("polygon")).to_have_count(1)


def test_a_camera_is_not_listened_to_any_more_when_another_is_shown(home: FakeHome) -> None:
    home.cameras = [camera("Driveway"), camera("Garden")]
    page = home.open()
    page.get_by_label("Camera").select_option("Garden")
    expect(page.locator("camclassify-zones")).to_have_count(1)
    home.see(PERSON, camera="garden")
    expect(page.locator("text.object")).to_have_count(1)
    assert home.subscriptions() == ["camclassify/subscribe garden"]
