"""Pictures of what people read: papers, workbooks and pages of the sample firm, in both languages, wide and narrow.

    python tools/take_pictures.py FOLDER          # everything, to be looked at
    python tools/take_pictures.py FOLDER --docs   # and those that the pages show, into docs/pictures

It needs Chromium, LibreOffice and pdftoppm, and the extras `browser`, `docs` and `pdf`. The sample firm has the same
people and the same record each time, so a picture changes when what it shows does.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree, which
from typing import Any, Final

from PIL import Image

BRIDGE: Final = Path(__file__).parents[1] / "policies" / "road_bridge" / "year.toml"
"""A policy beside the text of its rule, which the sample firm has not."""
DOCS: Final = Path(__file__).parents[1] / "docs" / "pictures"
LANGUAGES: Final = {"en": "en-US", "zh": "zh-CN"}
SIZES: Final = {"wide": (1280, 900), "narrow": (390, 844)}
DOTS_PER_INCH: Final = 80
_CHROMIUM: Final = os.environ.get("CHROMIUM") or which("chromium") or which("chromium-browser") or "chromium"
_ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
_PATIENCE: Final = 120
_MAX_HEIGHT: Final = 4000
"""Of a picture of a whole page, in pixels."""
SERVICE: Final = ("policies/service_east-2025.1.toml", "--facts", "facts/service", "--period", "2025-06")
JUNE: Final = (
    *("policies/manager_east-2025.2.toml", "--facts", "facts/managers", "--period", "2025-06"),
    *("--history", "may", "--known-at", "2025-07-05"),
)
MANAGERS: Final = ("--facts", "facts/managers", "--period", "2025-04", "--history", "march")
VERSIONS: Final = ("policies/manager_east-2025.1.toml", "policies/manager_east-2025.2.toml")
OBJECTION: Final = ("--object-to", "Staff council", "--object-by", "2025-07-21")
RECORDED: Final = ("--record", "record.scorecore", "--id", "minghu.service.east", "--period", "2025-06")
COMMANDS: Final = (
    ("record", "log", "record.scorecore", "--run", "5", "--out", "march"),
    ("record", "log", "record.scorecore", "--run", "11", "--out", "may"),
    ("run", *JUNE, "--out", "run.xlsx", "--html", "run.html"),
    ("statements", *RECORDED, "--out", "statements.pdf", *OBJECTION),
    ("statements", *RECORDED, "--out", "statements.html", *OBJECTION),
    ("explain", *RECORDED, "--person", "S12", "--out", "why.xlsx"),
    ("diff", *VERSIONS, *MANAGERS, "--by", "branch", "--html", "diff.html"),
    ("sweep", *SERVICE, "--vary", "parameters.bonus_base=1000..2000:250", "--html", "sweep.html"),
    ("record", "dashboard", "record.scorecore", "--id", "minghu.manager.east", "--html", "dashboard.html"),
    ("trace", str(BRIDGE), "--html", "trace.html"),
    ("document", "policies/manager_east-2025.2.toml", "--out", "document.html"),
    ("document", "policies/manager_east-2025.2.toml", "--out", "document.docx"),
    ("facts", "template", "policies/service_east-2025.1.toml", "--out", "template.xlsx"),
)
WORKBENCH: Final = {
    "months": "/",
    "policy": "/policies/policies~service_east-2025.1",
    "facts": "/policies/policies~service_east-2025.1/facts/2025-06",
    "run": "/policies/policies~service_east-2025.1/runs/2025-06",
    "person": "/policies/policies~service_east-2025.1/people/2025-05?person=S04",
    "record": "/record?seed=dice&sample=2",
    "objections": "/objections",
}
PICTURES: Final[dict[str, tuple[str, int]]] = {
    "statement": ("en/statements-01.png", 900),
    "statement.zh": ("zh/statements-01.png", 900),
    "overview": ("en/run-01.png", 900),
    "computed-decision": ("en/why-1.png", 420),
    "impact": ("en/diff.wide.png", 1100),
    "sweep": ("en/sweep.wide.png", 900),
    "workbench-months": ("en/workbench-months.wide.png", 900),
    "workbench-policy": ("en/workbench-policy.wide.png", 900),
    "workbench-person": ("en/workbench-person.wide.png", 1100),
}
"""What the pages show: the name of a picture, with its file in the folder, and how many pixels of its height."""


def main() -> int:
    options = _options()
    for language in LANGUAGES:
        folder = options.folder / language
        rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _write_all(folder, language)
        for path in sorted(folder.glob("firm/*.pdf")):
            _take_paper(path, folder)
        for ending in (".xlsx", ".docx"):
            for path in _print(sorted(folder.glob(f"firm/*{ending}")), folder / "printed"):
                _take_paper(path, folder)
        with _open_chromium() as browser:
            _take_pages(browser, folder, language)
            _take_workbench(browser, folder, language)
    if options.docs:
        _keep(options.folder)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--docs", action="store_true", help="replace the pictures of docs/pictures")
    return parser.parse_args()


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "scorecore_cli", *arguments]


def _write_all(folder: Path, language: str) -> None:
    """The sample firm, and every paper, workbook and page of it."""
    for command in (("new", "--sample-firm", "firm"), *COMMANDS):
        place = folder if command[0] == "new" else folder / "firm"
        line = [*_command(*command), "--lang", language]
        written = subprocess.run(line, check=False, cwd=place, capture_output=True, text=True)  # noqa: S603  our own
        if written.returncode not in {0, 1}:
            raise SystemExit(f"{' '.join(command)}: {written.stderr}")


def _print(paths: Sequence[Path], folder: Path) -> list[Path]:
    """What LibreOffice would print of some files."""
    profile = f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  our own files
    return [folder / f"{path.stem}.pdf" for path in paths]


def _take_paper(path: Path, folder: Path) -> None:
    command = ["pdftoppm", "-png", "-l", "8", "-r", str(DOTS_PER_INCH), str(path), str(folder / path.stem)]
    subprocess.run(command, check=True)  # noqa: S603  our own files


@contextmanager
def _open_chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  an extra

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=list(_ARGUMENTS))
        yield browser
        browser.close()


def _take_pages(browser: Any, folder: Path, language: str) -> None:  # noqa: ANN401  a browser of Playwright
    for path in sorted(folder.glob("firm/*.html")):
        for size, (width, height) in SIZES.items():
            context = browser.new_context(locale=LANGUAGES[language], viewport={"width": width, "height": height})
            page = context.new_page()
            page.goto(path.resolve().as_uri())
            _take(page, folder / f"{path.stem}.{size}.png")
            context.close()


def _take_workbench(browser: Any, folder: Path, language: str) -> None:  # noqa: ANN401  as above
    arguments = _command("serve", str(folder / "bench"), "--sample", "--no-browser", "--lang", language)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  our own
        try:
            line = process.stdout.readline() if process.stdout else ""
            _take_served(browser, line[line.index("http://") :].split()[0], folder, language)
        finally:
            process.terminate()


def _take_served(browser: Any, address: str, folder: Path, language: str) -> None:  # noqa: ANN401  as above
    base = "/".join(address.split("/")[:3])
    for size, (width, height) in SIZES.items():
        context = browser.new_context(locale=LANGUAGES[language], viewport={"width": width, "height": height})
        page = context.new_page()
        page.goto(address)
        page.get_by_role("button").first.click()  # the officer
        for name, path in WORKBENCH.items():
            _open(page, f"{base}{path}")
            _take(page, folder / f"workbench-{name}.{size}.png")
        context.close()


def _open(page: Any, address: str) -> None:  # noqa: ANN401  a page of Playwright
    """Open an address of the workbench, and wait until what it computes is there."""
    from playwright.sync_api import Error  # noqa: PLC0415  an extra

    for _attempt in range(_PATIENCE):
        with suppress(Error):  # the page of something that goes on reloads itself
            page.goto(address)
            if not page.locator("progress").count():
                return
        page.wait_for_timeout(1000)
    raise SystemExit(f"{address}: not done after {_PATIENCE} s")


def _take(page: Any, path: Path) -> None:  # noqa: ANN401  a page of Playwright
    width = page.viewport_size["width"]
    height = min(page.evaluate("document.documentElement.scrollHeight"), _MAX_HEIGHT)
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})


def _keep(folder: Path) -> None:
    """The pictures of the pages, in few colours and so small."""
    DOCS.mkdir(exist_ok=True)
    for name, (source, height) in PICTURES.items():
        with Image.open(folder / source) as picture:
            part = picture.convert("RGB").crop((0, 0, picture.width, min(height, picture.height)))
            few = part.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            few.save(DOCS / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
