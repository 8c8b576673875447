"""Which of its views a camera shows: one that pans, or goes through presets, has several."""

from collections.abc import Mapping
from dataclasses import replace

from camclassify_core.results import MOST_VIEWS, View

type ViewId = int | None
"""A view's number; None while the camera moves."""


class Views:
    """The views of one camera, each known by its likeness, and the one that it shows.

    It takes two snapshots in a row that do not show a view to leave it: one may be damaged, or show what
    passes close to the lens.
    """

    def __init__(self, likenesses: Mapping[int, bytes] | None = None, current: ViewId = 0) -> None:
        """Start with what is known, the view that was shown last at the end."""
        self.current = current
        self._likenesses = dict(likenesses or {})
        self._stranger: View | None = (
            None  # the latest snapshot's, unless it showed the current view
        )

    @property
    def in_doubt(self) -> bool:
        """Whether the latest snapshot did not show the current view, which is not left yet."""
        return self._stranger is not None

    @property
    def known(self) -> dict[int, bytes]:
        """The likenesses by their views' numbers, the latest first: what to ask the engine about."""
        return dict(reversed(self._likenesses.items()))

    @property
    def latest_last(self) -> list[tuple[int, bytes]]:
        """The views' numbers and likenesses, the one that was shown last at the end."""
        return list(self._likenesses.items())

    def follow(self, seen: View | None) -> list[int]:
        """Take what a snapshot shows, compared with `known`; none: the very same as the one before.

        Return the views that are forgotten.
        """
        stranger, self._stranger = self._stranger, None
        if seen is None:
            if stranger is None:
                return []
            seen = replace(stranger, moved=False)
        if not self._likenesses:
            return self._add(seen, self.current or 0)
        shown = dict(enumerate(self.known)).get(seen.known) if seen.known is not None else None
        if shown is not None and (shown == self.current or stranger or self.current is None):
            self.current = shown
            self._likenesses[shown] = self._likenesses.pop(shown)
            return []
        if stranger is None and self.current is not None:
            self._stranger = seen
            return []
        self.current = None
        return [] if seen.moved else self._add(seen, max(self._likenesses) + 1)

    def _add(self, seen: View, number: int) -> list[int]:
        if seen.likeness is None:
            return []
        self.current = number
        self._likenesses[number] = seen.likeness
        forgotten = list(self._likenesses)[:-MOST_VIEWS]
        for each in forgotten:
            del self._likenesses[each]
        return forgotten
