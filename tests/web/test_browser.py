"""The month of an officer in a real browser, in both languages, once by keyboard alone; and what every page must be.

Needs Chromium (CHROMIUM names it), Playwright and, for accessibility, axe-core from npm (AXE names its file).
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import field, frozen

from chromium import AXE, SIZES, list_violations, open_chromium
from workbench_site import make_branch

pytestmark = pytest.mark.browser
MAX_TABS: Final = 80
FACTS: Final = "工号,月交易量\nB1001,1200000\nB1002,many\nB1003,500000\n".encode()
WORDS: Final = {
    "en-US": (
        "bring the facts",
        "Bring the facts",
        "decide all the same",
        "Record 2024-05",
        "recorded, and signed",
        "Verify",
    ),
    "zh-CN": ("上传事实数据", "上传事实数据", "仍然计算", "记录 2024-05", "已记录并签名", "验证"),
}
PAGES: Final = (
    "/",
    "/policies/policy",
    "/policies/policy?part=cases",
    "/policies/policy/facts/2024-05",
    "/policies/policy/runs/2024-05",
    "/policies/policy/runs/2024-05?from=facts&only=held&search=B",
    "/policies/policy/people/2024-05?person=B1001&if.volume=2000000&goal=pay.commission",
    "/record?seed=dice&sample=2",
    "/nowhere",
)


@frozen
class Served:
    """A workbench in another process."""

    address: str
    folder: Path

    @property
    def base(self) -> str:
        return self.address.partition("/sign-in")[0]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    folder = make_branch(tmp_path / "branch")
    (folder / "facts" / "person.csv").unlink()
    (folder / "facts").rmdir()
    with serving(folder, "-m", "scorecore_cli", "serve", str(folder), "--no-browser", "--lang", "en") as served:
        yield served


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Served]:
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        yield Served(found[0], folder)
        process.terminate()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with open_chromium() as browser:
        yield browser


@frozen
class Watched:
    """A page, and what it did that it must not do."""

    page: Any
    faults: list[str] = field(factory=list)

    @classmethod
    def open(cls, chromium: Any, served: Served, locale: str, size: str = "wide") -> "Watched":
        width, height = SIZES[size]
        page = chromium.new_context(locale=locale, viewport={"width": width, "height": height}).new_page()
        watched = cls(page)
        page.on("console", lambda message: watched.note(message.type, message.text))
        page.on("pageerror", lambda error: watched.faults.append(str(error)))
        page.on("request", lambda request: request.url.startswith(served.base) or watched.faults.append(request.url))
        page.goto(served.address)
        return watched

    def note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "status of 404" not in text:
            self.faults.append(text)

    def press_until(self, name: str) -> None:
        """Go on with the tab key until what has the focus is called so."""
        self.page.locator(".working").wait_for(state="detached")  # what takes long asks again by itself
        for _ in range(MAX_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).innerText")
            if (focused or "").strip().startswith(name):
                return
        raise AssertionError(f"no key leads to {name}")


def do_month(watched: Watched, served: Served, locale: str) -> None:
    """From no facts to a recorded and verified month; with the mouse."""
    bring, bring_button, decide, record, recorded, verify = WORDS[locale]
    page = watched.page
    page.goto(f"{served.base}/record")
    page.locator("main button").click()
    page.wait_for_url("**/record?began=1")
    page.goto(f"{served.base}/policies/policy/facts/2024-05")
    file = {"name": "person.csv", "mimeType": "text/csv", "buffer": FACTS}
    page.set_input_files("#files-field", files=[file])
    page.get_by_role("button", name=bring_button).click()
    assert page.locator("td.wrong").inner_text().startswith("many")
    page.get_by_role("link", name=decide).click()
    assert page.locator("table.people tbody tr").first.inner_text().startswith("B1002")
    page.get_by_role("button", name=record).click()
    page.locator("main", has_text=recorded).wait_for()
    page.goto(f"{served.base}/record")
    page.get_by_role("button", name=verify).click()
    page.locator(".notice.done").wait_for()
    assert bring


@pytest.mark.parametrize("locale", sorted(WORDS))
def test_an_officer_does_a_month(chromium: Any, served: Served, locale: str) -> None:
    watched = Watched.open(chromium, served, locale)
    assert watched.page.get_attribute("html", "lang") == ("zh-CN" if locale == "zh-CN" else "en")
    do_month(watched, served, locale)
    assert watched.faults == []


def test_the_keyboard_suffices(chromium: Any, served: Served) -> None:
    bring, bring_button, decide, record, recorded, _verify = WORDS["en-US"]
    (served.folder / "facts").mkdir()
    (served.folder / "facts" / "person.csv").write_bytes(FACTS.replace(b"many", b"860000"))
    watched = Watched.open(chromium, served, "en-US")
    page = watched.page
    watched.press_until("Begin a record")
    page.keyboard.press("Enter")
    page.wait_for_url("**/record")
    watched.press_until("Begin a record")
    page.keyboard.press("Enter")
    page.wait_for_url("**/record?began=1")
    watched.press_until("Months")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.base}/")
    watched.press_until("go there")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("2024-05")
    page.keyboard.press("Enter")
    page.wait_for_url("**/facts/2024-05")
    watched.press_until("decide")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/2024-05")
    watched.press_until(record)
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/2024-05?recorded=1")
    page.locator("main", has_text=recorded).wait_for()
    assert watched.faults == []
    assert bring
    assert bring_button
    assert decide


@pytest.mark.parametrize("size", sorted(SIZES))
def test_every_page_is_accessible_and_fits(chromium: Any, served: Served, size: str) -> None:
    do_month(Watched.open(chromium, served, "en-US"), served, "en-US")
    watched = Watched.open(chromium, served, "zh-CN", size)
    page, source = watched.page, AXE.read_text(encoding="utf-8")
    for address in PAGES:
        page.goto(f"{served.base}{address}")
        page.wait_for_load_state("networkidle")
        page.evaluate(source)
        assert list_violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert watched.faults == []


def test_a_text_that_is_not_saved_is_tried(chromium: Any, served: Served) -> None:
    watched = Watched.open(chromium, served, "en-US")
    do_month(watched, served, "en-US")
    page = watched.page
    page.goto(f"{served.base}/policies/policy")
    page.fill("#text", page.input_value("#text").replace("0.001", "0.002"))
    page.get_by_role("button", name="Try this text").click()
    page.locator("main", has_text="+1,700.00").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert list_violations(page) == []
    assert "0.002" not in (served.folder / "policy.toml").read_text(encoding="utf-8")
    assert watched.faults == []


def test_problems_follow_the_keys(chromium: Any, served: Served) -> None:
    watched = Watched.open(chromium, served, "en-US")
    page = watched.page
    page.goto(f"{served.base}/policies/policy")
    text = page.input_value("#text")
    page.fill("#text", text.replace("volume * 0.001", "volum * 0.001"))
    page.wait_for_selector("#problem-list li.error")
    assert "volume" in page.inner_text("#problem-list .advice")
    assert page.inner_text(".marks mark") == "volum"
    page.locator("#problem-list button").click()
    assert page.evaluate("document.activeElement.id") == "text"
    page.locator("#draft-state", has_text="kept as you type").wait_for()
    page.reload()  # as if the browser had gone away
    assert "volum * 0.001" in page.input_value("#text")
    page.locator(".notice.draft").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert list_violations(page) == []
    page.focus("#text")
    page.keyboard.press("Control+s")
    page.wait_for_url("**saved=1")
    assert "volum * 0.001" in (served.folder / "policy.toml").read_text(encoding="utf-8")
    assert watched.faults == []


IMPATIENT: Final = """
import sys
from pathlib import Path
from scorecore_web import routes, server
routes.PATIENCE = 0.0
server.serve_folder(Path(sys.argv[1]), 0, lambda address: print(address, flush=True))
"""


@pytest.mark.parametrize("size", sorted(SIZES))
def test_what_takes_long_shows_how_far_it_has_come(chromium: Any, tmp_path: Path, size: str) -> None:
    """From a form as well; the page itself asks for the result when it is there."""
    with serving(make_branch(tmp_path), "-c", IMPATIENT, str(tmp_path)) as served:
        watched = Watched.open(chromium, served, "en-US", size)
        page = watched.page
        page.route("**/work/*", lambda route: route.abort())  # as long as it is looked at
        page.goto(f"{served.base}/policies/policy/runs/2024-05")
        assert page.inner_text("h1") == "Deciding 2024-05"
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert list_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        watched.faults.clear()  # that it could not ask
        page.unroute("**/work/*")
        page.locator("table.people").wait_for()
        page.goto(f"{served.base}/record")
        page.get_by_role("button", name="Begin a record").click()
        page.wait_for_url("**/record?began=1")
        page.get_by_role("button", name="Verify").click()
        page.locator(".notice.done", has_text="consistent").wait_for()
        assert watched.faults == []
