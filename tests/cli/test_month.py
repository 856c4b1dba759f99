"""What `run` says of a month, what it ends with, and what it does to the files that are there."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from rich.text import Text

from command_line import call, lay_out
from laws import HEAD

PAY: Final = (
    HEAD
    + """
[facts.person]
base = { type = "decimal", unit = "CNY" }

[[pay]]
id = "base"
kind = "earning"
amount = "base"
"""
)
CARRY: Final = (
    PAY
    + """
[[pay]]
id = "rest"
kind = "adjustment"
amount = "carry.rest"

[carry.rest]
opens = 0
closes = "carry.rest + pay.base"
"""
)
HELD: Final = (
    PAY
    + """
[[holds]]
id = "board"
when = "base > 1000"
reason = "the board decides"
"""
)
BEGIN: Final = ("record", "begin")
MAY: Final = ("--period", "2024-05")


def begin(record: Path) -> Path:
    assert call(*BEGIN, record, "--single-operator").exit_code == 0
    return record


def count_runs(record: Path) -> int:
    return len(json.loads(call("record", "log", record, "--json").stdout)["runs"])


@pytest.mark.parametrize(
    ("policy", "rows", "code", "code_on_held"),
    [
        (PAY, "A,100\n", 0, 0),
        (HELD, "A,2000\n", 0, 1),
        (PAY, "A,x\n", 1, 1),
        (PAY, "A,\n", 1, 1),
        (PAY, ",100\nA,100\n", 1, 1),
        (PAY.replace('"base"\n', '"base * 0"\n'), "A,100\nA,200\n", 1, 1),
    ],
    ids=["fine", "held by the policy", "refused", "missing", "nobody", "twice"],
)
def test_the_exit_code_says_whether_facts_were_read(
    policy: str, rows: str, code: int, code_on_held: int, tmp_path: Path
) -> None:
    work = lay_out(tmp_path, policy, person=f"person,base\n{rows}")
    assert call("run", *work, *MAY).exit_code == code
    assert call("run", *work, *MAY, "--fail-on-held").exit_code == code_on_held


def test_a_refused_fact_that_no_result_needs_is_shown(tmp_path: Path) -> None:
    """It holds nobody, so that it would not be seen beside anybody."""
    policy = PAY.replace("[[pay]]", 'note = { type = "decimal", kept = true }\n\n[[pay]]')
    work = lay_out(tmp_path, policy, person="person,base,note\nA,100,12o\n")
    shown = call("run", *work, *MAY)
    assert shown.exit_code == 1
    assert "person.csv:2: SC512 `note` is `12o`" in shown.stdout
    assert "0 with something held" in shown.stdout


def test_what_was_not_written_by_us_stays(tmp_path: Path) -> None:
    """A folder or a workbook that somebody else wrote, or changed, is refused before anything is decided."""
    work = lay_out(tmp_path, PAY, person="person,base\nA,100\n")
    out, book = tmp_path / "out", tmp_path / "may.xlsx"
    for target in (out, book):
        assert call("run", *work, *MAY, "--out", target).exit_code == 0
        assert call("run", *work, *MAY, "--out", target).exit_code == 0  # ours
    for path in (*out.glob("*.csv"), book):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (out / "pay.csv").write_text("mine", encoding="utf-8")
    book.write_bytes(b"mine")
    record = begin(tmp_path / "record.scorecore")
    for target in (out, book):
        refused = call("run", *work, *MAY, "--out", target, "--record", record)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert count_runs(record) == 0
    assert (out / "pay.csv").read_text(encoding="utf-8") == "mine"
    assert call("run", *work, *MAY, "--out", out, "--force").exit_code == 0
    assert (out / "pay.csv").read_text(encoding="utf-8-sig").startswith("person,")
    assert sorted(path.name for path in out.iterdir() if path.name.startswith(".scorecore-")) == []


@pytest.mark.parametrize("out", ["", " ", "may.xls", "may.pdf", "x" * 300, "a/" + "x" * 300 + ".xlsx", "file"])
def test_paths_that_cannot_be_written_are_refused_first(out: str, tmp_path: Path) -> None:
    work = lay_out(tmp_path, PAY, person="person,base\nA,100\n")
    (tmp_path / "file").touch()
    record = begin(tmp_path / "record.scorecore")
    refused = call("run", *work, *MAY, "--record", record, "--out", out and (out if out == " " else tmp_path / out))
    assert refused.exit_code in {1, 2}
    assert refused.stdout == ""
    assert count_runs(record) == 0


def test_the_tables_of_a_recorded_run_can_be_written_at_any_time(tmp_path: Path) -> None:
    """The same bytes as when it was decided: with holds, with what is paid of earlier months."""
    people = "person,period,base\nA,2024-05,100\nB,2024-05,x\nA,2024-06,100\nB,2024-06,50\n"
    work = lay_out(tmp_path, HELD, person=people)
    record = begin(tmp_path / "record.scorecore")
    call("run", *work, *MAY, "--record", record, "--out", tmp_path / "may")
    (tmp_path / "facts" / "person.csv").write_text(people.replace("x", "70"), encoding="utf-8")
    call("record", "correct", record, "--facts", tmp_path / "facts", *MAY, "--reason", "late")
    call("run", *work, "--period", "2024-06", "--record", record, "--out", tmp_path / "june")
    for number, month in ((1, "may"), (3, "june")):
        written = call("record", "log", record, "--run", number, "--out", tmp_path / f"again {month}")
        assert written.exit_code == 0, written.output
        files = sorted((tmp_path / month).glob("*.csv"))
        assert {path.stem for path in files} == {"decisions", "entries", "pay", "holds", "adjustments", "payroll"}
        for path in files:
            assert path.read_bytes() == (tmp_path / f"again {month}" / path.name).read_bytes(), path.name
    assert call("record", "log", record, "--run", 9, "--out", tmp_path / "no").exit_code == 2


def test_a_history_has_to_begin(tmp_path: Path) -> None:
    """Nothing is recorded until somebody says that nothing was decided before; an empty sheet does not say it."""
    work = lay_out(tmp_path, CARRY, person="person,base\nA,100\n", history="person,period,carry.rest\n")
    record = begin(tmp_path / "record.scorecore")
    refused = call("run", *work, *MAY, "--record", record)
    assert refused.exit_code == 2
    assert "--no-history" in refused.stderr
    assert count_runs(record) == 0
    assert call("run", *work, *MAY, "--record", record, "--no-history").exit_code == 0
    june = call("run", *work, "--period", "2024-06", "--record", record)
    assert "200.00" in june.stdout


def test_a_correction_can_begin_a_history(tmp_path: Path) -> None:
    """A record whose first month was held for want of a history, as earlier versions wrote them."""
    work = lay_out(tmp_path, CARRY, person="person,base\nA,100\n")
    record = begin(tmp_path / "record.scorecore")
    (tmp_path / "facts" / "history.csv").write_text("person,period,carry.rest\nA,2024-04,\n", encoding="utf-8")
    assert call("run", *work, *MAY, "--record", record).exit_code == 0  # A was not decided in April
    corrected = call("record", "correct", record, "--facts", tmp_path / "facts", *MAY, "--reason", "r", "--no-history")
    assert corrected.exit_code == 2  # the record has what the run has read
    (tmp_path / "facts" / "history.csv").unlink()


def test_a_month_beside_the_last_recorded_one(tmp_path: Path) -> None:
    """Facts of a month alone are compared with what the record has; a preview records nothing."""
    work = lay_out(tmp_path, PAY, person="person,base\nA,100\nB,100\n")
    record = begin(tmp_path / "record.scorecore")
    call("run", *work, *MAY, "--record", record)
    answer_again = json.loads(
        call("run", *work, "--period", "2024-06", "--record", record, "--preview", "--json").stdout
    )
    assert [problem["code"] for problem in answer_again["problems"]] == ["SC454"]
    (tmp_path / "facts" / "person.csv").write_text("person,base\nA,150.5\nC,10\n", encoding="utf-8")
    shown = json.loads(call("run", *work, "--period", "2024-06", "--record", record, "--preview", "--json").stdout)
    reconciliation = shown["reconciliation"]
    assert (reconciliation["new"], reconciliation["gone"]) == (["C"], ["B"])
    assert reconciliation["movers"] == [{"subject": "A", "before": "100", "now": "150.5"}]
    assert reconciliation["totals"][-1] == {"kind": "result", "name": "pay.net", "before": "200", "now": "160.5"}
    assert count_runs(record) == 1


def test_a_policy_beside_names_the_table(tmp_path: Path) -> None:
    """A folder of facts may serve policies that lie together; what none of them names is noted."""
    work = lay_out(tmp_path, PAY, person="person,base,bank\nA,100,1\n", fines="person,id\n", histroy="person,period\n")
    codes = [line.split()[1] for line in call("run", *work, *MAY).stdout.splitlines() if ": SC45" in line]
    assert codes == ["SC450", "SC450", "SC452"]
    other_policy = (
        PAY.replace('id = "p"', 'id = "q"') + '\n[facts.fines]\nkey = ["id"]\nfields = { id = { type = "string" } }\n'
    )
    (tmp_path / "other.toml").write_text(other_policy.replace("base = {", "bank = {"), encoding="utf-8")
    shown = call("run", *work, *MAY).stdout
    assert [line.split()[1] for line in shown.splitlines() if ": SC45" in line] == ["SC450"]
    with_history = lay_out(tmp_path, CARRY)
    assert "did you mean `history`?" in call("run", *with_history, *MAY).stdout


@pytest.mark.parametrize(("dated_by", "notes"), [('dated_by = "day"', ["SC452"]), ("", [])])
def test_a_period_that_a_dated_event_need_not_have_is_noted(dated_by: str, notes: list[str], tmp_path: Path) -> None:
    """The day says to which period an event belongs; a column that says otherwise is not passed over in silence."""
    fields = '{ id = { type = "string" }, day = { type = "date" } }'
    policy = f'{PAY}\n[facts.fines]\nkey = ["id"]\n{dated_by}\nfields = {fields}\n'
    fines = "person,期间,id,day\nA,2024-05,1,2024-05-06\n"
    policy = policy.replace('amount = "base"', 'amount = "base"\nwhen = "fines.size() > 0"')
    work = lay_out(tmp_path, policy, person="person,base\nA,100\n", fines=fines)
    shown = json.loads(call("run", *work, *MAY, "--json").stdout)
    assert [problem["code"] for problem in shown["problems"]] == notes


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "{empty}"),
        ("test", "{empty}"),
        ("fmt", "{empty}"),
        ("sweep", "{policy}", "--facts", "{facts}", "--vary", "parameters.x=1e400..", "--period", "2024-05"),
        ("sweep", "{policy}", "--facts", "{facts}", "--vary", "parameters.x=0..1e400:1e399", "--period", "2024-05"),
        ("diff", "{policy}", "x" * 300, "--facts", "{facts}", "--period", "2024-05"),
        ("diff", "{policy}", "{policy}", "--facts", "{facts}", "--period", "2024-05", "--near", "1e400"),
        ("new", "x" * 300),
        ("run", "{policy}", "--facts", "{facts}", "--period", "2024-05", "--preview"),
        ("run", "{policy}", "--facts", "{facts}", "--period", "２０２４-０５"),
        ("run", "{policy}", "--facts", "{facts}", "--period", "2024-05", "--record", ""),
    ],
    ids=lambda arguments: " ".join(arguments)[:30],
)
def test_wrong_use_ends_with_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    lay_out(tmp_path, PAY, person="person,base\nA,100\n")
    (tmp_path / "empty").mkdir()
    places = {"empty": tmp_path / "empty", "policy": tmp_path / "policy.toml", "facts": tmp_path / "facts"}
    shown = call(*(argument.format_map(places) for argument in arguments))
    assert shown.exit_code == 2, shown.output
    assert Text.from_ansi(shown.stderr).plain.strip()


def test_periods_to_the_end_of_time(tmp_path: Path) -> None:
    work = lay_out(tmp_path, PAY, person="person,base\nA,100\n")
    shown = call("diff", work[0], *work, "--periods", "9999-11..9999-12", "--json")
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["periods"] == ["9999-11", "9999-12"]


@pytest.mark.parametrize("stdout", ["closed", "full"])
def test_an_output_that_cannot_be_written(stdout: str) -> None:
    """The program as it is started: a word on the stream of errors, a code, and no traceback."""
    redirection = ">&-" if stdout == "closed" else ">/dev/full"
    command = f"{sys.executable} -m scorecore_cli --version {redirection}"
    ended = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, env=os.environ)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "the output cannot be written" in ended.stderr
