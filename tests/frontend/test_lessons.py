"""What was taught: what to expect of it, forgetting, taking it to another home."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .fake_home import FakeHome, Json

DAY: Json = {
    "right": 8,
    "wrong": 1,
    "missed": 2,
    "precision": 0.889,
    "low": 0.565,
    "high": 0.98,
}
NIGHT: Json = {"right": 0, "wrong": 0, "missed": 1, "precision": 0, "low": 0, "high": 1}


def example(number: int, name: str | None = "our_van", **settings: object) -> Json:
    return {
        "id": f"example{number}",
        "name": name,
        "camera": "driveway",
        "regime": "day",
        "picture": None,
        **settings,
    }


def lessons(home: FakeHome) -> Page:
    """Show what was taught."""
    page = home.open()
    page.get_by_role("tab", name="Teaching").click()
    expect(page.get_by_role("heading", name="What was taught")).to_be_visible()
    return page


@pytest.fixture
def taught(home: FakeHome) -> FakeHome:
    """A home that was taught a van, and what is nothing."""
    home.taught = [{"name": "our_van", "expectations": {"day": DAY, "night": NIGHT}}]
    home.examples = [example(1), example(2, camera="sold", regime="night"), example(3, None)]
    return home


def test_a_home_that_was_taught_nothing_is_told_how_to_begin(home: FakeHome) -> None:
    page = lessons(home)
    expect(page.get_by_text("Nothing yet. Three pictures of an object")).to_be_visible()
    expect(page.get_by_role("button", name="Export")).to_be_disabled()
    expect(page.get_by_role("button", name="Import")).to_be_enabled()


def test_what_to_expect_is_told_for_each_light(taught: FakeHome) -> None:
    page = lessons(taught)
    expect(page.locator("[data-light=day]")).to_have_text(
        "Day: expected precision 89% (95% interval 57% to 98%). Judged by all other examples: "
        "8 recognised, 2 missed, 1 others taken for it."
    )
    expect(page.locator("[data-light=night]")).to_have_text(
        "Night: too few examples to say how precise it will be "
        "(0 recognised, 1 missed, 0 others taken for it). Add more."
    )


def test_examples_are_shown_with_their_class(taught: FakeHome) -> None:
    taught.examples[0]["picture"] = "/9j/4AAQ"
    page = lessons(taught)
    expect(page.get_by_role("heading", level=4)).to_have_text(["our van", "Nothing at all"])
    van, nothing = page.locator(".lesson").all()
    expect(van.locator("figcaption")).to_have_text(["Driveway, Day", "Night"])
    expect(van.locator("img")).to_have_attribute("src", "data:image/jpeg;base64,/9j/4AAQ")
    expect(van.locator("img")).to_have_attribute("alt", "Driveway, Day")
    expect(van.locator(".no-picture")).to_have_count(1)
    expect(nothing.locator("figure")).to_have_count(1)
    expect(nothing.get_by_role("button", name="Forget")).to_have_count(0)


def test_a_name_is_offered_again(taught: FakeHome) -> None:
    page = lessons(taught)
    assert page.locator("#taught-names option").evaluate_all(
        "all => all.map((one) => one.value)"
    ) == ["our van"]
    expect(page.get_by_label("Name")).to_have_attribute("list", "taught-names")


def test_a_class_is_forgotten_only_if_the_user_is_sure(taught: FakeHome) -> None:
    page = lessons(taught)
    taught.agrees = False
    page.get_by_role("button", name="Forget").click()
    assert taught.questions == ["Forget our van and all its examples?"]
    assert taught.all("forget") == []

    taught.agrees = True
    page.get_by_role("button", name="Forget").click()
    expect(page.get_by_role("heading", level=4)).to_have_text(["Nothing at all"])
    (message,) = taught.all("forget")
    assert message["service_data"] == {"name": "our_van"}


def test_an_example_is_removed(taught: FakeHome) -> None:
    page = lessons(taught)
    page.locator("[data-example=example2]").get_by_label("Delete this example").click()
    expect(page.locator("[data-example=example2]")).to_have_count(0)
    expect(page.locator("[data-example=example1]")).to_have_count(1)
    assert taught.questions == []


def test_what_cannot_be_forgotten_is_told(taught: FakeHome) -> None:
    page = lessons(taught)
    taught.problems["forget"] = {"message": "The disk is full"}
    page.get_by_role("button", name="Forget").click()
    expect(page.get_by_role("status")).to_have_text("The disk is full")
    expect(page.locator(".lesson")).to_have_count(2)


def test_examples_are_exported_to_a_file(taught: FakeHome) -> None:
    page = lessons(taught)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "camclassify-examples.json"
    assert json.loads(download.value.path().read_text()) == [{"exported": True}]


def test_what_cannot_be_exported_is_told(taught: FakeHome) -> None:
    page = lessons(taught)
    taught.problems["examples/export"] = {"message": "The disk is full"}
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_role("status")).to_have_text("The disk is full")


def import_file(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Import").click()
    chooser.value.set_files(file)


def test_examples_of_another_home_are_imported(home: FakeHome, tmp_path: Path) -> None:
    page = lessons(home)
    file = tmp_path / "examples.json"
    file.write_text('[{"exported": true}]')
    home.taught = [{"name": "our_van", "expectations": {}}]
    import_file(page, file)
    expect(page.get_by_role("heading", name="our van")).to_be_visible()
    (message,) = home.all("examples/import")
    assert message["examples"] == [{"exported": True}]


def test_a_file_that_is_no_export_is_refused(home: FakeHome, tmp_path: Path) -> None:
    page = lessons(home)
    file = tmp_path / "holiday.json"
    file.write_text("not JSON")
    import_file(page, file)
    status = page.get_by_role("status")
    expect(status).to_have_text("This file holds no exported examples. Export them again.")
    expect(status).to_have_attribute("error", "")
    assert home.all("examples/import") == []


def test_what_cannot_be_imported_is_told(home: FakeHome, tmp_path: Path) -> None:
    page = lessons(home)
    file = tmp_path / "examples.json"
    file.write_text("[]")
    home.problems["examples/import"] = {"message": "Made by a newer version"}
    import_file(page, file)
    expect(page.get_by_role("status")).to_have_text("Made by a newer version")
