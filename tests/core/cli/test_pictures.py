"""Which pictures arguments stand for, and where drawings go."""

import os
from pathlib import Path

import pytest
from camclassify_core.cli.error_output import UsageError
from camclassify_core.cli.pictures import find_pictures, place_drawings
from camclassify_core.errors import CamClassifyError, SnapshotError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders of pictures, in the working directory."""
    for name in ("porch/10.jpg", "porch/9.jpg", "porch/a/1.jpeg", "garage/9.jpg"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*arguments: str, leave_out: Path | None = None) -> list[str]:
    return [each.name for each in find_pictures(arguments, leave_out=leave_out)]


@pytest.mark.usefixtures("home")
def test_arguments_keep_their_order_and_folders_are_sorted_by_path() -> None:
    assert found("porch", "other.gif", "garage") == [
        "porch/10.jpg",
        "porch/9.jpg",
        "porch/a/1.jpeg",
        "other.gif",
        "garage/9.jpg",
    ]


@pytest.mark.usefixtures("home")
def test_hidden_files_and_folders_are_left_out() -> None:
    Path("garage/.9.jpg.part.jpg").touch()
    Path("garage/.trash").mkdir()
    Path("garage/.trash/1.jpg").touch()
    assert found("garage") == ["garage/9.jpg"]


@pytest.mark.usefixtures("home")
def test_links_between_folders_do_not_go_round() -> None:
    Path("garage/all").symlink_to("..")
    assert found("garage") == ["garage/9.jpg"]


@pytest.mark.usefixtures("home")
def test_a_folder_is_left_out_by_whatever_name() -> None:
    assert found("porch", leave_out=Path("garage/../porch/a")) == ["porch/10.jpg", "porch/9.jpg"]


@pytest.mark.usefixtures("home")
def test_an_empty_folder_is_a_problem_of_its_own() -> None:
    Path("empty").mkdir()
    empty, picture = find_pictures(["empty", "garage"])
    with pytest.raises(SnapshotError, match="no JPEG, PNG or WebP"):
        empty.read()
    assert picture.read() == b""


@pytest.mark.usefixtures("home")
def test_a_folder_that_cannot_be_listed_is_a_problem_beside_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path) == "porch/a":
            raise PermissionError(13, "Permission denied", "porch/a")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    *_, unlisted = pictures = find_pictures(["porch"])
    assert [each.name for each in pictures] == ["porch/10.jpg", "porch/9.jpg", "porch/a"]
    with pytest.raises(SnapshotError, match="Permission denied"):
        unlisted.read()


def test_standard_input_holds_one_picture() -> None:
    assert found("-", "./-") == ["-", "./-"]
    with pytest.raises(UsageError):
        find_pictures(["-", "a.jpg", "-"])


def places(*arguments: str, output: str = "new", overwrite: bool = False) -> list[str]:
    drawings = place_drawings(find_pictures(arguments), Path(output), overwrite=overwrite)
    return [str(place) for place in drawings.values()]


@pytest.mark.usefixtures("home")
def test_drawings_of_folders_lie_as_the_pictures_do() -> None:
    assert places("porch", "garage", "a.png", "-") == [
        "new/porch/10.jpg",
        "new/porch/9.jpg",
        "new/porch/a/1.jpeg",
        "new/garage/9.jpg",
        "new/a.png.jpg",
        "new/stdin.jpg",
    ]


@pytest.mark.usefixtures("home")
def test_a_folder_without_a_name_goes_by_its_full_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("garage")
    assert places(".") == ["new/garage/9.jpg"]


@pytest.mark.usefixtures("home")
def test_two_pictures_are_not_drawn_into_one_file() -> None:
    with pytest.raises(CamClassifyError, match=r"porch/9.jpg and garage/9.jpg .* new/9.jpg"):
        places("porch/9.jpg", "garage/9.jpg", overwrite=True)


@pytest.mark.usefixtures("home")
def test_one_file_is_for_one_picture() -> None:
    assert places("porch/9.jpg", output="boxes.jpg") == ["boxes.jpg"]
    with pytest.raises(UsageError, match=r"boxes.jpg is one file, for 3 pictures"):
        places("porch", output="boxes.jpg")


@pytest.mark.parametrize("output", ["boxes.png", "-"])
def test_drawings_are_jpeg_files_in_the_file_system(output: str) -> None:
    with pytest.raises(UsageError, match="JPEG"):
        places("a.jpg", output=output)


@pytest.mark.usefixtures("home")
def test_a_folder_may_be_called_like_a_picture() -> None:
    Path("odd.jpg").mkdir()
    assert places("garage/9.jpg", output="odd.jpg") == ["odd.jpg/9.jpg"]


@pytest.mark.usefixtures("home")
def test_a_link_that_leads_nowhere_is_there_already() -> None:
    Path("link.jpg").symlink_to("nowhere")
    with pytest.raises(CamClassifyError, match=r"link.jpg is there already"):
        places("garage/9.jpg", output="link.jpg")
