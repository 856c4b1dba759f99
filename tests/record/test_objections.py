"""Somebody objects to a decision: who may answer, by when, with which correction, and what is contested."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

from corrections import compiled
from laws import HEAD
from operators import ANNA, BO, CHEN, acting, begin_with_operators, codes, confirm, read
from recording import KEY, NOW, Chance, create
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.evaluate.decisions import NET, Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.plugins import installed, load_scorers
from scorecore.program.digest import program_digest
from scorecore.program.serialize import deserialize, serialize
from scorecore.program.texts import texts_digest
from scorecore.record.corrections.correct import correct
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore.record.log.signatures import Signer
from scorecore.record.log.verify import verify
from scorecore.record.people.contest import (
    ContestedEntry,
    answer,
    count_as,
    decide_without,
    find_deadlines,
    list_contestable,
    object_to,
    read_answer,
    read_objection,
)
from scorecore.record.people.objections import ACCEPTED, REFUSED, RecordedObjection
from scorecore.record.people.operators import ANSWER, OBJECTION
from scorecore.record.record_run import record_run
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.record.runs.runs import append

RULES: Final = """
[objections]
within = 10
answered_within = 2
calendar = "work"
unanswered = "accepted"
"""
POLICY: Final = (
    HEAD
    + """
[calendars.work]
covers = { from = 2024-01-01, to = 2024-12-31 }
holidays = [2024-06-10]

[facts.person]
late = { type = "bool" }

[facts.meetings]
key = ["date"]
dated_by = "date"
fields = { date = { type = "date" }, attended = { type = "bool" } }

[[items]]
id = "rules"
points = 10
scorer = "deduction"

[[items.rules]]
each = "meetings"
as = "m"
where = "!m.attended"
take = "2"
reason = "missed"

[[items.rules]]
where = "late"
take = "3"
reason = "late"

[score]
out_of = 10

[[pay]]
id = "bonus"
kind = "earning"
amount = "score.total * 100"

[[pay]]
id = "fee"
kind = "deduction"
amount = "50"
"""
    + RULES
)
PROGRAM: Final = compiled(POLICY)
MAY: Final = "2024-05"
MEETINGS: Final = [("1", "2024-05-06", "false"), ("1", "2024-05-13", "false"), ("2", "2024-05-06", "true")]


def decided(meetings: list[tuple[str, str, str]]) -> Decisions:
    period = PROGRAM.period.period(MAY)
    assert period is not None
    people = pl.DataFrame([("1", "true"), ("2", "false")], schema=["person", "late"], orient="row")
    events = pl.DataFrame(meetings, schema=["person", "date", "attended"], orient="row")
    tables = {"person": RawTable(people, "person"), "meetings": RawTable(events, "meetings")}
    decisions = PeriodRunner(PROGRAM).decide(period, tables, Diagnostics())
    assert decisions is not None
    return decisions


def record_may(log: Log) -> None:
    record_run(log, decided(MEETINGS), {"p@1": POLICY.encode()}, now=NOW, engine="test", recorded=Recorded.read(log))


def correct_may(log: Log, meetings: list[tuple[str, str, str]]) -> None:
    recorded = Recorded.read(log)
    pins = Pins.again(log, recorded.runs[-1], "test")
    correction = correct(recorded, decided(meetings), pins, reason="objection")
    append(log, correction.drafts, now=NOW, after=recorded.size)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """May is approved: Anna has recorded it, Bo has approved it."""
    begin_with_operators(tmp_path / "record.scorecore")
    with acting(tmp_path / "record.scorecore", ANNA) as log:
        record_may(log)
    confirm(tmp_path / "record.scorecore", 1)
    return tmp_path / "record.scorecore"


def standing_of(recorded: Recorded, person: str) -> Standing:
    (standing,) = recorded.standing("p", MAY, person).values()
    return standing


def contest(log: Log, now: datetime = NOW, place: int | None = 0, person: str = "1", **options: Any) -> int:
    """Object to what is listed at a place, or to the whole decision; the entry of the objection."""
    recorded = Recorded.read(log)
    standing = standing_of(recorded, person)
    assert standing.payload is not None
    contested = None if place is None else list_contestable(standing.payload)[place]
    object_to(recorded, standing, "the meeting was cancelled", now=now, contested=contested, **options)
    return max(Recorded.read(log).people.objections)


def reply(log: Log, entry: int, verdict: str, now: datetime = NOW, **options: Any) -> RecordedObjection:
    recorded = Recorded.read(log)
    answer(recorded, recorded.people.objections[entry], verdict, "as the list of visitors says", now=now, **options)
    return Recorded.read(log).people.objections[entry]


def test_an_objection_is_refused_by_another_operator(path: Path) -> None:
    """What it says stands where it can be erased; whoever recorded the run cannot answer it."""
    digest = sha256(b"a letter").hexdigest()
    with acting(path, ANNA) as log:
        entry = contest(log, evidence=[digest])
        objection = Recorded.read(log).people.objections[entry]
        text = read_objection(Recorded.read(log), objection)
        assert text is not None
        assert (text.subject, text.contested, text.evidence) == ("1", ContestedEntry("items.rules", 1, 0), (digest,))
        assert b"cancelled" not in log.entry(entry).body
        assert codes(lambda: reply(log, entry, REFUSED)) == ["SC863"]
    with acting(path, BO) as log:
        answered = reply(log, entry, REFUSED).answer
        assert answered is not None
        assert (answered.verdict, str(answered.maker)) == (REFUSED, "bo")
        assert read_answer(Recorded.read(log), answered.entry) == "as the list of visitors says"
        assert codes(lambda: reply(log, entry, REFUSED)) == ["SC875"]
    assert verify(path).sound


def test_an_objection_is_accepted_with_its_correction(path: Path) -> None:
    """Of the same decision, after it, and in force; one who recorded the run may not answer."""
    with acting(path, ANNA) as log:
        entry = contest(log)
    with acting(path, BO) as log:
        assert codes(lambda: reply(log, entry, ACCEPTED, correction=1)) == ["SC876"]
    with acting(path, CHEN) as log:
        correct_may(log, MEETINGS[1:])
        assert codes(lambda: reply(log, entry, ACCEPTED, correction=2)) == ["SC876"]
    confirm(path, 2)
    with acting(path, BO) as log:
        answered = reply(log, entry, ACCEPTED, correction=2).answer
        assert answered is not None
        assert answered.correction == 2
        other_objection = contest(log, person="2")
        assert codes(lambda: reply(log, other_objection, ACCEPTED, correction=2)) == ["SC876"]
    with acting(path, CHEN) as log:
        recorded = Recorded.read(log)
        object_to(recorded, standing_of(recorded, "1"), "still wrong", now=NOW)
        last = max(Recorded.read(log).people.objections)
        assert codes(lambda: reply(log, last, REFUSED)) == ["SC877"]


@pytest.mark.parametrize(
    ("day", "code"), [(date(2024, 6, 18), ""), (date(2024, 6, 19), "SC878")], ids=["in time", "late"]
)
def test_objections_end_by_the_calendar(path: Path, day: date, code: str) -> None:
    """Ten working days after 3 June, without the holiday, are over on 18 June."""
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    with acting(path, ANNA) as log:
        if code:
            assert codes(lambda: contest(log, now)) == [code]
        else:
            assert contest(log, now) == 13


def test_a_missed_answer_means_what_the_policy_says(path: Path) -> None:
    """Two working days after Friday are over on Tuesday, or on Wednesday where Monday is a holiday."""
    friday = datetime(2024, 6, 7, 9, tzinfo=UTC)
    with acting(path, ANNA) as log:
        entry = contest(log, friday)
        recorded = Recorded.read(log)
        objection = recorded.people.objections[entry]
        assert find_deadlines(recorded, objection.run, objection.at).answering == date(2024, 6, 12)
        assert count_as(recorded, objection, friday + timedelta(days=5)) is None
        assert count_as(recorded, objection, friday + timedelta(days=6)) == ACCEPTED
    with acting(path, BO) as log:
        assert codes(lambda: reply(log, entry, REFUSED, friday + timedelta(days=6))) == ["SC879"]
        assert reply(log, entry, REFUSED, friday + timedelta(days=5)).answer is not None


@pytest.mark.parametrize(
    ("place", "total", "net"),
    [(0, ("3", "5"), ("250", "450")), (2, ("3", "6"), ("250", "550")), (4, ("3", "3"), ("250", "300"))],
    ids=["an event", "a rule", "a pay line"],
)
def test_a_decision_with_and_without_what_is_contested(
    path: Path, place: int, total: tuple[str, str], net: tuple[str, str]
) -> None:
    with acting(path, ANNA) as log:
        entry = contest(log, place=place)
    with Log.open(path) as log:
        recorded = Recorded.read(log)
        sides = decide_without(recorded, recorded.people.objections[entry])
    assert sides is not None
    values = (sides.recorded["values"], sides.without["values"])
    assert tuple(side["score.total"] for side in values) == total
    assert tuple(side[NET] for side in values) == net


def test_a_single_operator_answers_objections(tmp_path: Path) -> None:
    """Nobody else can; an erasure destroys what was said, and the record still verifies."""
    with create(tmp_path / "single") as log:
        record_may(log)
        entry = contest(log, place=None)
        assert reply(log, entry, REFUSED).answer is not None
        log.erase("1", now=NOW, reason="request 7")
        recorded = Recorded.read(log)
        objection = recorded.people.objections[entry]
        assert (read_objection(recorded, objection), decide_without(recorded, objection)) == (None, None)
        assert read_answer(recorded, entry + 1) == ""
    assert verify(tmp_path / "single").sound


def _object_to_somebody_else(recorded: Recorded) -> NewLogEntry:
    (run,) = recorded.runs
    decision = standing_of(recorded, "2").entry.index
    fields: Mapping[str, Any] = {"decision": decision, "number": 1, "run": run.digest}
    return NewLogEntry(OBJECTION, fields, b"{}", "1", MAY)


def _answer_what_nobody_asked(_recorded: Recorded) -> NewLogEntry:
    return NewLogEntry(ANSWER, {"objection": 3, "verdict": REFUSED}, b"{}", "1", MAY)


@pytest.mark.parametrize(
    ("forged", "key", "code"),
    [
        (_object_to_somebody_else, ANNA, "SC874"),
        (_answer_what_nobody_asked, BO, "SC875"),
        (_answer_what_nobody_asked, ANNA, "SC863"),
    ],
)
def test_forged_objections_are_found(path: Path, forged: Any, key: SigningKey, code: str) -> None:
    with Log.open(path, key=KEY, chance=Chance("forged"), signer=Signer(key)) as log:
        entry = forged(Recorded.read(log))
        log.guard = lambda *_: None
        log.append([entry], now=NOW)
    assert codes(lambda: read(path)) == [code]


# in the policy


def test_how_people_object_decides_nothing() -> None:
    """It is packed with the words of a program, and read again; without it the words are as they were."""
    without = compiled(POLICY.replace(RULES, ""))
    assert program_digest(without) == program_digest(PROGRAM)
    assert texts_digest(without) != texts_digest(PROGRAM)
    packed = serialize(PROGRAM)
    assert deserialize(packed, program_digest(PROGRAM), texts_digest(PROGRAM)).objections == PROGRAM.objections


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("within = 10", "within = 0"), "SC399"),
        (('calendar = "work"', 'calendar = "wrok"'), "SC253"),
        (('unanswered = "accepted"', 'unanswered = "referred"'), "SC102"),
    ],
)
def test_what_is_wrong_with_deadlines(change: tuple[str, str], code: str) -> None:
    source = Source("policy.toml", POLICY.replace(*change))
    program, diagnostics = check_policy(source, {}, load_scorers(installed(), Diagnostics()))
    assert program is None
    assert [diagnostic.kind.code for diagnostic in diagnostics] == [code]
