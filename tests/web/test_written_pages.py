"""The pages that commands write, in Chromium: accessible, no wider than a telephone, and inert."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from chromium import AXE, SIZES, list_violations, open_chromium
from command_line import call

pytestmark = pytest.mark.browser
LONG: Final = "很长的名字" * 60
NAMES: Final = ("<script>window.acted = 1</script>", "=1+1", "\u202eabc", LONG, '"><img src=x onerror="acted=1">')
POLICY: Final = """
[policy]
id = "shop"
version = "1"
title = "<i onclick='acted=1'>Shop & Co</i>"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }
currency = "CNY"
text = "rule.txt"

[parameters.share]
authority = "第一条"
label = "<b>share</b>"
type = "decimal"
values = [ { from = 2024-01-01, is = 0.5 } ]

[facts.person]
name = { type = "string" }
branch = { type = "string", label = "<img src=x onerror=acted=1>" }
sales = { type = "decimal", min = 0, max = 1000, places = 2 }

[[items]]
id = "sales"
label = "<script>window.acted = 1</script>"
points = 80
scorer = "target"
actual = "sales"
target = "100"
round = 2

[score]
out_of = 80
round = 2

[[grades]]
id = "A"
label = "good"
from = 60

[[grades]]
id = "B"
label = "=poor()"
from = "lowest"

[[pay]]
id = "bonus"
kind = "reward"
amount = "round(sales * parameters.share, 2)"
"""

RULE: Final = """第一条 提成比例为 0.5。<script>window.acted = 1</script>
第二条 本规定自 2024 年 1 月 1 日起施行，"><img src=x onerror="acted=1">由 200 名员工适用。
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each kind of page about people and a policy that would act if they could."""
    folder = tmp_path_factory.mktemp("pages")
    numbers = enumerate(name.replace('"', '""') for name in NAMES)
    rows = [f'E{number},2024-05,"{name}",b{number % 2},{number * 20}' for number, name in numbers]
    text = "\n".join(["person,period,name,branch,sales", *rows])
    (folder / "facts").mkdir()
    (folder / "facts" / "person.csv").write_text(text, encoding="utf-8")
    (folder / "old.toml").write_text(POLICY, encoding="utf-8")
    (folder / "new.toml").write_text(POLICY.replace("is = 0.5", "is = 0.6"), encoding="utf-8")
    (folder / "rule.txt").write_text(RULE, encoding="utf-8")
    facts = ("--facts", folder / "facts", "--period", "2024-05")
    assert call("record", "begin", folder / "r", "--single-operator").exit_code == 0
    assert call("run", folder / "old.toml", *facts, "--record", folder / "r").exit_code == 0
    commands: dict[str, tuple[object, ...]] = {
        "run": ("run", folder / "old.toml", *facts, "--html"),
        "sweep": ("sweep", folder / "old.toml", *facts, "--vary", "parameters.share=0.4..0.6:0.1", "--html"),
        "diff": ("diff", folder / "old.toml", folder / "new.toml", *facts, "--html"),
        "statements": ("statements", folder / "old.toml", *facts, "--out"),
        "document": ("document", folder / "old.toml", "--out"),
        "trace": ("trace", folder / "old.toml", "--html"),
        "dashboard": ("record", "dashboard", folder / "r", "--html"),
    }
    written = {}
    for name, command in commands.items():
        for language in ("en", "zh"):
            path = folder / f"{name}.{language}.html"
            code = 1 if name == "trace" else 0  # an article has no part
            assert call(*command, path, "--lang", language).exit_code == code, name
            written[path.name] = path
    return written


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with open_chromium() as browser:
        yield browser


@pytest.mark.parametrize("size", sorted(SIZES))
def test_written_pages_are_accessible_fit_and_do_nothing(chromium: Any, pages: dict[str, Path], size: str) -> None:
    """axe-core finds nothing; nothing but a table scrolls; no text acts; nothing is loaded from elsewhere."""
    width, height = SIZES[size]
    faults: dict[str, Any] = {}
    for name, path in pages.items():
        page = chromium.new_context(viewport={"width": width, "height": height}, bypass_csp=True).new_page()
        requests: list[str] = []
        page.on("request", lambda request, requests=requests: requests.append(request.url))
        page.goto(path.as_uri())
        assert requests == [path.as_uri()]
        assert page.evaluate("window.acted") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.add_script_tag(path=AXE)
        if violations := list_violations(page):
            faults[name] = violations
    assert faults == {}
