"""Many small pictures on one: what two engines do not agree on."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from camclassify_core.results import Detection
from camclassify_core.side_by_side import Pair

MOST_TILES = 60
_COLUMNS = 4
_TILE = (400, 300)
_CAPTION = 16  # pixels of height
_BOTH, _FIRST, _SECOND = "#3fb950", "#f0883e", "#58a6ff"


@dataclass(frozen=True, slots=True)
class Tile:
    """A snapshot, what is written below it, and what was found in it."""

    snapshot: bytes
    caption: str
    pairs: Sequence[Pair]


def write_contact_sheet(tiles: Sequence[Tile], file: Path) -> None:
    """Writes a picture of at most `MOST_TILES`: what both see in green, what one does in orange or blue."""
    rows = -(-len(tiles) // _COLUMNS)
    width, height = _TILE[0], _TILE[1] + _CAPTION
    sheet = Image.new("RGB", (min(len(tiles), _COLUMNS) * width, rows * height), "#161b22")
    for number, tile in enumerate(tiles):
        left, top = number % _COLUMNS * width, number // _COLUMNS * height
        sheet.paste(_drawn(tile), (left, top))
        ImageDraw.Draw(sheet).text((left + 4, top + _TILE[1] + 2), tile.caption, fill="white")
    sheet.save(file)


def _drawn(tile: Tile) -> Image.Image:
    with Image.open(BytesIO(tile.snapshot)) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    picture = ImageOps.contain(picture, _TILE)
    draw = ImageDraw.Draw(picture)
    for pair in tile.pairs:
        if pair.agrees:
            _box(draw, picture.size, pair.first, _BOTH, "")
            continue
        _box(draw, picture.size, pair.first, _FIRST, "left")
        _box(draw, picture.size, pair.second, _SECOND, "right")
    padded = Image.new("RGB", _TILE, "black")
    padded.paste(picture)
    return padded


def _box(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    found: Detection | None,
    colour: str,
    side: str,
) -> None:
    """A detection's box and, on one side of its top, its class and score; two names stand side by side."""
    if found is None:
        return
    (width, height), box = size, found.box
    corners = (box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)
    draw.rectangle(corners, outline=colour, width=2)
    if side:
        label = f"{found.name} {found.score:.2f}"
        edge = corners[0] if side == "left" else max(0.0, corners[2] - draw.textlength(label))
        place = (edge, max(0.0, corners[1] - 12))
        draw.rectangle(draw.textbbox(place, label), fill="black")
        draw.text(place, label, fill=colour)
