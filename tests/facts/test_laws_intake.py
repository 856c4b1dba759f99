"""The laws of intake: a fact means the same in a file, in a column of its own type, and in a dict."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from laws import HEAD
from scorecore.diagnostics.diagnostic import Diagnostics, Rejected
from scorecore.facts.cells import EVERY_YEAR, FACT_YEARS, CellFault, check_cell, compile_cell_check
from scorecore.facts.convert import convert_column
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.headings import PERIOD_HEADINGS
from scorecore.facts.history import append_decisions, concat_decisions, drop_periods, unify_types
from scorecore.facts.ingest import ingest
from scorecore.facts.model import SubjectFacts
from scorecore.facts.raw import RawTable
from scorecore.facts.readable import get_readable_dtype, make_readable
from scorecore.facts.subject_facts import subject_facts
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn, Schema
from scorecore.values.period import Period, PeriodKind
from scorecore.values.types import BOOL, DATE, STRING, TIMESTAMP, Type, decimal_type, integer_type, string_type
from scorecore.values.unknown import Unknown
from strategies.cases import Case, cases, compiled, period_of
from strategies.facts import raw_tables, situations
from strategies.values import SEEDS, corners, number_types, seeded, text_types, values_of

TEXTS: Final = (
    *("", " ", "\u3000", "\x1c", "\x1c1", "1", "-1", "+1", "1.5", "1.50", ".5", "5.", "1e5", "1E-3", "1e400", "1e-400"),
    *("-0", "-0.00", "0e9", "nan", "NaN", "inf", "sNaN", "1,000", "٣", "½", "𝟏", "0x10", "1_000"),
    *("9" * 26, "9" * 27, "9" * 40, "-" + "9" * 26 + "." + "9" * 12, "0." + "0" * 12 + "1", "9223372036854775808"),
    *("true", " TRUE", "No", "y", "是", "否", "√", "×", "True1"),
    *("2024-05-03", " 2024-5-3 ", "2024/05/03", "2024年5月3日", "2024.5.3", "2024-05-03 00:00:00", "2024-02-30"),
    *("24-05-03", "-2024-05-03", "12024-05-03", "0024-05-03", "1899-12-31", "2201-01-01", "9999-12-31", "0000-01-01"),
    *(
        "2024-05-03T17:30",
        "2024-05-03 17:30:60",
        "2024-05-03 25:00",
        "2024/5/3  7:30:00.0",
        "2024-05-03 17:30:00+08:00",
    ),
    *('="00042"', '="a ""b"""', '=""', '="#N/A"', '="1"', '="2024-05-03"', '="a"b"'),
    *("a", "b", " a ", "B", "O'Neil", "x" * 10_000, "x" * 10_001, "\x00"),
)
VALUES: Final = (
    *(True, False, 0, 1, -1, 7, 2**63, -(10**39), Decimal("1.5"), Decimal("1.50"), Decimal("-0"), Decimal("1E+3")),
    *(Decimal("NaN"), Decimal("-Infinity"), Decimal("1E-13"), Decimal(10) ** 30, Decimal("0E-30"), Decimal("0E+400")),
    *(date(2024, 5, 3), date(1, 1, 1), date(9999, 12, 31), datetime(2024, 5, 3), datetime(2024, 5, 3, 17, 30)),
    *(datetime(2024, 5, 3, 17, 30, 0, 1), datetime(1, 1, 1), 0.0, 0.1, 1e300, float("nan"), b"1", [1], {"a": 1}, None),
)


@st.composite
def types(draw: st.DrawFn) -> Type:
    """A type that a fact can have."""
    return draw(st.one_of(number_types(), text_types(), st.sampled_from((BOOL, DATE, TIMESTAMP))))


def outcome(checked: object) -> object:
    """A value with its type, for True is 1 to Python; of a fault its code and what stands in its params."""
    return (checked.kind.code, checked.params) if isinstance(checked, CellFault) else (type(checked), checked)


@given(fact_type=types(), seed=SEEDS, years=st.sampled_from((FACT_YEARS, EVERY_YEAR)))
@example(decimal_type(0, 0, 2), 0, FACT_YEARS)
@example(integer_type(-(2**63) + 1, 2**63 - 1), 0, FACT_YEARS)
@example(string_type([" a", "a"]), 0, FACT_YEARS)
@example(STRING, 0, EVERY_YEAR)
def test_the_fast_checks_agree_with_the_definition(fact_type: Type, seed: int, years: range) -> None:
    """A compiled check gives for every cell what the definition gives."""
    check = compile_cell_check(fact_type, years)
    for cell in (*TEXTS, *VALUES, *corners(fact_type), *values_of(fact_type, seeded(seed), 20)):
        checked, defined = check(cell), check_cell(cell, fact_type, years)
        assert outcome(checked) == outcome(defined), cell
        if isinstance(checked, Decimal):
            assert str(checked) == str(defined)


@given(fact_type=types(), seed=SEEDS, years=st.sampled_from((FACT_YEARS, EVERY_YEAR)))
@example(decimal_type(0, 0, 2), 0, FACT_YEARS)
@example(integer_type(-(2**63) + 1, 2**63 - 1), 0, FACT_YEARS)
@example(string_type([" a", "a"]), 0, FACT_YEARS)
def test_columns_of_text_agree_with_the_definition(fact_type: Type, seed: int, years: range) -> None:
    """A column of text has in every row what the definition gives for its cell, with the same fault."""
    texts = [*TEXTS, *map(str, values_of(fact_type, seeded(seed), 20)), None]
    held, faults = convert_column(pl.Series("cell", texts, dtype=pl.String), fact_type, years)
    values = held.to_frame("cell").select(make_readable(pl.col("cell"), fact_type)).to_series()
    for row, (text, value) in enumerate(zip(texts, values, strict=True)):
        assert outcome(faults.get(row, value)) == outcome(check_cell(text, fact_type, years)), text
    categories, same_faults = convert_column(pl.Series("cell", texts, dtype=pl.Categorical), fact_type, years)
    assert_series_equal(categories, held)
    assert same_faults == faults


# whole situations


def rows_as_dicts(
    table: RawTable, program: Program, period: Period, columns: Sequence[FactColumn], *, is_dated: bool = False
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a table as dicts by name, each with its subject; those that are for another period are left out."""
    schema = program.schema
    names = {column.name: column.name for column in columns} | {column.label: column.name for column in columns}
    for row in table.frame.iter_rows(named=True):
        label = next((row[heading] for heading in PERIOD_HEADINGS if heading in row), period.label)
        if is_dated or label == period.label:
            cells = {names[heading]: cell for heading, cell in row.items() if heading in names}
            yield row.get(schema.subject, ""), cells | ({"period": label} if is_dated else {})


def as_dicts(program: Program, period: Period, raw: Mapping[str, RawTable]) -> dict[str, list[SubjectFacts]]:
    """For each subject the facts out of dicts; several where its rows are several."""
    schema = program.schema
    events: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for table in schema.events:
        if table.name in raw:
            by_subject = events[table.name] = {}
            for subject, row in rows_as_dicts(raw[table.name], program, period, table.columns):
                by_subject.setdefault(subject, []).append(row)
    history: dict[str, list[dict[str, Any]]] = {}
    if HISTORY in raw:
        for subject, row in rows_as_dicts(raw[HISTORY], program, period, schema.history, is_dated=True):
            earlier = program.period.period(row.pop("period"))
            assert earlier is not None
            history.setdefault(subject, []).append({AGO: program.period.between(earlier, period), **row})
    common = {table.name for table in schema.events if table.common}
    facts_by_id: dict[str, list[SubjectFacts]] = {}
    for subject, values in rows_as_dicts(raw[schema.subject], program, period, schema.columns):
        rows = {name: by_subject.get("" if name in common else subject, []) for name, by_subject in events.items()}
        past = history.get(subject, []) if HISTORY in raw else None
        facts_by_id.setdefault(subject, []).append(subject_facts(program, period, subject, values, rows, history=past))
    return facts_by_id


def without_places(facts: SubjectFacts) -> object:
    """The facts with the codes of what is unknown; a file has places that dicts have not."""

    def plain(value: object) -> object:
        if isinstance(value, Unknown):
            return [cause.kind.code for cause in value.causes]
        return type(value), str(value)

    rows = {
        name: plain(rows)
        if isinstance(rows, Unknown)
        else [{key: plain(value) for key, value in row.items()} for row in rows]
        for name, rows in facts.rows.items()
    }
    return {name: plain(value) for name, value in facts.values.items()}, rows, facts.unknown


@given(case=cases(), situation=situations())
def test_frames_and_dicts_give_the_same_facts(case: Case, situation: Any) -> None:
    """The facts of a subject are the same from a file as from dicts: values, ordered rows, and what is unknown."""
    program, period = case.program, case.period
    raw = raw_tables(program, period, situation)
    facts = ingest(program, period, raw, Diagnostics())
    dicts = as_dicts(program, period, raw)
    assert (facts is None) == (not dicts)
    if facts is None:
        return
    for from_frame in extract_subject_facts(program, facts, range(len(facts))):
        from_dicts = dicts[from_frame.subject]
        if len(from_dicts) == 1:  # of two rows neither is believed, which dicts cannot have
            assert without_places(from_dicts[0]) == without_places(from_frame)
            event(f"something is unknown: {bool(from_frame.unknown)}")


# keys

POLICY: Final = f"""{HEAD}
[facts.person]
hours = {{ type = "int", min = 0, max = 100 }}
rank  = {{ type = "string", among = ["low", "high"], optional = true }}

[facts.visits]
key = ["rank", "id"]
fields = {{ id = {{ type = "int", min = 0, max = 9 }}, rank = {{ type = "string", among = ["low", "high"] }} }}

[values.v]
is = "hours + visits.size()"
"""


def facts_of(values: Mapping[str, object], **events: Any) -> SubjectFacts:
    program, problems = compiled(POLICY)
    assert program is not None, list(map(str, problems))
    return subject_facts(program, period_of(program), "P1", values, {"visits": []} | events, source="assessment")


def summarize(rejected: Rejected) -> list[str]:
    """Place, code and what was met, for each diagnostic."""
    return [
        f"{diagnostic.location}: {diagnostic.kind.code} {diagnostic.params.get('key') or diagnostic.params['found']}"
        for diagnostic in rejected.diagnostics
    ]


@pytest.mark.parametrize(
    ("values", "events", "expected"),
    [
        ({"hour": 3}, {}, ["assessment: SC101 hour"]),
        ({"hours": 3, "rnk": "low"}, {}, ["assessment: SC101 rnk"]),
        ({"hours": 3}, {"visit": []}, ["assessment: SC101 visit"]),
        (
            {"hours": 3},
            {"visits": [{"id": 1, "ranks": "low"}]},
            ["assessment[visits]:1: SC101 ranks"],
        ),
    ],
)
def test_a_key_that_means_nothing_is_rejected(
    values: Mapping[str, object], events: Mapping[str, Any], expected: list[str]
) -> None:
    """A misspelled name is an error, with the nearest name that there is."""
    with pytest.raises(Rejected) as rejected:
        facts_of(values, **events)
    assert summarize(rejected.value) == expected
    assert all("nearest" in diagnostic.params for diagnostic in rejected.value.diagnostics)


def test_all_keys_that_mean_nothing_are_reported_together() -> None:
    with pytest.raises(Rejected) as rejected:
        facts_of({"hour": 3, "x": 1}, visits=[{"id": 1, "rank": "low"}, {"idd": 2}])
    assert len(rejected.value.diagnostics) == 3


@pytest.mark.parametrize(
    ("values", "visits", "expected"),
    [
        ([1], [], "assessment: SC447 [1]"),
        ({"hours": 1}, [{"id": 1, "rank": "low"}, 7], "assessment[visits]:2: SC447 7"),
        ({"hours": 1}, 7, "assessment[visits]: SC448 7"),
        ({"hours": 1, 3: 1}, [], "assessment: SC101 3"),
    ],
)
def test_what_is_not_of_the_right_shape_is_rejected(values: Any, visits: Any, expected: str) -> None:
    with pytest.raises(Rejected) as rejected:
        facts_of(values, visits=visits)
    assert summarize(rejected.value) == [expected]


def test_texts_and_exact_numbers_are_taken_and_floats_are_not() -> None:
    assert facts_of({"hours": "7"}) == facts_of({"hours": 7}) == facts_of({"hours": Decimal("7.0")})
    refused = facts_of({"hours": 7.0}).values["hours"]
    assert isinstance(refused, Unknown)
    assert [cause.kind.code for cause in refused.causes] == ["SC512"]


def test_rows_are_in_the_order_of_their_keys() -> None:
    """A closed list counts by the places in it, and a key that stands twice makes the table unknown."""
    rows = [{"id": 1, "rank": "high"}, {"id": "2", "rank": "low"}, {"id": 1, "rank": "low"}]
    facts = facts_of({"hours": 1}, visits=rows).rows["visits"]
    assert [tuple(row.values()) for row in facts] == [(1, "low"), (2, "low"), (1, "high")]  # type: ignore[union-attr]
    repeated = facts_of({"hours": 1}, visits=[*rows, {"id": 2, "rank": "low"}, {"id": 1, "rank": "high"}])
    unknown = repeated.rows["visits"]
    assert isinstance(unknown, Unknown)
    assert [(cause.kind.code, cause.params["key"]) for cause in unknown.causes] == [("SC517", "low, 2")]


# decisions that are read as facts


@given(case=cases(), situation=situations())
def test_typed_history_is_the_history_that_text_gives(case: Case, situation: Any) -> None:
    """Earlier decisions are the same facts as typed rows and as text, and what does not fit was not decided."""
    program, period = case.program, case.period
    raw = raw_tables(program, period, situation)
    if HISTORY not in raw:
        return
    columns = {column.label or column.name: column.type for column in program.schema.history}
    columns |= {column.name: column.type for column in program.schema.history}
    (typed,) = unify_types([raw[HISTORY].frame], columns)
    assert all(typed[name].dtype == get_readable_dtype(columns[name]) for name in typed.columns if name in columns)
    text = typed.cast(pl.String)
    rows = [
        ingest(program, period, raw | {HISTORY: RawTable(frame, "history.csv")}, Diagnostics())
        for frame in (raw[HISTORY].frame, typed, text)
    ]
    histories = [facts.rows.get(HISTORY) if facts else None for facts in rows]
    event(f"there is a history: {histories[0] is not None}")
    for history in histories[1:]:
        assert (history is None) == (histories[0] is None)
        if history is not None and histories[0] is not None:
            assert_frame_equal(history.frame, histories[0].frame)
            assert_series_equal(history.ends, histories[0].ends)
            assert history.distrusted == histories[0].distrusted


HISTORY_SCHEMA: Final = Schema(
    "person",
    (),
    "员工",
    history=(
        FactColumn("score.total", decimal_type(0, 100, 2), "得分"),
        FactColumn("grade", string_type(["A", "B"])),
        FactColumn("actions.promote", BOOL),
    ),
)


def test_decisions_are_appended_to_a_history_of_text() -> None:
    """A file's history keeps its headings; the decisions of later periods follow in the types of the columns."""
    past = pl.DataFrame(
        {"员工": ["P1", "P2"], "期间": ["2024-01", "2024-01"], "得分": ["81.5", "bad"], "grade": ["A", "C"]}
    )
    decisions = pl.DataFrame(
        {
            "person": ["P1"],
            "period": ["2024-02"],
            "score.total": pl.Series([Decimal("90.00")], dtype=pl.Decimal(38, 2)),
            "grade": pl.Series(["B"], dtype=pl.Enum(["A", "B"])),
            "actions.promote": [True],
            "pay.net": ["not read"],
        }
    )
    history = append_decisions(RawTable(past, "history.csv"), decisions, HISTORY_SCHEMA, PeriodKind("month"))
    assert history.source == "history.csv"
    assert history.frame.rows(named=True) == [
        {"员工": "P1", "期间": "2024-01", "得分": Decimal("81.50"), "grade": "A", "actions.promote": None},
        {"员工": "P2", "期间": "2024-01", "得分": None, "grade": None, "actions.promote": None},
        {"员工": "P1", "期间": "2024-02", "得分": Decimal("90.00"), "grade": "B", "actions.promote": True},
    ]
    assert history.frame["得分"].dtype == pl.Decimal(38, 2)
    assert append_decisions(None, decisions, HISTORY_SCHEMA, PeriodKind("month")).frame.equals(
        decisions.drop("pay.net")
    )


def test_periods_are_dropped_from_a_history_with_their_row_numbers() -> None:
    past = RawTable(pl.DataFrame({"person": ["P1", "P1", "P2"], "period": ["2024-01", " 2024-02", "2024-01"]}), "h.csv")
    kind = PeriodKind("month")
    january, march = kind.period("2024-01"), kind.period("2024-03")
    assert january is not None
    assert march is not None
    dropped = drop_periods(past, [january], PeriodKind("month"))
    assert dropped.frame.rows() == [("P1", " 2024-02")]
    assert dropped.row_numbers.to_list() == [3]
    assert drop_periods(past, [march], PeriodKind("month")) is past


def test_decisions_of_policies_with_other_places_become_one_table() -> None:
    """Of policies that are used side by side, each may round to places of its own."""
    frames = [
        pl.DataFrame({"person": ["P1"], "score.total": pl.Series([Decimal("1.5")], dtype=pl.Decimal(38, 1))}),
        pl.DataFrame({"person": ["P2"], "score.total": pl.Series([Decimal("2.25")], dtype=pl.Decimal(38, 2))}),
        pl.DataFrame({"person": ["P3"], "score.total": ["3.125"]}),
    ]
    table = EventTable("uses.month", (FactColumn("score.total", decimal_type(0, 100, 3), optional=True),), ())
    together = concat_decisions(frames, table)
    assert together.rows() == [("P1", Decimal("1.500")), ("P2", Decimal("2.250")), ("P3", Decimal("3.125"))]
    assert together["score.total"].dtype == pl.Decimal(38, 3)
