"""Chromium for the tests of pages, and axe-core, which says what in a page is not accessible."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
AXE: Final = Path(os.environ.get("AXE", ROOT / "build" / "npm" / "node_modules" / "axe-core" / "axe.min.js"))
CHROMIUM: Final = os.environ.get("CHROMIUM") or which("chromium") or which("chromium-browser") or "chromium"
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES: Final = {"wide": (1280, 900), "narrow": (390, 844)}


@contextmanager
def open_chromium() -> Iterator[Any]:
    """A browser of Playwright."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only tests of pages have it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


def list_violations(page: Any) -> list[Any]:
    """What axe-core finds in a page, each with the elements."""
    violations: list[Any] = page.evaluate(
        "async () => (await axe.run()).violations.map(v => [v.id, v.nodes.map(n => n.html)])"
    )
    return violations
