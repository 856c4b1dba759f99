"""A period that format 1 recorded, with values over groups, is corrected by the same policy compiled today."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import copyfile
from typing import Final

import polars as pl
import pytest

from recording import KEY, NOW, Chance
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.model import SubjectFacts
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import AGO, HISTORY
from scorecore.plugins import installed, load_scorers
from scorecore.program.model import Program
from scorecore.record.corrections.changes import DecisionChange
from scorecore.record.corrections.correct import Correction, correct
from scorecore.record.corrections.redecide import redecide_later
from scorecore.record.log.log import Log
from scorecore.record.replay import replay
from scorecore.record.runs.manifest import Pins, Run
from scorecore.record.runs.payload import columns_of, key_of
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import Draft, append
from scorecore.values.canonical_json import decode
from scorecore.values.period import Period
from scorecore.values.unknown import Unknown

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "level1_policies.scorecore"
POLICY: Final = "cofco.promotion"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with Log.open(Path(copyfile(GOLDEN, tmp_path / "record.scorecore")), key=KEY, chance=Chance("correct")) as opened:
        yield opened


def decide_again(recorded: Recorded, run: Run, ratings: Mapping[str, str]) -> tuple[Decisions, Pins]:
    """What today's program decides by the facts of a run, with other ratings for some subjects."""
    text = recorded.log.blob(run.manifest["documents"][run.policy])
    program, _ = check_policy(Source("policy.toml", text.decode()), {}, load_scorers(installed(), Diagnostics()))
    assert program is not None
    period = program.period.period(run.period)
    assert period is not None
    people = [payload.facts for _entry, payload in recorded.decisions(run) if payload]
    raw = {"employee": write_people(program, people, ratings), HISTORY: write_history(program, period, people)}
    decisions = PeriodRunner(program).decide(period, raw, Diagnostics())
    assert decisions is not None
    return decisions, Pins.of(program, period, {run.policy: text}, {}, "test")


def write_people(program: Program, people: Sequence[SubjectFacts], ratings: Mapping[str, str]) -> RawTable:
    names = [column.name for column in program.schema.columns]
    rows = [
        {
            "employee": facts.subject,
            **{name: write_cell(facts.values[name]) for name in names},
            **({"rating": ratings[facts.subject]} if facts.subject in ratings else {}),
        }
        for facts in people
    ]
    return RawTable(pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)), "employee")


def write_history(program: Program, period: Period, people: Sequence[SubjectFacts]) -> RawTable:
    names = [column.name for column in program.schema.history]
    rows = []
    for facts in people:
        earlier = facts.rows[HISTORY]
        assert not isinstance(earlier, Unknown)
        for row in earlier:
            ago = row[AGO]
            assert isinstance(ago, int)
            label = str(program.period.ago(period, ago))
            rows.append({"employee": facts.subject, "period": label, **{name: write_cell(row[name]) for name in names}})
    return RawTable(pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String)), HISTORY)


def write_cell(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None or isinstance(value, Unknown) else str(value)


def correct_ratings(log: Log, ratings: Mapping[str, str]) -> Correction:
    recorded = Recorded.read(log)
    (run,) = recorded.of(POLICY)
    decisions, pins = decide_again(recorded, run, ratings)
    return correct(recorded, decisions, pins, reason="late")


def test_the_same_facts_change_nothing(log: Log) -> None:
    """Values over groups are compared though they had other names: everybody was recorded again."""
    assert correct_ratings(log, {}).changes == ()


def test_a_rating_changes_its_group_alone(log: Log) -> None:
    """Nobody in another department is decided again, and the correction replays."""
    recorded = Recorded.read(log)
    (run,) = recorded.of(POLICY)
    payloads = [payload for _, payload in recorded.decisions(run) if payload]
    group = {payload.facts.subject for payload in payloads if payload.facts.values["department"] == "销售部"}
    correction = correct_ratings(log, {"E01": "1"})
    assert {change.subject for change in correction.changes} == group
    append(log, correction.drafts, now=NOW, after=recorded.size)
    _, second_run = Recorded.read(log).of(POLICY)
    assert replay(log, second_run).differences == ()


def test_a_later_period_of_both_formats_is_decided_again(log: Log) -> None:
    """Some were decided by a run of format 1, some by its correction; an earlier period changes for all of them."""
    recorded = Recorded.read(log)
    append(log, correct_ratings(log, {"E01": "1"}).drafts, now=NOW, after=recorded.size)
    recorded = Recorded.read(log)
    run = recorded.of(POLICY)[-1]
    program = recorded.program(run)
    after = {"values": {"actions.top_three": False}}
    payloads = [standing.payload for standing in recorded.standing(POLICY, run.period).values()]
    subjects = [payload.facts.subject for payload in payloads if payload]
    changes = [DecisionChange(subject, "2024-Q1", 99, program, program, None, after) for subject in subjects]
    pins = Pins.again(log, run, "test")
    first = Draft(number=99, pins=pins, period="2024-Q1", about={}, decisions=[], counts={})
    ((draft, later_changes),) = redecide_later(recorded, first, changes, {"reason": "late"})
    promoted = {change.subject for change in later_changes if change.value("actions.promote") == (True, False)}
    assert promoted == {"E03"}
    names = {key_of(column.name) for column in columns_of(program)}
    assert all(decode(payload)["facts"]["values"].keys() <= names for _, payload in draft.decisions)
    append(log, [draft], now=NOW, after=recorded.size)
    assert replay(log, Recorded.read(log).of(POLICY)[-1]).differences == ()
