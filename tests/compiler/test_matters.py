"""Matters with stages: what is read of them is what the dates say, in rows, in columns and in the file of a proof."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matter_policy import CLOCKS, TEXT
from scorecore.analysis.open_matters import list_open_matters
from scorecore.compiler.compile import compile_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.evaluate.batch import evaluator as columns
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.ingest import ingest
from scorecore.facts.inspect import find_fact_faults
from scorecore.facts.model import Facts
from scorecore.facts.raw import RawTable
from scorecore.facts.subject_facts import subject_facts
from scorecore.program.digest import program_digest
from scorecore.program.model import Program
from scorecore.program.serialize import deserialize, serialize
from scorecore.program.texts import texts_digest
from scorecore.record.decide import Decider, NoValue
from scorecore.record.runs.payload import encode_payload
from scorecore.values.canonical_json import decode, encode
from scorecore.values.period import Period
from scorecore.values.unknown import Unknown
from scorecore_cli.language import choose
from scorecore_cli.template import sheets_of

HOLIDAYS: Final = {date(2024, 5, 1), date(2024, 5, 2), date(2024, 5, 3), date(2024, 6, 10)}
EXTRA: Final = {date(2024, 5, 11)}
STATES: Final = ("late", "in_time", "running", "overdue")
STAGES: Final = ("taken", "announced", "answered", "filed")


@cache
def compiled() -> Program:
    reads = [(f"{clock}_{state}", f"m.{clock}.{state}") for clock in CLOCKS for state in STATES]
    reads += [(f"{stage}_{state}", f"m.{stage}.{state}") for stage in STAGES for state in ("reached", "in_period")]
    reads += [("lacking", "m.announced.lacking"), ("open", "m.open"), ("taken_over", "m.taken_over")]
    reads += [(f"stage_{stage}", f"m.stage == '{stage}'") for stage in STAGES]
    values = (
        f'[values.n_{name}]\nis = "complaints.filter(m, {condition}).size()"\nresult = "int"\n'
        for name, condition in reads
    )
    return compile_policy(Source("matters.toml", TEXT + "".join(values)), {}, {})


# the same by stepping from day to day


def works(day: date) -> bool:
    return day in EXTRA or (day.weekday() < 5 and day not in HOLIDAYS)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def worked(start: datetime, end: datetime) -> float:
    """Working hours between two moments."""
    if end < start:
        return -worked(end, start)
    total, day = timedelta(), start.date()
    while day <= end.date():
        for first, last in ((9, 12), (13, 18)) if works(day) else ():
            opens, closes = datetime.combine(day, time(first)), datetime.combine(day, time(last))
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(1)
    return total.total_seconds() / 3600


def after_workdays(day: date, count: int) -> date:
    while count:
        day += timedelta(1)
        count -= works(day)
    return day


def day_of(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


Row = dict[str, Any]


def describe_clock(name: str, row: Row) -> tuple[date | None, list[date], Any]:
    """When a clock began, what stopped it, and whether a moment is within it; `None`: the moment is not one."""
    received, stops = row["taken"], [row[each] for each in ("answered", "announced") if row[each]]
    if name == "reply":
        return received, stops, lambda moment: (moment - received) <= timedelta(hours=24)
    if name == "quick":
        limit = 4 if row["serious"] else 12
        return received, [row["answered"]] if row["answered"] else [], lambda moment: worked(received, moment) <= limit
    filed = [row["filed"]] if row["filed"] else []
    if name == "filing":
        due = row["answered"] and after_workdays(day_of(row["answered"]), 3)
        return row["answered"], filed, lambda moment: day_of(moment) <= due
    if name == "whole":
        due = received.date() + timedelta(20)
        return received if row["serious"] else None, filed, lambda moment: day_of(moment) <= due
    announced = row["announced"]
    due = announced and (row["promised"] or announced.date() + timedelta(5))
    return announced, [row["answered"]] if row["answered"] else [], lambda moment: day_of(moment) <= due


def expect_clock(name: str, row: Row, period: Period) -> set[str]:
    """The states of a clock, from its definition."""
    since, stops, is_within = describe_clock(name, row)
    if since is None or day_of(since) > period.end:
        return set()
    early = row["taken"].date() + timedelta(2) if name == "whole" else date.min
    kept = [stop for stop in stops if is_within(stop) and day_of(stop) >= early]
    passed, had_passed = not is_within(midnight(period.end + timedelta(1))), not is_within(midnight(period.start))
    stopped = any(day_of(stop) <= period.end for stop in stops)
    states = {"late"} if passed and not had_passed and not kept else set()
    first = min(map(day_of, kept), default=None)
    states |= {"in_time"} if first and period.start <= first <= period.end else set()
    states |= {"overdue" if passed else "running"} if not stopped else set()
    return states


def expect(row: Row, period: Period) -> Iterator[str]:
    """Everything that holds of a row."""
    for clock in CLOCKS:
        yield from (f"{clock}_{state}" for state in expect_clock(clock, row, period))
    days = {stage: day_of(row[stage]) for stage in STAGES if row[stage]}
    reached = [stage for stage in STAGES if stage in days and days[stage] <= period.end]
    for stage in reached:
        yield f"{stage}_reached"
        if days[stage] >= period.start:
            yield f"{stage}_in_period"
            yield from ("lacking",) if stage == "announced" and row["promised"] is None else ()
    yield f"stage_{reached[-1] if reached else 'taken'}"
    yield from ("open",) if reached and reached[-1] not in {"answered", "filed"} else ()
    before = [stage for stage in days if days[stage] < period.start]
    yield from ("taken_over",) if before and before[-1] not in {"answered", "filed"} else ()


MOMENTS: Final = st.builds(
    lambda day, hour, minute: datetime(2024, 1, 20) + timedelta(day, hour * 3600 + minute),
    st.integers(0, 200),
    st.sampled_from([0, 8, 9, 12, 13, 16, 18, 23]),
    st.sampled_from([0, 1, 59]),
)
GAPS: Final = st.builds(
    timedelta,
    st.integers(0, 25),
    st.sampled_from([0, 1, 4 * 3600, 86399]),
    st.just(0),
    st.just(0),
    st.sampled_from([0, 30]),
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A matter that has gone some way, each stage some time after the one before, often a round time."""
    received = draw(MOMENTS)
    announced = draw(st.none() | GAPS.map(lambda gap: received + gap))
    answered = draw(st.none() | GAPS.map(lambda gap: (announced or received) + gap))
    filed = draw(st.none() | GAPS.map(lambda gap: (answered + gap).date())) if answered else None
    promised = draw(st.none() | st.integers(0, 20).map(lambda days: (announced or received).date() + timedelta(days)))
    row = {"taken": received, "announced": announced, "answered": answered, "filed": filed}
    return row | {"promised": promised, "serious": draw(st.booleans())}


@pytest.mark.slow
@settings(max_examples=8)
@given(given_rows=st.lists(rows(), min_size=8, max_size=40), month=st.integers(2, 6))
def test_states_are_what_the_dates_say(given_rows: list[Row], month: int) -> None:
    """By rows, by columns and by the file that shares no code with them; a clerk has two matters."""
    program = compiled()
    period = find_period(program, month)
    facts = take_in(program, period, given_rows)
    by_rows, by_columns = columns.evaluate_each(program, facts), columns.evaluate_batch(program, facts)
    packed = decode(encode(serialize(program)))
    for number, subject in enumerate(extract_subject_facts(program, facts, range(len(facts)))):
        file = Decider(packed, str(period), decode(encode_payload(subject, {}))["facts"])
        file.decide()
        counts = [name for row in given_rows[2 * number : 2 * number + 2] for name in expect(row, period)]
        open_matters = list(list_open_matters(program, subject, period))
        assert len(open_matters) == counts.count("open")
        for name in program.named_values:
            expected_count = counts.count(name.name.removeprefix("n_"))
            by_file = file.values[name]
            assert not isinstance(by_file, NoValue), name
            assert {by_rows.frame[name][number], by_columns.frame[name][number], by_file} == {expected_count}, name


def find_period(program: Program, month: int) -> Period:
    period = program.period.period(f"2024-{month:02}")
    assert period
    return period


def take_in(program: Program, period: Period, given_rows: list[Row]) -> Facts:
    """The facts of clerks with two matters each."""
    clerks = [f"E{number // 2:03}" for number in range(len(given_rows))]
    data = [
        {"clerk": clerk, "id": str(number), **row}
        for number, (clerk, row) in enumerate(zip(clerks, given_rows, strict=True))
    ]
    raw = {
        "clerk": RawTable(pl.DataFrame({"clerk": sorted(set(clerks))}), "clerk.csv"),
        "complaints": RawTable(pl.DataFrame(data, schema_overrides=SCHEMA), "complaints.csv"),
    }
    facts = ingest(program, period, raw, Diagnostics())
    assert facts
    return facts


SCHEMA: Final = {
    "announced": pl.Datetime, "answered": pl.Datetime, "filed": pl.Date, "promised": pl.Date, "taken": pl.Datetime,
}  # fmt: skip


def test_a_program_with_matters_is_packed_and_read_again() -> None:
    """Its stages and clocks are among what is digested, their owners and labels among the words."""
    program = compiled()
    packed = decode(encode(serialize(program)))
    unpacked = deserialize(packed, program_digest(program), texts_digest(program))
    assert unpacked == program
    assert [stage.owner for stage in unpacked.schema.events[0].stages] == ["客服", "客服", "客服", "档案"]


def test_a_matter_of_long_ago_asks_no_calendar() -> None:
    program = compiled()
    old = {"taken": datetime(2019, 3, 4, 9), "announced": None, "answered": datetime(2019, 3, 5), "filed": None}
    facts = take_in(program, find_period(program, 5), [old | {"promised": None, "serious": True}])
    decided = columns.evaluate_each(program, facts)
    assert not decided.held
    assert decided.frame["values.n_filing_overdue"].to_list() == [1]
    assert decided.frame["values.n_filing_late"].to_list() == [0]


def test_all_evidence_that_is_missing_is_noted() -> None:
    """However many rows lack it: none is left out behind the first ones."""
    program, count = compiled(), 60
    raw = {
        "clerk": RawTable(pl.DataFrame({"clerk": ["E1"]}), "clerk.csv"),
        "complaints": RawTable(
            pl.DataFrame({"clerk": ["E1"] * count, "id": [str(number) for number in range(count)]}).with_columns(
                taken=pl.lit("2024-05-06 09:00"), announced=pl.lit("2024-05-07 09:00"), serious=pl.lit("false")
            ),
            "complaints.csv",
        ),
    }
    diagnostics = Diagnostics()
    ingest(program, find_period(program, 5), raw, diagnostics)
    assert [diagnostic.kind.code for diagnostic in diagnostics].count("SC496") == count


def test_a_second_row_of_a_matter_holds_its_subject() -> None:
    """Neither of two dates is taken on trust, and nobody else waits; a check of the facts says what to do instead."""
    program, taken = compiled(), datetime(2024, 5, 6, 9)
    row = {"taken": taken, "announced": None, "filed": None, "promised": None, "serious": False}
    answers = [datetime(2024, 5, 6, 10), datetime(2024, 5, 9, 10), datetime(2024, 5, 6, 10)]
    rows = [{**row, "answered": answer} for answer in answers]
    data = [{"clerk": clerk, "id": "K1", **row} for clerk, row in zip(["E1", "E1", "E2"], rows, strict=True)]
    raw = {
        "clerk": RawTable(pl.DataFrame({"clerk": ["E1", "E2"]}), "clerk.csv"),
        "complaints": RawTable(pl.DataFrame(data, schema_overrides=SCHEMA), "complaints.csv"),
    }
    facts = ingest(program, find_period(program, 5), raw, Diagnostics())
    assert facts
    decided = columns.evaluate_each(program, facts)
    assert decided.frame["values.n_reply_late"].to_list() == [None, 0]
    (repeated,) = find_fact_faults(program, facts)
    assert (repeated.kind.code, repeated.location.line, repeated.params["matter"]) == ("SC517", 3, "complaints")


def test_a_stage_that_was_jumped_is_unknown_in_files_and_in_dicts() -> None:
    """Only what reads the stage waits."""
    program = compiled()
    received = datetime(2024, 5, 6, 9)
    jumped = {"taken": received, "announced": None, "answered": None, "filed": date(2024, 5, 9), "promised": None}
    row = jumped | {"serious": False}
    facts = take_in(program, find_period(program, 5), [row])
    decided = columns.evaluate_each(program, facts)
    assert decided.frame["values.n_reply_late"].to_list() == [1]
    assert decided.frame["values.n_open"].to_list() == [None]
    subject = subject_facts(program, facts.period, "E1", {}, {"complaints": [{"id": "1", **row}]})
    reached = subject.rows["complaints"][0]["filed"]  # type: ignore[index]
    assert isinstance(reached, Unknown)
    assert [cause.kind.code for cause in reached.causes] == ["SC494"]


def test_a_template_says_after_what_a_stage_is_filled_in() -> None:
    choose(["--lang", "en"])
    (sheet,) = [sheet for sheet in sheets_of(compiled(), ()) if sheet.name == "投诉"]
    notes = {field.heading: field.note for field in sheet.fields}
    assert notes["answered"][-2:] == ("only after: taken / announced", "who has it: 客服")
    assert notes["announced"][-1] == "with it: promised"
    assert not any("only after" in line for line in notes["taken"])
