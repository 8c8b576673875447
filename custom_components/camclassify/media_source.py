"""Browse the kept snapshots by camera, class and day."""

import math
from collections.abc import Iterable
from typing import override

from homeassistant.components.media_player import BrowseError, MediaClass
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .evidence.store import THUMBNAIL, KeptSnapshot
from .home import async_loaded_home
from .names import async_class_names, plain_name
from .picture_formats import content_type

MIME_TYPE = "image/jpeg"
NO_CLASS = "-"  # the folder of what the user kept although nothing was found in it


async def async_get_media_source(hass: HomeAssistant) -> SnapshotMediaSource:
    """Return the media source."""
    return SnapshotMediaSource(hass)


class SnapshotMediaSource(MediaSource):
    """Camera / class / day / snapshot; a snapshot's identifier is its id."""

    name = "CamClassify"

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve this Home Assistant."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return the address of a snapshot."""
        home = async_loaded_home(self.hass)
        kept = home.evidence.async_get(item.identifier) if home else None
        if home is None or kept is None:
            raise Unresolvable(translation_domain=DOMAIN, translation_key="snapshot_gone")
        plain = await home.evidence.async_read(kept.id, drawn=False)
        mime_type = content_type(plain) if plain else MIME_TYPE
        return PlayMedia(kept.url, mime_type, path=home.evidence.path(kept.id, drawn=False))

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return what is in a folder."""
        if (home := async_loaded_home(self.hass)) is None:
            raise BrowseError(translation_domain=DOMAIN, translation_key="not_loaded")
        camera, _, rest = (item.identifier or "").partition("/")
        name, _, day = rest.partition("/")
        if not camera:
            titles = {key: each.settings.name for key, each in home.cameras.items()}
            return _folder("", self.name, [_folder(key, title) for key, title in titles.items()])
        if camera not in home.cameras:
            raise BrowseError(translation_domain=DOMAIN, translation_key="snapshot_gone")
        kept = sorted(home.evidence.async_all(camera), key=lambda each: each.taken_at, reverse=True)
        names = await async_class_names(self.hass)
        if not name:
            folders = [
                _folder(f"{camera}/{each}", names.get(each, plain_name(each)))
                for each in sorted({each.class_name or NO_CLASS for each in kept})
            ]
            return _folder(camera, home.cameras[camera].settings.name, folders)
        days = _by_day(each for each in kept if (each.class_name or NO_CLASS) == name)
        title = names.get(name, plain_name(name))
        if not day:
            folders = [_folder(f"{camera}/{name}/{each}", each) for each in days]
            return _folder(item.identifier, title, folders)
        pictures = [_picture(each) for each in days.get(day, ())]
        return _folder(item.identifier, f"{title} {day}", pictures)


def _by_day(newest_first: Iterable[KeptSnapshot]) -> dict[str, list[KeptSnapshot]]:
    """Group snapshots; there can be thousands, so the calendar is asked once a day and not once each."""
    days: dict[str, list[KeptSnapshot]] = {}
    day: list[KeptSnapshot] = []
    begins = math.inf
    for kept in newest_first:
        if kept.taken_at < begins:
            midnight = dt_util.start_of_local_day(kept.local_time)
            begins = midnight.timestamp()
            day = days[midnight.date().isoformat()] = []
        day.append(kept)
    return days


def _folder(
    identifier: str, title: str, children: list[BrowseMediaSource] | None = None
) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.DIRECTORY,
        media_content_type=MediaClass.IMAGE,
        title=title,
        can_play=False,
        can_expand=True,
        children=children,
        children_media_class=MediaClass.IMAGE,
    )


def _picture(kept: KeptSnapshot) -> BrowseMediaSource:
    where = f", {kept.zone}" if kept.zone else ""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=kept.id,
        media_class=MediaClass.IMAGE,
        media_content_type=MIME_TYPE,
        title=f"{kept.local_time:%H:%M:%S}{where}",
        can_play=True,
        can_expand=False,
        thumbnail=f"{kept.url}?width={THUMBNAIL}",
    )
