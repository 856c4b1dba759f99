"""The table of capabilities: all that the domain needs is there, and every file that it names."""

import re
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "capabilities.md"
CODES: Final = (
    *("DEADLINE", "APPROVE", "EVID", "ARCHIVE", "CAL", "COMPLAINT", "PAYLINK", "SCHED", "SCOPE", "LADDER", "GATE"),
    *("INSPECT", "TARGET", "BAND", "ORG", "MULTI", "BRANCH", "FINE", "FORMULA", "RATIO", "REPORT", "REVISE"),
    *("VIOL", "AUTH", "COMPOSE", "WSUM", "ATTEND", "DEDUCT", "HOBOUND", "TRAIN", "PLAN", "PROB", "JUDG", "REWARD"),
    *("SEGREG", "AGG", "CONFIRM", "DISCR", "VETO", "DISCLOSE", "RANK", "WAIVER", "ATTRIB", "CAP", "DELEG", "FUND"),
    *("TRACE", "BONUSPT", "ESCAL", "PERUNIT", "SOURCE", "ACCESS", "PTRIAL", "SERIAL", "APPEAL", "BENCH"),
    *("INTEREST", "STREAK", "UNCURED", "DEEMED", "MARG"),
)


def test_every_capability_has_a_row() -> None:
    """All 61, each once."""
    rows = re.findall(r"^\| ([A-Z]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(CODES)
    assert len(rows) == 61


def test_every_policy_has_a_row() -> None:
    """The 49 policies, in their order."""
    rows = re.findall(r"^\| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert list(map(int, rows)) == list(range(1, 50))


def test_every_file_that_is_named_is_there() -> None:
    """A link leads somewhere."""
    links = re.findall(r"\]\(([^)#]+)\)", PAGE.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
