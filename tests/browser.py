"""The browser with which tests look at pages."""

import shutil

# Chromium needs no sandbox to look at pages of our own, and as root it cannot have one.
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser_path() -> str:
    """Return where Chromium is."""
    path = shutil.which("chromium")
    assert path, "chromium is missing; script/setup --demo installs it"
    return path
