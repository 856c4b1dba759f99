"""The laws of facts: tables of anything give problems, never a traceback."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final, Literal

import polars as pl
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from laws import HEAD, readable, told
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.batch import evaluator as columns
from scorecore.facts.bitemporal import SUBJECT_CLOCKS, WITHDRAWN
from scorecore.facts.ingest import ingest
from scorecore.facts.raw import RawTable, remember_readings
from scorecore.program.schema import FactColumn
from scorecore.values.types import Type, TypeKind, string_type
from strategies.cases import Case, cases, compiled, period_of
from strategies.values import SEEDS, corners, seeded, usual, values_of

_CELLS: Final = (
    *("", " ", "1", "-1", "1.5", "1e5", "1e400", "1e-400", "NaN", "inf", "+1", ".5", "5.", "1,000", "٣", "½"),
    *("𝟏", "true", "TRUE", "是", "2024-05-03", "2024-5-3", "2024/05/03", "2024年5月3日", "2024-02-30"),
    *("24-05-03", "05-03-24", "-2024-05-03", "12024-05-03", "24-05-03 17:30:00", "0024-05-03", "2201-01-01"),
    *("9999-99-99", "9" * 26, "9" * 40, "-" + "9" * 26 + "." + "9" * 12, "0." + "0" * 12 + "1", "x" * 10_001),
    *("\x00", "P000", "E1", "12345678901234567890.5", "+98765432109876543210", "2024-04", "2024-13", "2024-Q9"),
    *("0000-01", "a", "b", "0x10"),
)
_PEOPLE: Final = tuple(f"P{number:03d}" for number in range(30))
_INSTANTS: Final[Sequence[tuple[Literal["ms", "us"], int]]] = (("ms", 1), ("ms", 86_400_000), ("us", 86_400_000_000))
"""Units of instants, and how many of them a number is to stand for."""
_DTYPES: Final = (
    *(pl.String, pl.Float64, pl.Float32, pl.Int8, pl.UInt64, pl.Int128, pl.Boolean, pl.Date, pl.Datetime, pl.Time),
    *(pl.Null, pl.Binary, pl.Duration, pl.List(pl.String), pl.Categorical, pl.Decimal(38, 0), pl.Decimal(38, 20)),
    pl.Struct,
)


@st.composite
def garbage(draw: st.DrawFn, subject: str, fact_columns: Sequence[FactColumn], period: str) -> pl.DataFrame:
    """A table in which nothing has to be right, but much may be: headings, types and cells."""
    random = seeded(draw(SEEDS))
    headings = [subject, *(column.name for column in fact_columns), "period"]
    # with all of its headings a table has people to decide
    known_headings = headings if draw(st.integers(0, 3)) else headings[: draw(st.integers(0, len(headings)))]
    known_headings = known_headings[:-1] if draw(st.booleans()) else known_headings
    other_headings = st.one_of(st.sampled_from(headings), st.sampled_from(sorted(SUBJECT_CLOCKS)), st.text(max_size=3))
    strange = draw(st.lists(other_headings, max_size=3, unique=True))
    names = [
        f" {heading}" if draw(st.integers(0, 19)) == 19 else heading
        for heading in dict.fromkeys([*known_headings, *strange])
    ]
    length = draw(st.integers(0, 8))
    clocks = {
        clock: Type(TypeKind.BOOL if clock_kind == WITHDRAWN else TypeKind.DATE)
        for clock, clock_kind in SUBJECT_CLOCKS.items()
    }
    types = (
        clocks
        | {column.name: column.type for column in fact_columns}
        | {subject: string_type(_PEOPLE), "period": string_type()}
    )
    columns = []
    for name in dict.fromkeys(names):
        if name in types and draw(st.integers(0, 19 if name == subject else 3)):
            columns.append(_mostly_right(name, types[name], length, random, period))
        else:
            columns.append(_garbled(name, draw(st.sampled_from((pl.String, *_DTYPES))), length, random))
    return pl.DataFrame(columns)


def _mostly_right(name: str, value_type: Type, length: int, random: Random, period: str) -> pl.Series:
    """Text that is a value of a type, but for one cell in eight."""
    right = [period] * length if name == "period" else _texts_of(value_type, random, length)
    cells = [cell if random.randrange(8) else random.choice([None, *_CELLS]) for cell in right]
    return pl.Series(name, cells, dtype=pl.String)


def _texts_of(value_type: Type, random: Random, count: int) -> list[str]:
    """Values that a fact may have, as text."""
    values = values_of(value_type, random, count)
    return (
        [str(value) for value in random.choices(usual(values) or usual(corners(value_type)), k=count)] if count else []
    )


def _garbled(name: str, dtype: Any, length: int, random: Random) -> pl.Series:
    texts = [random.choice([None, "P000", "P001", *_CELLS]) for _ in range(length)]
    wholes = [random.choice([None, 0, 1, -1, 7, 100]) for _ in range(length)]
    days = [random.choice([None, 19_846, 19_846, -3_000_000, 0, -700_000, 2**31 - 1]) for _ in range(length)]
    floats = [
        random.choice([None, 0.0, -0.0, 0.1, 1e300, float("nan"), float("inf"), 1e15 + 0.5]) for _ in range(length)
    ]
    if dtype in {pl.String, pl.Categorical}:
        return pl.Series(name, texts, dtype=dtype)
    if dtype == pl.List(pl.String):
        return pl.Series(name, [None if text is None else [text] for text in texts], dtype=dtype)
    if dtype == pl.Struct:
        return pl.Series(name, [{"a": wide_value} for wide_value in wholes], dtype=pl.Struct({"a": pl.Int64}))
    if dtype == pl.Binary:
        return pl.Series(name, [None if text is None else text.encode() for text in texts], dtype=dtype)
    if dtype in {pl.Float64, pl.Float32}:
        return pl.Series(name, floats, dtype=dtype)
    if dtype == pl.Null:
        return pl.Series(name, [None] * length, dtype=dtype)
    if dtype == pl.Date:
        return pl.Series(name, days, dtype=pl.Int32).cast(pl.Date)
    if dtype == pl.Datetime:
        unit, length = random.choice(_INSTANTS)
        instants = [None if day is None else min(day, 100_000_000) * length for day in days]
        return pl.Series(name, instants, dtype=pl.Int64).cast(pl.Datetime(unit))
    if dtype == pl.UInt64:
        wholes = [None if wide_value is None else abs(wide_value) * (2**64 - 1) // 100 for wide_value in wholes]
    if dtype == pl.Int128:
        wholes = [None if wide_value is None else wide_value * (2**127 - 1) // 100 for wide_value in wholes]
    wide_values = pl.Series(name, wholes, dtype=pl.Int64 if dtype not in {pl.UInt64, pl.Int128} else dtype)
    return wide_values if wide_values.dtype == dtype else wide_values.cast(dtype, strict=False)


@given(case=cases(), data=st.data())
def test_bad_facts_give_diagnostics(case: Case, data: st.DataObject) -> None:
    """Tables of anything give problems, never an exception, and what is left of them is decided."""
    schema = case.program.schema
    tables = {
        schema.subject: schema.columns,
        **{event_table.name: event_table.columns for event_table in schema.events},
    }
    tables |= {"history": schema.history} if schema.history else {}
    raw = {}
    for name, schema_columns in tables.items():
        if data.draw(st.integers(0, 9)) < 9:
            raw[name] = RawTable(data.draw(garbage(schema.subject, schema_columns, case.period.label)), f"{name}.csv")
    diagnostics = Diagnostics()
    facts = ingest(case.program, case.period, raw, diagnostics)
    readable(diagnostics)
    event("nobody" if facts is None else "somebody")
    remembered, diagnostics_again = remember_readings(raw), Diagnostics()
    ingest(case.program, case.program.period.ago(case.period, 1) or case.period, remembered, Diagnostics())
    facts_again = ingest(case.program, case.period, remembered, diagnostics_again)
    assert (tuple(diagnostics_again), facts_again is None) == (tuple(diagnostics), facts is None)
    if facts is None:
        assert len(diagnostics)
        return
    assert facts_again is not None
    assert facts_again.subjects.equals(facts.subjects)
    assert all(facts_again.rows[name].frame.equals(rows.frame) for name, rows in facts.rows.items())
    assert [
        (facts_again.bad, facts_again.rows[name].bad, facts_again.rows[name].distrusted) for name in facts.rows
    ] == [(facts.bad, rows.bad, rows.distrusted) for rows in facts.rows.values()]
    meant = columns.evaluate_each(case.program, facts)
    decisions = columns.evaluate_batch(case.program, facts)
    assert told(decisions) == told(meant)


@pytest.mark.parametrize(
    "periods",
    [
        pl.Series("period", [{"a": None}], dtype=pl.Struct({"a": pl.Int64})),
        pl.Series("period", [["2024-05"]], dtype=pl.List(pl.String)),
        pl.Series("period", [b"\xff"], dtype=pl.Binary),
        pl.Series("period", [3], dtype=pl.Duration),
    ],
    ids=lambda series: str(series.dtype.base_type()),
)
def test_periods_of_any_type_give_diagnostics(periods: pl.Series) -> None:
    """A period that is no text gives a problem, never an exception."""
    program, _ = compiled(f'{HEAD}[facts.person]\nx = {{ type = "bool" }}\n[values.v]\nis = "x"\n')
    assert program is not None
    frame = pl.DataFrame([pl.Series("person", ["P000"]), periods, pl.Series("x", ["true"])])
    diagnostics = Diagnostics()
    ingest(program, period_of(program), {"person": RawTable(frame, "person.csv")}, diagnostics)
    assert len(diagnostics)
