"""The month of each role from `serve --sample` with the pages alone, in a real browser and in both languages.

The officer hands June in, the approver approves it; the employee reads their statement and objects; the approver reads
both sides and refuses; the employee reads the answer; the auditor verifies; the administrator gives an account.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest
from attrs import field, frozen

from chromium import AXE, SIZES, list_violations, open_chromium

pytestmark = pytest.mark.browser
MAX_TABS: Final = 150
FOCUSED: Final = """() => {
    const focused = document.activeElement;  // a table that scrolls has the focus as well, and all names in it
    return focused.getAttribute("role") === "group" ? "" : (focused.labels?.[0] ?? focused).innerText;
}"""
REASON: Final = "<script>window.acted = 1</script> 我那天请假"
ANSWER: Final = "the target was not reached 未完成目标"


@frozen
class Walk:
    """Somebody who goes through the pages, each of which is looked at: accessible, as wide as the screen, and inert."""

    page: Any
    start: str
    faults: list[Any] = field(factory=list)

    @property
    def base(self) -> str:
        return self.start.partition("/sign-in")[0]

    def watch(self) -> None:
        self.page.on(
            "console", lambda message: message.type in {"error", "warning"} and self.faults.append(message.text)
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: request.url.startswith(self.base) or self.faults.append(request.url))

    def be(self, name: str) -> None:
        self.page.goto(self.start)
        self.page.click(f'main li:has(h2:text-is("{name}")) button')
        self.look()

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.look()

    def tab_to(self, name: str) -> None:
        """Go on with the tab key until what has the focus is called so."""
        for _ in range(MAX_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if name in " ".join((focused or "").split()):
                return
        raise AssertionError(f"no key leads to {name}")

    def press(self, name: str, arrives: str) -> None:
        """Go there with the tab key, and press Enter, which leads to another page."""
        self.tab_to(name)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.page.locator(".working").wait_for(state="detached")  # what takes long asks again by itself
        self.page.locator(arrives).first.wait_for()
        self.page.wait_for_load_state("networkidle")

    def become(self, name: str) -> None:
        """Be somebody else, by the keys alone."""
        self.page.goto(self.start)
        self.press(f"be {name}", ".who")

    def look(self) -> None:
        page = self.page
        page.locator(".working").wait_for(state="detached")  # what takes long asks again by itself
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        self.faults.extend((page.url, violation) for violation in list_violations(page))
        for width, height in SIZES.values():
            page.set_viewport_size({"width": width, "height": height})
            if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                self.faults.append((page.url, width))
        if page.evaluate("window.acted"):
            self.faults.append((page.url, "acted"))


@pytest.fixture
def walk(request: pytest.FixtureRequest) -> Iterator[Walk]:
    lang = "zh" if request.param == "zh-CN" else "en"
    command = [sys.executable, "-m", "scorecore_cli", "serve", "--sample", "--no-browser", "--lang", lang]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, open_chromium() as browser:
        assert process.stdout
        match = re.search(r"http://\S+", process.stdout.readline())
        assert match
        walk = Walk(browser.new_context(locale=request.param).new_page(), match[0])
        walk.watch()
        yield walk
        process.terminate()


@pytest.mark.parametrize("walk", ["en-US", "zh-CN"], indirect=True)
def test_the_month_of_each_role(walk: Walk) -> None:
    page = walk.page
    walk.be("officer")
    walk.click('ul.waiting a[href*="manager_east-2025.2/runs/2025-06"]')
    walk.click("section.record button")
    assert page.url.endswith("?recorded=1")
    walk.be("approver")
    walk.click('ul.waiting a[href*="from=proposal"]')
    walk.click("button[value=approve]")
    assert page.url.endswith("?settled=1")
    walk.be("employee")
    walk.click('ul.months li:has(h2:text-is("2025-06")) a')
    assert "8,119.63" in page.inner_text("article.statement h1")
    page.select_option("#contested", index=2)
    page.fill("#objection-reason", REASON)
    letter = {"name": "<b>信.txt", "mimeType": "text/plain", "buffer": b"leave"}
    page.set_input_files("#evidence-field", files=[letter])
    walk.click("section.record button")
    walk.be("approver")
    walk.click('ul.waiting a[href="/objections"]')
    walk.click("main table a")
    assert REASON in page.inner_text("main")
    assert "8,119.63" in page.inner_text("#sides + div")
    page.check("input[value=refused]")
    page.fill("#answer-reason", ANSWER)
    walk.click("section.record button")
    walk.be("employee")
    walk.click('ul.months li:has(h2:text-is("2025-06")) a')
    assert ANSWER in page.inner_text("main")
    walk.be("auditor")
    walk.click('a[href="/record"]')
    walk.click("form[action^='/record/verify'] button")
    page.locator(".notice.done").wait_for()
    assert page.locator("form[action='/record/object'], form[action$='/settle']").count() == 0
    walk.be("administrator")
    page.fill("#new-name", "li.na")
    page.locator("section[aria-labelledby=new] input[name=role-auditor]").check()
    walk.click("section[aria-labelledby=new] button")
    assert "li.na" in page.inner_text("main")
    walk.click(".who button")
    walk.click('main li:has(h2:text-is("li.na")) button')
    assert page.locator('a[href="/objections"]').count() == 1
    assert walk.faults == []


@pytest.mark.parametrize("walk", ["en-US"], indirect=True)
def test_the_keyboard_suffices_for_every_role(walk: Walk) -> None:
    """Who keeps policies, hands in, approves, objects, answers, audits, and gives accounts."""
    keys = walk.page.keyboard
    walk.become("officer")
    walk.press("2025-06 has facts and is not recorded", "section.record")
    walk.press("Record 2025-06", ".state.open")
    walk.press("Policy", "#text")
    walk.tab_to("text of the policy")  # of the field; the link has the name as well
    while walk.page.evaluate("document.activeElement.id") != "text":
        keys.press("Tab")
    keys.press("Control+End")
    keys.type("# read once more\n")
    with walk.page.expect_navigation():
        keys.press("Control+s")
    walk.page.locator(".notice.done", has_text="saved").wait_for()
    walk.become("approver")
    walk.press("2025-06 waits for approval", "#settle")
    walk.press("Approve", "text=is what the record has")
    walk.become("employee")
    walk.press("read 2025-06", "#contested")
    walk.tab_to("what is contested")
    keys.press("ArrowDown")
    walk.tab_to("why: what is wrong")
    keys.type("I was on leave")
    walk.press("Object", ".notice.done")
    walk.become("approver")
    walk.press("for an answer", "main table a")
    walk.press("look at it", "#answer-reason")
    walk.tab_to("remains as it is")
    keys.press("Space")
    walk.tab_to("why, which the person reads")
    keys.type("the target was not reached")
    walk.press("Answer", "text=done, and signed")
    walk.become("auditor")
    walk.press("Record", "#verify")
    walk.press("Verify", ".notice.done")
    walk.become("administrator")
    walk.tab_to("name")
    keys.type("li.na")
    walk.tab_to("auditor")
    keys.press("Space")
    walk.press("Add", "summary:has-text('li.na')")
    assert walk.faults == []
