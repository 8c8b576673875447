"""A browser and a phone that look at a Home Assistant, and where pictures of it go."""

import shlex
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from demo.instance import ROOT

from ..browser import BROWSER_OPTIONS, browser_path
from .story import Screenshots

TIMEOUT = 60_000  # milliseconds; a small machine takes its time over the frontend


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots",
        type=Path,
        default=ROOT / "build/screenshots",
        help="folder for pictures of what the browser showed; docs/images renews those of the docs",
    )
    parser.addoption(
        "--serve",
        default=f"{sys.executable} -m camclassify_core serve",
        help="what serves, with its first arguments; for a cluster: '... camclassify serve --ray'",
    )


@pytest.fixture
def serve(request: pytest.FixtureRequest) -> list[str]:
    """The command of a server."""
    return shlex.split(request.config.getoption("--serve"))


@pytest.fixture
def screenshots(request: pytest.FixtureRequest) -> Screenshots:
    """Where to keep pictures of what the browser showed."""
    folder: Path = request.config.getoption("--screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return Screenshots(folder)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=TIMEOUT)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path(), args=BROWSER_OPTIONS
        )
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page on a desk; this machine's own browser needs no password."""
    context = await browser.new_context(viewport={"width": 1480, "height": 920})
    context.set_default_timeout(TIMEOUT)
    page = await context.new_page()
    yield page
    last = ROOT / "build/screenshots/last.png"
    last.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=last)


@pytest.fixture
async def phone(browser: Browser) -> Page:
    """A page that is touched with fingers."""
    context = await browser.new_context(
        viewport={"width": 412, "height": 800}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(TIMEOUT)
    return await context.new_page()
