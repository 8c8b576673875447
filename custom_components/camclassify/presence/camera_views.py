"""Which of its views a camera shows: one that pans, or goes through presets, has several."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from camclassify_core.results import MOST_VIEWS, Regime, View

type ViewId = int | None
"""A view's number; None while the camera moves."""

MOST_DRAWN_IN = MOST_VIEWS - 1
"""Views in which something may be drawn: there is always room for one more."""


class Views:
    """The views of one camera, each known by its likeness, and the one that it shows.

    It takes two snapshots in a row that do not show a view to leave it: one may be damaged, or show what
    passes close to the lens.

    `turns`: whether the camera is known to turn, because it was seen to move away from a view and came
    back to it in the same light. A camera that was hung up elsewhere, or bumped, does not come back; and
    where another light makes another picture, nothing moves.
    """

    def __init__(
        self,
        likenesses: Mapping[int, bytes] | None = None,
        current: ViewId = 0,
        *,
        turns: bool = False,
    ) -> None:
        """Start with what is known, the view that was shown last at the end."""
        self.current = current
        self.turns = turns
        self._likenesses = dict(likenesses or {})
        self._drawn_in: frozenset[bytes] = frozenset()
        self._stranger: View | None = (
            None  # the latest snapshot's, unless it showed the current view
        )
        self._regime: Regime | None = None
        self._visited: set[int] = set()  # one after the other, in this light

    @property
    def in_doubt(self) -> bool:
        """Whether the latest snapshot did not show the current view, which is not left yet."""
        return self._stranger is not None

    @property
    def shown(self) -> ViewId:
        """The view that the latest snapshot shows; None while that is in doubt or not known."""
        return None if self.in_doubt or self.current not in self._likenesses else self.current

    @property
    def known(self) -> dict[int, bytes]:
        """The likenesses by their views' numbers, the latest first: what to ask the engine about."""
        return dict(reversed(self._likenesses.items()))

    @property
    def latest_last(self) -> list[tuple[int, bytes]]:
        """The views' numbers and likenesses, the one that was shown last at the end."""
        return list(self._likenesses.items())

    def bound_to(self, drawn_in: bytes | None) -> bytes | None:
        """Return the only view in which something holds that was drawn there; None: it holds in all.

        While the camera is not known to turn, everything holds everywhere: nothing that was drawn may
        stop working because a camera hangs elsewhere now, or because its picture has changed.
        """
        return drawn_in if self.turns else None

    def holds(self, drawn_in: bytes | None, view: ViewId) -> bool:
        """Tell whether what was drawn in a view, or for all of them, holds in a view."""
        bound = self.bound_to(drawn_in)
        return bound is None or (view is not None and self._likenesses.get(view) == bound)

    def number_of(self, likeness: bytes | None) -> ViewId:
        """Return the view that has a likeness, if it is known."""
        return next((each for each, known in self._likenesses.items() if known == likeness), None)

    def keep(self, drawn_in: Iterable[bytes]) -> list[int]:
        """Know the views in which something was drawn, and forget none of them.

        Return the views that are forgotten instead.
        """
        wanted = list(dict.fromkeys(drawn_in))[:MOST_DRAWN_IN]
        self._drawn_in = frozenset(wanted)
        new = [each for each in wanted if each not in self._likenesses.values()]
        if new and not self._likenesses:
            self.current = None
        free = self._free_number()
        self._likenesses = dict(enumerate(new, free)) | self._likenesses
        return self._forget()

    def follow(self, seen: View | None, regime: Regime) -> list[int]:
        """Take what a snapshot shows, compared with `known`; none: the very same as the one before.

        Return the views that are forgotten.
        """
        if regime != self._regime:
            self._regime = regime
            self._visited = set() if self.current is None else {self.current}
        stranger, self._stranger = self._stranger, None
        if seen is None:
            if stranger is None:
                return []
            seen = replace(stranger, moved=False)
        if not self._likenesses:
            return self._add(seen.likeness, self.current or 0) if seen.likeness else []
        shown = dict(enumerate(self.known)).get(seen.known) if seen.known is not None else None
        if shown is not None and (shown == self.current or stranger or self.current is None):
            self._show(shown)
            self._likenesses[shown] = self._likenesses.pop(shown)
            return []
        if stranger is None and self.current is not None:
            self._stranger = seen
            return []
        if seen.moved or seen.likeness is None:
            self.current = None
            return []
        return self._add(seen.likeness, self._free_number())

    def _show(self, view: int) -> None:
        """Note what the camera shows now; None before it means that it was seen to move."""
        if self.current is None:
            self.turns |= view in self._visited and len(self._visited) > 1
        elif self.current != view:
            self._visited = set()
        self._visited.add(view)
        self.current = view

    def _add(self, likeness: bytes, number: int) -> list[int]:
        self._show(number)
        self._likenesses[number] = likeness
        return self._forget()

    def _free_number(self) -> int:
        return max(self._likenesses, default=-1) + 1

    def _forget(self) -> list[int]:
        """Let go of the views that were shown the longest ago, if there are too many."""
        idle = [
            number
            for number, likeness in self._likenesses.items()
            if number != self.current and likeness not in self._drawn_in
        ]
        forgotten = idle[: max(0, len(self._likenesses) - MOST_VIEWS)]
        for each in forgotten:
            del self._likenesses[each]
        return forgotten
