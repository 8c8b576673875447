"""Objects in kept snapshots are marked and given a name."""

import pytest
from playwright.sync_api import Page, expect

from .fake_home import FakeHome, snapshot
from .pointer import Pointer

WHOLE = [0.1, 0.1, 0.9, 0.9]
PART = [0.6, 0.6, 0.8, 0.8]
NOWHERE = (0.05, 0.05)


def found(class_name: str, box: list[float], score: float = 0.8) -> dict[str, object]:
    return {"class": class_name, "score": score, "box": box}


def teaching(home: FakeHome) -> Page:
    """Show the page on which is taught."""
    page = home.open()
    page.get_by_role("tab", name="Teaching").click()
    expect(page.get_by_role("heading", name="What was taught")).to_be_visible()
    return page


def open_snapshot(home: FakeHome, *, number: int = 1) -> Page:
    """Show a snapshot with what is found in it."""
    page = teaching(home)
    page.locator(f"[data-snapshot=snapshot{number}]").click()
    expect(page.locator("rect.found")).to_have_count(len(home.detections))
    page.locator("#marked-picture").evaluate("picture => picture.decode()")
    return page


def test_a_camera_without_snapshots_says_when_there_will_be_some(home: FakeHome) -> None:
    page = teaching(home)
    expect(page.locator("#snapshots")).to_contain_text("No snapshots yet: they are kept when")
    expect(page.get_by_text("Choose a snapshot, mark an object")).to_be_visible()
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    expect(page.locator(".stage")).to_be_hidden()


def test_a_snapshot_tells_what_was_where_and_when(home: FakeHome) -> None:
    home.snapshots = [snapshot(1, "delivery_truck", zone="Porch"), snapshot(0, "")]
    page = teaching(home)
    expect(page.locator(".snapshot")).to_have_text(
        ["Delivery truck, Porch, 9/21/2026, 2:13:21 PM", "Nothing found, 9/21/2026, 2:13:20 PM"]
    )


def test_older_snapshots_are_shown_when_more_are_wanted(home: FakeHome) -> None:
    home.snapshots = [snapshot(number) for number in range(30, 0, -1)]
    page = teaching(home)
    thumbnails, more = page.locator(".snapshot"), page.get_by_role("button", name="Show more")
    expect(thumbnails).to_have_count(24)
    more.click()
    expect(thumbnails).to_have_count(30)
    expect(thumbnails.last).to_have_attribute("data-snapshot", "snapshot1")
    expect(more).to_be_hidden()


def test_snapshots_are_shown_of_one_class(home: FakeHome) -> None:
    home.snapshots = [snapshot(3, "car"), snapshot(2), snapshot(1, "car")]
    page = teaching(home)
    choice = page.get_by_label("Class")
    expect(choice.locator("option")).to_have_text(["All classes", "Car", "Person"])
    choice.select_option("Car")
    expect(page.locator(".snapshot")).to_have_count(2)
    expect(choice).to_have_value("car")
    choice.select_option("All classes")
    expect(page.locator(".snapshot")).to_have_count(3)


def test_an_arrival_brings_a_snapshot(home: FakeHome) -> None:
    page = teaching(home)
    home.snapshots = [snapshot(1)]
    home.tell("camclassify_arrived", {})
    expect(page.locator(".snapshot")).to_have_count(1)
    page.get_by_role("tab", name="Zones").click()
    expect(page.locator("camclassify-zones")).to_be_visible()
    assert home.subscriptions() == ["camclassify/subscribe driveway"]


def test_the_object_that_a_snapshot_was_kept_for_is_marked(home: FakeHome) -> None:
    home.snapshots = [snapshot(1)]
    home.detections = [found("person", [0.4, 0.4, 0.6, 0.6], 0.9)]
    page = open_snapshot(home)
    expect(page.locator("rect.marked")).to_have_count(1)
    expect(page.get_by_text("Person 90%")).to_be_visible()
    expect(page.locator(".snapshot[selected]")).to_have_count(1)
    (message,) = home.all("classify")
    assert message["service_data"] == {
        "media_content_id": "media-source://camclassify/snapshot1",
        "min_score": 0.3,
    }


def test_a_click_marks_the_smallest_object_there(home: FakeHome, pointer: Pointer) -> None:
    home.snapshots = [snapshot(1, "")]
    home.detections = [found("vehicle", WHOLE), found("car", PART, 0.6)]
    page = open_snapshot(home)
    expect(page.get_by_text("Click a box, or draw one")).to_be_visible()
    expect(page.locator("rect.marked")).to_have_count(0)
    pointer.click((0.7, 0.7))
    expect(page.get_by_text("Car 60%")).to_be_visible()
    pointer.click((0.3, 0.3))
    expect(page.get_by_text("Vehicle 80%")).to_be_visible()
    pointer.click(NOWHERE)
    expect(page.locator("rect.marked")).to_have_count(0)


def test_what_only_moved_can_be_marked_too(home: FakeHome, pointer: Pointer) -> None:
    home.snapshots = [snapshot(1, "", proposals=[PART])]
    page = teaching(home)
    page.locator("[data-snapshot=snapshot1]").click()
    expect(page.locator("rect.found")).to_have_count(1)
    page.locator("#marked-picture").evaluate("picture => picture.decode()")
    pointer.click((0.7, 0.7))
    expect(page.get_by_text("Something that moved")).to_be_visible()
    page.get_by_label("Name").fill("odd car")
    expect(page.get_by_role("button", name="Teach this name")).to_be_enabled()


def test_a_box_is_drawn_around_what_was_not_found(home: FakeHome, pointer: Pointer) -> None:
    home.snapshots = [snapshot(1, "")]
    page = open_snapshot(home)
    pointer.drag((0.5, 0.6), (0.2, 0.3))
    expect(page.get_by_text("Marked.")).to_be_visible()
    page.get_by_label("Name").fill("our cat")
    page.get_by_role("button", name="Teach this name").click()
    expect(page.get_by_role("status")).to_have_text("Learnt. It applies from the next picture on.")
    (message,) = home.all("teach")
    assert message["service_data"] == {
        "snapshot_id": "snapshot1",
        "box": pytest.approx([0.2, 0.3, 0.5, 0.6], abs=0.01),
        "name": "our cat",
    }


def test_nothing_is_taught_without_an_object_and_a_name(home: FakeHome, pointer: Pointer) -> None:
    home.snapshots = [snapshot(1)]
    page = open_snapshot(home)
    teach = page.get_by_role("button", name="Teach this name")
    nothing = page.get_by_role("button", name="This is nothing")
    expect(teach).to_be_disabled()
    expect(nothing).to_be_enabled()
    page.get_by_label("Name").fill("  ")
    expect(teach).to_be_disabled()
    page.get_by_label("Name").fill("our cat")
    expect(teach).to_be_enabled()
    pointer.click(NOWHERE)
    expect(teach).to_be_disabled()
    expect(nothing).to_be_disabled()


def test_an_object_can_be_taught_to_be_nothing(home: FakeHome) -> None:
    home.snapshots = [snapshot(1)]
    page = open_snapshot(home)
    page.get_by_label("Name").fill("our cat")
    page.get_by_role("button", name="This is nothing").click()
    expect(page.get_by_role("status")).to_contain_text("Learnt.")
    (message,) = home.all("teach")
    assert message["service_data"] == {"snapshot_id": "snapshot1", "box": [0.4, 0.4, 0.6, 0.6]}


def test_what_is_found_late_belongs_to_another_snapshot(home: FakeHome) -> None:
    home.snapshots = [snapshot(2, ""), snapshot(1, "")]
    page = teaching(home)
    # The answer for the first waits until the second was opened.
    page.evaluate("""() => {
      const { callWS } = hass;
      let answer;
      hass.callWS = async (message) => {
        if (message.service !== "classify") return callWS(message);
        if (!answer) return new Promise((resolve) => (answer = resolve));
        answer({ response: { detections: [{ class: "car", score: 0.5, box: [0, 0, 1, 1] }] } });
        return { response: { detections: [] } };
      };
    }""")
    page.locator("[data-snapshot=snapshot2]").click()
    page.locator("[data-snapshot=snapshot1]").click()
    expect(page.locator(".snapshot[selected]")).to_have_attribute("data-snapshot", "snapshot1")
    expect(page.locator("rect.found")).to_have_count(0)


def test_what_the_camera_sees_now_is_kept_and_opened(home: FakeHome) -> None:
    home.snapshots = [snapshot(1, "car")]
    page = teaching(home)
    page.get_by_label("Class").select_option("Car")
    page.get_by_role("button", name="Keep what the camera sees now").click()
    expect(page.locator(".snapshot[selected]")).to_have_attribute("data-snapshot", "snapshot1000")
    expect(page.get_by_label("Class")).to_have_value("")
    (message,) = home.all("save_snapshot")
    assert message["service_data"] == {"device_id": "device of Driveway"}


@pytest.mark.parametrize("failing", ["snapshots", "examples", "save_snapshot"])
def test_what_went_wrong_is_told(home: FakeHome, failing: str) -> None:
    home.problems[failing] = {"message": "broken", "translation_key": "no_snapshot_yet"}
    page = home.open()
    page.get_by_role("tab", name="Teaching").click()
    if failing == "save_snapshot":
        page.get_by_role("button", name="Keep what the camera sees now").click()
    status = page.get_by_role("status")
    expect(status).to_contain_text("There is no snapshot of this camera now.")
    expect(status).to_have_attribute("error", "")


def test_an_object_can_be_marked_where_the_engine_finds_nothing(
    home: FakeHome, pointer: Pointer
) -> None:
    home.snapshots = [snapshot(1, "")]
    home.problems["classify"] = {"message": "The worker ended"}
    page = open_snapshot(home)
    expect(page.get_by_role("status")).to_have_text("The worker ended")
    pointer.drag((0.2, 0.2), (0.4, 0.4))
    expect(page.get_by_role("button", name="This is nothing")).to_be_enabled()


def test_what_was_not_learnt_is_told_until_it_is(home: FakeHome) -> None:
    home.snapshots = [snapshot(1)]
    page = open_snapshot(home)
    home.problems["teach"] = {"message": "gone", "translation_key": "snapshot_gone"}
    page.get_by_label("Name").fill("our cat")
    teach, status = page.get_by_role("button", name="Teach this name"), page.get_by_role("status")
    teach.click()
    expect(status).to_have_text("This snapshot is not kept any more. Choose a newer one.")
    home.problems.clear()
    teach.click()
    expect(status).to_contain_text("Learnt.")
    expect(status).not_to_have_attribute("error", "")
