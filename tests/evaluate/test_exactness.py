"""The law of exactness: arithmetic is that of rational numbers, rounded where a rounding is named, and only there."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

import polars as pl
import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from laws import HEAD, rational, walked
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.batch.evaluator import evaluate_batch
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.ingest import ingest
from scorecore.facts.raw import RawTable
from scorecore.language.operators.rounding import MODES
from scorecore.language.operators.scaled import make_constant_column
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    from_units,
    to_units,
)
from scorecore.values.unknown import Unknown
from strategies.cases import compiled, period_of
from strategies.values import SEEDS, exactly, number_types, seeded, values_of


@st.composite
def _exact_cases(draw: st.DrawFn) -> tuple[Type, Type, int]:
    left, right = draw(number_types()), draw(number_types())
    assume(left.magnitude or right.magnitude)
    return left, right, draw(st.integers(0, PLACES))


def _fact(value_type: Type) -> str:
    low, high = (f"{from_units(end):f}" for end in (value_type.low, value_type.high))
    places = f", places = {value_type.places}" if value_type.is_decimal else ""
    return f'{{ type = "{value_type.kind.value}", min = {low}, max = {high}{places} }}'


@given(types=_exact_cases(), seed=SEEDS)
def test_operators_are_exact(types: tuple[Type, Type, int], seed: int) -> None:
    """Sums, products, quotients and roundings, fused or not, are exact rational arithmetic."""
    left, right, places = types
    expressions = {"add": "a + b", "subtract": "a - b", "multiply": "a * b", "divide": "decimal(a) / b"}
    for mode in MODES:
        expressions[f"product_{mode}"] = f"round(a * b, {places}, '{mode}')"
        expressions[f"quotient_{mode}"] = f"round(decimal(a) / b, {places}, '{mode}')"
        expressions[f"round_{mode}"] = f"round(a, {places}, '{mode}')"
        expressions[f"branch_{mode}"] = f"round(a > 0 ? a * b : decimal(b) / a, {places}, '{mode}')"
    facts = f"[facts.person]\na = {_fact(left)}\nb = {_fact(right)}\n"
    accepted = {}
    for name, text in expressions.items():  # whatever does not fit is refused, and left out
        program, _ = compiled(f'{HEAD}{facts}[values.v]\nis = "{text}"\n')
        if program is not None:
            accepted[name] = text
    assume(accepted)
    values = "".join(f'[values.{name}]\nis = "{text}"\n' for name, text in accepted.items())
    program, diagnostics = compiled(HEAD + facts + values)
    assert program is not None, list(map(str, diagnostics))
    random = seeded(seed)
    pairs = list(zip(values_of(left, random, 40), values_of(right, random, 40), strict=True))
    frame = {"person": [f"P{number:03d}" for number in range(len(pairs))]}
    frame |= {
        name: [str(pair[number]) if isinstance(pair[number], int) else f"{pair[number]:f}" for pair in pairs]
        for number, name in enumerate("ab")
    }
    raw = {"person": RawTable(pl.DataFrame(frame), "person.csv")}
    taken_in = ingest(program, period_of(program), raw, Diagnostics())
    assert taken_in is not None
    for (first, second), outcome in zip(pairs, walked(program, taken_in), strict=True):
        for step, value in zip(program.steps, outcome.values, strict=True):
            meant = _exactly(step.name.removeprefix("values."), Fraction(first), Fraction(second), places, left.kind)
            assert (None if isinstance(value, Unknown) else exactly(value)) == meant, (
                f"{step.name} of {first} and {second}"
            )


def _exactly(name: str, first: Fraction, second: Fraction, places: int, kind: TypeKind) -> Fraction | None:
    """The value of a step by rational arithmetic; None where there is none."""
    operation, _, mode = name.partition("_")
    match operation:
        case "add":
            return first + second
        case "subtract":
            return first - second
        case "round":
            return first if kind is TypeKind.INT else rational(first, places, mode)
        case "multiply":
            return first * second
        case "divide":
            return first / second if second else None
        case "product":
            return rational(first * second, places, mode)
        case "branch" if first > 0:
            return rational(first * second, places, mode)
        case "branch":
            first, second = second, first
    return rational(first / second, places, mode) if second else None


_NATURAL: Final = f"""{HEAD}
[facts.person]
salary = {{ type = "decimal", unit = "CNY/month", min = 0 }}
paid = {{ type = "int", min = 0, max = 31 }}
sales = {{ type = "decimal", unit = "CNY", min = 0 }}
quota = {{ type = "decimal", unit = "CNY", min = 1 }}
fine = {{ type = "decimal", min = 0, max = 1000, places = 12 }}
from = {{ type = "timestamp" }}
to = {{ type = "timestamp" }}
[parameters.allowance]
type = "decimal"
prorate = true
values = [ {{ from = 2020-01-01, is = 100 }}, {{ from = 2024-05-02, is = 200 }} ]
[tables.rate]
kind = "marginal"
edge = "lower"
bands = [ {{ from = 0, is = 0.01 }}, {{ from = 1, is = 0.02 }} ]
[tables.line]
kind = "interpolated"
edge = "lower"
bands = [ {{ from = 0, is = 0 }}, {{ from = 3, is = 1 }} ]
[tables.band]
kind = "whole"
edge = "lower"
bands = [ {{ from = 0, is = 1 }}, {{ from = 1, is = 2 }} ]
[values.daily]
is = "salary / 30"
[values.share]
is = "sales / quota"
"""


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("daily * paid", "500.02"),  # 500.015
        ("salary * paid / 30", "500.02"),
        ("quota * tables.rate(share)", "450.08"),  # 450.075
        ("quota * tables.rate.rate(share) * share", "450.08"),
        ("tables.band(1.0 / 3 * 3)", "2.00"),
        ("tables.band(decimal(paid) / 3 * 3 / 15)", "2.00"),
        ("13000 / 21.0 * 21 >= 13000 ? 1 : 0", "1.00"),
        ("tables.line(1.0) * 3 == 1 ? 1 : 0", "1.00"),
        ("hours_between(from, to) * 3 == 1 ? 1 : 0", "1.00"),
        ("parameters.allowance * 31 == 6100 ? 1 : 0", "1.00"),
        ("least(share, 2.0) * quota == sales ? 1 : 0", "1.00"),
        ("abs(-share) - share == 0 ? 1 : 0", "1.00"),
        ("share + share - share * 2 == 0 ? 1 : 0", "1.00"),
        ("int(share * 3)", "3.00"),
        ("least(minutes_between(from, to), fine) * 333333.333333 / quota", "222.22"),  # what divides minutes cancels
    ],
)
def test_the_natural_way_to_write_a_rule_loses_no_cent(amount: str, expected: str) -> None:
    """What was rounded at the 12th place before it was rounded by name, or met a threshold that it should not have."""
    program, diagnostics = compiled(f'{_NATURAL}[[pay]]\nid = "p"\nkind = "earning"\namount = "{amount}"\n')
    assert program is not None, list(map(str, diagnostics))
    row = {"person": "E1", "salary": "1000.03", "paid": "15", "sales": "37503.75", "quota": "30000"}
    row |= {"from": "2024-05-01 08:00:00", "to": "2024-05-01 08:20:00", "fine": "999.999999999999"}
    raw = {"person": RawTable(pl.DataFrame([row]), "person.csv")}
    facts = ingest(program, period_of(program), raw, Diagnostics())
    assert facts is not None
    outcome = walked(program, facts)[0]
    for value in (outcome.value("pay.p"), evaluate_batch(program, facts).frame["pay.p"][0]):
        assert value == Decimal(expected)
    assert SubjectEvaluator.of(program, facts.period).decide_all(extract_subject_facts(program, facts, [0])) == [
        outcome
    ]


@pytest.mark.parametrize(
    "formula",
    [
        "round(1.5 / (c / d), 4)",
        "round(c / (2.0 * (c / d)), 4)",
        "round(1.5 / (c / (c / d)), 4)",
        "1.5 / (c / d) < 1 ? 1.0 : 2.0",
        "1.5 / (c / d) * 3",
    ],
)
def test_what_is_divided_by_a_quotient_without_a_value_has_none(formula: str) -> None:
    """Turned over, c / 0 would be 0 / c, and a sum of money would be paid as zero."""
    facts = (
        '[facts.person]\nc = { type = "decimal", min = 1 }\nd = { type = "decimal", min = 0, max = 1, places = 2 }\n'
    )
    program, diagnostics = compiled(f'{HEAD}{facts}[values.v]\nis = "{formula}"\n')
    assert program is not None, list(map(str, diagnostics))
    raw = {"person": RawTable(pl.DataFrame({"person": ["A", "B"], "c": ["4", "4"], "d": ["0", "0.5"]}), "person.csv")}
    taken_in = ingest(program, period_of(program), raw, Diagnostics())
    assert taken_in is not None
    by_rows = SubjectEvaluator.of(program, period_of(program))
    decided = [by_rows.decide(facts) for facts in extract_subject_facts(program, taken_in, range(2))]
    assert decided == walked(program, taken_in)
    assert [isinstance(outcome.value("values.v"), Unknown) for outcome in decided] == [True, False]


def test_a_constant_that_128_bits_do_not_hold_is_left_to_rows() -> None:
    """The last value of an interpolated table whose key has 30 places: as a whole number it ended the run."""
    low, high = (to_units(Decimal(value)) for value in ("0.333333", "99.995"))
    wide = Type(TypeKind.DECIMAL, low, high, places=34, divisor=4761)
    held = pl.select(make_constant_column(Decimal("99.995"), wide).expr).item()
    assert held is None
    narrow = evolve(wide, places=30)
    assert pl.select(make_constant_column(Decimal("99.995"), narrow).expr).item() == 99995 * 10**27 * 4761
