"""A browser with the panel's page in it, in front of a home that is not there."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ..browser import BROWSER_OPTIONS, browser_path
from .fake_home import ROOT, FakeHome
from .pointer import Pointer

TIMEOUT = 5_000  # milliseconds


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=BROWSER_OPTIONS)
        yield browser
        browser.close()


class Files(SimpleHTTPRequestHandler):
    """The files of this repository."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=ROOT)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a desk, in whose code nothing may go wrong unnoticed."""
    context = browser.new_context(
        viewport={"width": 1200, "height": 900}, locale="en-US", timezone_id="UTC"
    )
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    unnoticed: list[str] = []
    page.on("pageerror", lambda error: unnoticed.append(str(error)))
    yield page
    context.close()
    assert unnoticed == []


@pytest.fixture
def home(page: Page, address: str) -> FakeHome:
    return FakeHome(page, address)


@pytest.fixture
def pointer(page: Page) -> Pointer:
    return Pointer(page)
