"""Decisions: what was decided for each subject, and the ledgers that say why."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, Final

import polars as pl
from attrs import evolve, field, frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.outcome import Outcome, Payment, has_held_payment, sum_payments
from scorecore.facts.model import ROW, Facts
from scorecore.language.operators import EXACT
from scorecore.language.operators.arithmetic import cut
from scorecore.language.operators.rounding import infer_rounded_type
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    to_units,
)
from scorecore.values.unknown import Maybe, Unknown

SUBJECT: Final = "subject"
"""The number of the subject in `Facts.ids`."""
NET: Final = "pay.net"
_HALF: Final = 10**19
"""Half of the digits of a number of 128 bits: a billion numbers without the others add up in 128 bits."""
PARTIAL: Final = "partial"
"""Whether a pay line is held, so that net pay is only of the others."""


@frozen(eq=False)
class Decisions:
    """The decisions of one period. Subjects are numbered as in the facts, and are in that order."""

    program: Program
    facts: Facts
    frame: pl.DataFrame
    """A row for each subject: every result by the name of its step, `pay.net` and `partial`; null is held.

    The other steps that were asked for have a column as well.
    """
    entries: pl.DataFrame
    """subject, rule (its number in `program.ledger`), quantity, points, event (its row in the table of the rule)."""
    pay: pl.DataFrame
    """subject, line (its number in `program.pay`), amount; only lines that apply."""
    held: Mapping[int, Mapping[str, tuple[Diagnostic, ...]]] = field(factory=dict)
    """For each subject with something held: the steps, each with its causes."""

    def __len__(self) -> int:
        return len(self.frame)


def result_columns(program: Program, steps: Collection[str] = ()) -> dict[str, Type]:
    """The results of a decision, and other steps that somebody wants to see, with the types in which they are shown."""
    return {name: shown_type(program.step(name).type) for name in (*program.results(), *steps)}


def shown_type(value_type: Type) -> Type:
    """The type of a value as people see it: to 12 places at most."""
    return infer_rounded_type(value_type, PLACES) if value_type.is_number and not value_type.ends else value_type


def net_type(program: Program) -> Type:
    """The type of net pay: the sum of all lines."""
    types = [program.step(line.step).type for line in program.pay]
    magnitude = sum(line_type.magnitude for line_type in types)
    return Type(TypeKind.DECIMAL, -magnitude, magnitude, max((line_type.places for line_type in types), default=2))


def quantity_places(program: Program) -> int:
    return max((rule.quantity.places for rule in program.ledger if rule.quantity), default=0)


def points_places(program: Program) -> int:
    return max((rule.type.places for rule in program.ledger), default=0)


def pay_places(program: Program) -> int:
    return max((program.step(line.step).type.places for line in program.pay), default=2)


def decimal_series(numbers: Sequence[Decimal | int | None], places: int) -> pl.Series:
    """Numbers as a column of decimals; they must not have more places."""
    cut = 10 ** (PLACES - places)
    units = [None if number is None else to_units(number) // cut for number in numbers]
    return pl.Series(values=units, dtype=pl.Int128).reinterpret(dtype=pl.Decimal(38, places))


def sum_decimals(numbers: pl.Series) -> Decimal:
    """The exact sum of a column of decimals; null counts as nothing. The column's own sum could wrap around."""
    assert isinstance(numbers.dtype, pl.Decimal)  # noqa: S101  as `decimal_series` makes it
    units, half = pl.col("units"), pl.lit(_HALF, dtype=pl.Int128)
    parts = numbers.reinterpret(dtype=pl.Int128).to_frame("units").select((units // half).alias("high"), units)
    high, low = parts.select(pl.col("high").sum(), (units - pl.col("high") * half).sum().alias("low")).row(0)
    with localcontext(EXACT):
        return Decimal(high * _HALF + low).scaleb(-numbers.dtype.scale)


def value_series(values: Sequence[Maybe], value_type: Type) -> pl.Series:
    """Values of a type as a column, Unknown as null."""
    cells: list[Any] = [None if isinstance(value, Unknown) else value for value in values]
    if value_type.is_decimal:
        return decimal_series([None if cell is None else cut(cell) for cell in cells], value_type.places)
    dtype = pl.String() if value_type.kind is TypeKind.STRING else get_physical_dtype(value_type)
    return pl.Series(values=cells, dtype=dtype)


def from_outcomes(
    program: Program,
    facts: Facts,
    outcomes: Sequence[Outcome],
    subjects: Sequence[int],
    starts: Mapping[str, pl.Series],
    steps: Collection[str] = (),
) -> Decisions:
    """Tables of decisions that were made one by one; `starts` gives where each subject's events begin, by table."""
    frame = {SUBJECT: pl.Series(values=list(subjects), dtype=pl.UInt32)}
    for name, value_type in result_columns(program, steps).items():
        frame[name] = value_series([outcome.value(name) for outcome in outcomes], value_type)
    payments = [outcome.lines() for outcome in outcomes]
    if program.pay:
        frame[NET] = decimal_series(list(map(sum_payments, payments)), net_type(program).places)
        frame[PARTIAL] = pl.Series(values=list(map(has_held_payment, payments)), dtype=pl.Boolean)
    held = {number: causes for number, outcome in zip(subjects, outcomes, strict=True) if (causes := outcome.held())}
    entries = _entries(program, outcomes, subjects, starts)
    return Decisions(program, facts, pl.DataFrame(frame), entries, _pay(program, payments, subjects), held)


def no_decisions(program: Program, period: Period) -> Decisions:
    """The decisions of a period in which there is nobody."""
    columns = {column.name: get_physical_dtype(column.type) for column in program.schema.columns}
    subjects = pl.DataFrame(schema={ROW: pl.UInt32, **columns})
    facts = Facts(period, pl.Series("id", [], dtype=pl.String), subjects, {})
    return from_outcomes(program, facts, (), (), {})


def _pay(program: Program, payments: Sequence[Sequence[Payment]], subjects: Sequence[int]) -> pl.DataFrame:
    rows = [
        (subject, payment.number, payment.amount)
        for subject, lines in zip(subjects, payments, strict=True)
        for payment in lines
        if payment.amount is not None
    ]
    return pl.DataFrame(
        {
            SUBJECT: pl.Series(values=[subject for subject, _, _ in rows], dtype=pl.UInt32),
            "line": pl.Series(values=[line for _, line, _ in rows], dtype=pl.UInt16),
            "amount": decimal_series([amount for _, _, amount in rows], pay_places(program)),
        }
    )


def _entries(
    program: Program,
    outcomes: Sequence[Outcome],
    subjects: Sequence[int],
    starts: Mapping[str, pl.Series],
) -> pl.DataFrame:
    rows = []
    for place, (subject, outcome) in enumerate(zip(subjects, outcomes, strict=True)):
        for rule, quantity, points, event in outcome.entries:
            each = program.ledger[rule].each
            rows.append((subject, rule, quantity, points, starts[each][place] + event if each else None))
    return pl.DataFrame(
        {
            SUBJECT: pl.Series(values=[row[0] for row in rows], dtype=pl.UInt32),
            "rule": pl.Series(values=[row[1] for row in rows], dtype=pl.UInt16),
            "quantity": decimal_series([row[2] for row in rows], quantity_places(program)),
            "points": decimal_series([row[3] for row in rows], points_places(program)),
            "event": pl.Series(values=[row[4] for row in rows], dtype=pl.UInt32),
        }
    )


def fill_in(decisions: Decisions, missing: Decisions) -> Decisions:
    """Decisions in which some subjects are still undecided, with what was decided about them."""
    columns = [
        # what columns have is right: only their nulls are filled in, and what is computed from those
        column.scatter(missing.frame[SUBJECT], missing.frame[column.name])
        if column.null_count() or column.name in {NET, PARTIAL}
        else column
        for column in decisions.frame.iter_columns()
    ]
    return Decisions(
        decisions.program,
        decisions.facts,
        pl.DataFrame(columns),
        pl.concat([decisions.entries, missing.entries]),
        pl.concat([decisions.pay, missing.pay]),
        {**decisions.held, **missing.held},
    )


def select_subjects(decisions: Decisions, subjects: Collection[int]) -> Decisions:
    """The decisions about some subjects, who keep their numbers."""
    kept = set(subjects)
    chosen = pl.col(SUBJECT).is_in(list(kept))
    return evolve(
        decisions,
        frame=decisions.frame.filter(chosen),
        entries=decisions.entries.filter(chosen),
        pay=decisions.pay.filter(chosen),
        held={subject: causes for subject, causes in decisions.held.items() if subject in kept},
    )
