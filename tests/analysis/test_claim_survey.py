"""The survey of claims: its page says what the proofs say, and little is open."""

import re
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from survey_claims import POLICIES, survey  # noqa: E402  a script

from scorecore_cli.workspace import Workspace  # noqa: E402

PAGE: Final = (ROOT / "docs" / "claims_survey.md").read_text("utf-8")


def test_little_is_open() -> None:
    """Of all results against all facts at most 8 % are neither proved nor broken."""
    counts = {answer: int(count) for answer, count in re.findall(r"\| (proved|broken|open) \| (\d+) \|", PAGE)}
    assert counts["open"] <= 0.08 * sum(counts.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tobacco/inspection", "retail/branch", "worked_examples/agents", "tender/fee"])
def test_the_page_says_what_is_proved(name: str) -> None:
    """As many claims as the page says, and each proof in milliseconds; `tools/survey_claims.py` writes the page."""
    path = (POLICIES / name).with_suffix(".toml")
    program = Workspace.open().check(path).program
    assert program is not None
    proved = survey(path, program, 0)
    on_page = dict(re.findall(r"\| (\S+/\S+) \| (\d+) \| \d+ \| \d+ \|", PAGE))
    assert on_page[name] == str(proved.counts["proved"])
    assert proved.seconds / proved.counts.total() < 0.05
