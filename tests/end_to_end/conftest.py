"""A Home Assistant process with recorded cameras, and a browser that looks at it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from demo.client import Client
from demo.instance import ROOT, free_port, prepare, running

TIMEOUT = 60_000  # milliseconds; a small machine takes its time over the frontend

# Chromium needs no sandbox to look at a server of our own, and as root it cannot have one.
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def screenshots() -> Path:
    """Where to keep pictures of what the browser showed."""
    folder = ROOT / "build/screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
async def home_assistant(tmp_path: Path) -> AsyncIterator[Client]:
    port = free_port()
    prepare(tmp_path / "config", port)
    async with running(tmp_path / "config", port) as client:
        yield client


@pytest.fixture
async def page(home_assistant: Client, screenshots: Path) -> AsyncIterator[Page]:
    """A page that has just been opened and logged in."""
    browser_path = shutil.which("chromium")
    assert browser_path, "chromium is missing; script/setup --demo installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path, args=BROWSER_OPTIONS
        )
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(TIMEOUT)
        expect.set_options(timeout=TIMEOUT)
        try:
            await page.goto(home_assistant.url)
            yield page
        finally:
            await page.screenshot(path=screenshots / "last.png")
            await browser.close()
