"""A mouse over the picture of a page."""

from dataclasses import dataclass

from playwright.sync_api import Page

type Point = tuple[float, float]


@dataclass(frozen=True)
class Pointer:
    """Points at places that are given as shares of the picture's sides."""

    page: Page

    def click(self, *points: Point) -> None:
        """Click at each point."""
        for point in points:
            self.page.mouse.click(*self._at(point))

    def move(self, point: Point) -> None:
        """Move to a point, pressing nothing."""
        self.page.mouse.move(*self._at(point))

    def double_click(self, point: Point) -> None:
        """Click twice at a point."""
        self.page.mouse.dblclick(*self._at(point))

    def drag(self, start: Point, end: Point) -> None:
        """Press the button at one point and release it at another."""
        mouse = self.page.mouse
        mouse.move(*self._at(start))
        mouse.down()
        mouse.move(*self._at(end), steps=3)
        mouse.up()

    def _at(self, point: Point) -> Point:
        bounds = self.page.locator(".stage svg").bounding_box()
        assert bounds
        x, y = point
        return bounds["x"] + x * bounds["width"], bounds["y"] + y * bounds["height"]
