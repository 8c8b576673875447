"""Which files of a folder are snapshots."""

from pathlib import Path

import pytest
from camclassify_core.errors import CamClassifyError
from camclassify_core.snapshot_files import snapshot_files


def test_all_below_a_folder_but_hidden_ones_and_drawings_of_what_is_there_without_a_box(
    tmp_path: Path,
) -> None:
    for name in (
        "b.JPG", "a.png", "notes.txt", ".hidden.jpg", ".trash/c.jpg", "deep/er/d.webp",
        "kept.jpg", "kept.plain.jpg", "only.jpg",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [str(path.relative_to(tmp_path)) for path in snapshot_files(tmp_path)]
    assert found == ["a.png", "b.JPG", "deep/er/d.webp", "kept.plain.jpg", "only.jpg"]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CamClassifyError, match="no JPEG, PNG or WebP"):
        snapshot_files(tmp_path)
