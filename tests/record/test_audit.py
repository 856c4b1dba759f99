"""What an auditor samples is what the record has: nothing twice, nothing left out, each row with its entry."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner, Result

from scorecore.record.audit import COLUMNS, ERASED, SUPERSEDED, VALID, WITHDRAWN, Audit, AuditSelection
from scorecore.record.corrections.adjustments import read_adjustments
from scorecore.record.log.log import Log
from scorecore.record.runs.recorded import Recorded
from scorecore_cli.labels import localizer
from scorecore_cli.main import scorecore
from tampering import build

GOLDEN: Final = Path(__file__).parents[1] / "golden"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, [*map(str, arguments), "--lang", "en"], catch_exceptions=False)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months, a correction that a later month follows from, and an erasure."""
    return Path(shutil.copy(GOLDEN / "exact.scorecore", tmp_path_factory.mktemp("audit") / "r"))


@pytest.fixture(scope="module")
def recorded(record: Path) -> Iterator[Recorded]:
    with Log.open(record) as log:
        yield Recorded.read(log)


def look(recorded: Recorded, **selection: object) -> Audit:
    return Audit.of(recorded, AuditSelection(**selection), localizer)  # type: ignore[arg-type]  # names of the class


def test_every_decision_is_there_once(recorded: Recorded) -> None:
    """As many as the closing entries count; of each person and period one is valid, erased or withdrawn."""
    decisions = look(recorded).decisions
    assert len(decisions) == sum(run.close["decisions"] for run in recorded.runs)
    assert len({decision.entry.index for decision in decisions}) == len(decisions)
    states = Counter(decision.status for decision in decisions)
    assert states.keys() <= {VALID, SUPERSEDED, WITHDRAWN, ERASED}
    assert states[SUPERSEDED]
    assert states[ERASED]


def test_what_is_valid_is_what_stands(recorded: Recorded) -> None:
    """By the other way of finding it, which `explain --record` uses."""
    for policy, period in {(run.id, run.period) for run in recorded.runs}:
        standing = {each.entry.index for each in recorded.standing(policy, period).values()}
        valid = look(recorded, period=period, only_valid=True).decisions
        assert {decision.entry.index for decision in valid if decision.run.id == policy} == standing


def test_sums_are_the_results(recorded: Recorded) -> None:
    """The points of the entries of a decision are the values of its accounts, the effects of its lines its net pay."""
    tables = look(recorded).tables()
    assert list(tables) == list(COLUMNS)
    net = tables["pay"].group_by("entry").agg(pl.col("effect").sum())
    joined = tables["decisions"].join(net, on="entry")
    assert joined.height
    assert joined["net"].cast(pl.Decimal(38, 6)).to_list() == joined["effect"].cast(pl.Decimal(38, 6)).to_list()
    points = dict(tables["entries"].group_by("entry").agg(pl.col("points").sum()).rows())
    totals = dict(tables["decisions"].select("entry", "total").drop_nulls().rows())
    assert {entry: points[entry] for entry in totals} == totals
    assert tables["others"]["what"].to_list() == ["genesis", "erasure"]


def test_what_is_paid_of_earlier_periods_and_what_was_withdrawn(tmp_path: Path) -> None:
    build(tmp_path / "r")
    with Log.open(tmp_path / "r") as log:
        recorded = Recorded.read(log)
        tables = look(recorded).tables()
        paid = [adjustment for run in recorded.runs for adjustment in read_adjustments(recorded, run)]
    assert paid
    assert tables["adjustments"]["effect"].sum() == sum(adjustment.effect for adjustment in paid)
    assert WITHDRAWN in tables["decisions"]["status"].to_list()


def test_a_sample_is_drawn_by_its_seed(recorded: Recorded) -> None:
    """The same again, another with another seed; a larger sample contains a smaller one."""
    five, ten, other_sample = (
        [decision.entry.index for decision in look(recorded, sample=count, seed=seed).decisions]
        for count, seed in ((5, "2024"), (10, "2024"), (5, "2025"))
    )
    assert len(five) == 5
    assert set(five) < set(ten)
    assert five != other_sample
    assert five == [decision.entry.index for decision in look(recorded, sample=5, seed="2024").decisions]


def test_what_was_valid_when_a_checkpoint_was_signed(record: Path, recorded: Recorded, tmp_path: Path) -> None:
    first = recorded.runs[0]
    checkpoint = tmp_path / "april.txt"
    checkpoint.write_text(recorded.log.checkpoint(first.stop).note, encoding="utf-8")
    then = call("record", "log", record, "--until", checkpoint, "--valid", "--json")
    decisions = json.loads(then.stdout)["decisions"]
    assert {decision["run"] for decision in decisions} == {first.number}
    assert len(decisions) == first.close["decisions"]
    shown = call("record", "log", record, "--until", checkpoint).stdout
    assert f"{first.stop} entries" in shown
    assert "erased at" not in shown
    checkpoint.write_text("no checkpoint", encoding="utf-8")
    assert call("record", "log", record, "--until", checkpoint).exit_code == 1


def test_an_auditor_gets_a_workbook(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "audit.xlsx"
    result = call("record", "log", record, "--out", out, "--sample", "3", "--seed", "7")
    assert result.exit_code == 0
    assert "3 of 80 decisions, drawn with the seed 7" in result.stdout
    book = openpyxl.load_workbook(out)
    assert len(book.sheetnames) == len(COLUMNS)
    assert book["decisions"].max_row == 4
    assert book["decisions"]["G2"].value in {"valid", "superseded", "erased"}
    assert call("record", "log", record, "--sample", "3").exit_code == 2
    assert call("record", "log", record, "--valid", "--person", "nobody").exit_code == 2
    assert "80 decisions" in call("record", "log", record, "--out", tmp_path / "all").stdout


def test_what_was_valid_after_a_run_is_explained(record: Path, recorded: Recorded) -> None:
    """The first decision and its correction apart, though both were recorded on one day."""
    correction = next(run for run in recorded.runs if run.corrects)
    person = next(payload.facts.subject for _, payload in recorded.decisions(correction) if payload)
    asked = ("explain", "--record", record, "--period", correction.period, "--person", person, "--format", "json")
    before, after, last = (
        json.loads(call(*asked, *more).stdout)
        for more in (("--run", correction.corrects), ("--run", correction.number), ())
    )
    assert before.pop("recorded")["run"] == correction.corrects
    assert after == last
    assert before != {name: part for name, part in after.items() if name != "recorded"}
    for number in (99, next(run.number for run in recorded.runs if run.period != correction.period)):
        assert call(*asked, "--run", number).exit_code == 2


def test_a_replay_says_who_decided_and_who_decides_again(record: Path) -> None:
    result = call("record", "replay", record, "--person", "B1001", "--json")
    data = json.loads(result.stdout)
    assert data["engine"].startswith("scorecore ")
    assert {run["engine"] for run in data["runs"]} == {"golden"}
    assert "replayed by scorecore" in call("record", "replay", record, "--person", "B1001").stdout
