"""What a person decided is shown with who, under which clause and until when, beside the event it is about."""

import json
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner

from scorecore_cli.main import scorecore

HERE: Final = Path(__file__).parents[1] / "shown"
ARGUMENTS: Final = ["explain", str(HERE / "policy.toml"), "--facts", str(HERE / "facts"), "--period", "2024-05"]


def explained(person: str) -> dict[str, Any]:
    result = CliRunner().invoke(scorecore, [*ARGUMENTS, "--person", person, "--format", "json"])
    return dict(json.loads(result.stdout))


def printed(person: str) -> str:
    return CliRunner().invoke(scorecore, [*ARGUMENTS, "--person", person, "--lang", "zh"]).stdout


def test_a_waiver_names_who_and_the_clause() -> None:
    """The entry of 0 that a waiver leaves says who gave it, under which clause and until when; others say nothing."""
    entries = {ledger_entry.get("event"): ledger_entry for ledger_entry in explained("B1")["items"][0]["entries"]}
    assert entries["V1"]["details"] == {"waived_by": "张总", "clause": "第五条", "until": "2024-05-31"}
    assert entries["V1"]["points"] == "0"
    assert "details" not in entries["V2"]


def test_an_amount_names_who_set_it() -> None:
    """A pay line that adds up events lists those whose table has something shown."""
    assert "fines F1（决定人 王经理；依据 第十二条） = 200" in printed("B1")
    assert explained("B1")["pay"][0]["inputs"]["fines F2"] == "150"


def test_an_amount_outside_its_range_is_held() -> None:
    """400 yuan are outside 100 to 300: the line waits for a person, and the fine is named."""
    (line,) = explained("B2")["pay"]
    assert [reason["code"] for reason in line["held"]] == ["SC520"]
    assert "fines F3（决定人 王经理；依据 第十二条） = —" in printed("B2")
