"""The law of exactness: arithmetic is that of rational numbers, rounded once."""

from fractions import Fraction

import polars as pl
from hypothesis import assume, given
from hypothesis import strategies as st

from laws import HEAD, rational, walked
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.ingest import ingest
from scorecore.facts.raw import RawTable
from scorecore.language.operators.rounding import MODES
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    from_units,
)
from scorecore.values.unknown import Unknown
from strategies.cases import compiled, period_of
from strategies.values import SEEDS, number_types, seeded, values_of


@st.composite
def _exact_cases(draw: st.DrawFn) -> tuple[Type, Type, int]:
    left, right = draw(number_types()), draw(number_types())
    assume(left.magnitude or right.magnitude)
    return left, right, draw(st.integers(0, PLACES))


def _fact(of: Type) -> str:
    low, high = (f"{from_units(end):f}" for end in (of.low, of.high))
    places = f", places = {of.places}" if of.is_decimal else ""
    return f'{{ type = "{of.kind.value}", min = {low}, max = {high}{places} }}'


@given(of=_exact_cases(), seed=SEEDS)
def test_operators_are_exact(of: tuple[Type, Type, int], seed: int) -> None:
    """Sums, products, quotients and roundings, fused or not, are exact rational arithmetic, rounded once."""
    left, right, places = of
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
    frame = {"person": [f"P{at:03d}" for at in range(len(pairs))]}
    frame |= {
        name: [str(pair[at]) if isinstance(pair[at], int) else f"{pair[at]:f}" for pair in pairs]
        for at, name in enumerate("ab")
    }
    raw = {"person": RawTable(pl.DataFrame(frame), "person.csv")}
    taken_in = ingest(program, period_of(program), raw, Diagnostics())
    assert taken_in is not None
    for (one, other), outcome in zip(pairs, walked(program, taken_in), strict=True):
        for step, value in zip(program.steps, outcome.values, strict=True):
            meant = _exactly(step.name.removeprefix("values."), Fraction(one), Fraction(other), places, left.kind)
            assert (None if isinstance(value, Unknown) else value) == meant, f"{step.name} of {one} and {other}"


def _exactly(name: str, one: Fraction, other: Fraction, places: int, kind: TypeKind) -> Fraction | None:
    """The value of a step by rational arithmetic; None where there is none."""
    operation, _, mode = name.partition("_")
    places = places if mode else PLACES
    mode = mode or "half_even"
    match operation:
        case "add":
            return one + other
        case "subtract":
            return one - other
        case "round":
            return one if kind is TypeKind.INT else rational(one, places, mode)
        case "multiply" | "product":
            return rational(one * other, places, mode)
        case "branch" if one > 0:
            return rational(one * other, places, mode)
        case "branch":
            one, other = other, one
    return rational(one / other, places, mode) if other else None
