"""The snapshots in a folder, for those who want all of them."""

from pathlib import Path

from .errors import CamClassifyError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_PLAIN = ".plain"


def snapshot_files(folder: Path) -> list[Path]:
    """All pictures below a folder, in the order of their paths, without hidden ones.

    Of a snapshot that the integration kept with a box drawn and without (NAME.jpg, NAME.plain.jpg) only the
    latter. Raises `CamClassifyError` if there is none.
    """
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    plain = {path.with_suffix("").with_suffix("") for path in found if _is_plain(path)}
    kept = [path for path in found if _is_plain(path) or path.with_suffix("") not in plain]
    if not kept:
        raise CamClassifyError(f"{folder}: there is no JPEG, PNG or WebP in this folder")
    return kept


def _is_plain(path: Path) -> bool:
    return path.stem.endswith(_PLAIN)
