"""Decisions: what was decided for each subject, and the ledgers that say why."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import polars as pl
from attrs import evolve, field, frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.reference.evaluator import Outcome
from scorecore.facts.model import Facts
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.program.model import Program
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    to_units,
)
from scorecore.values.unknown import Unknown

SUBJECT: Final = "subject"
"""The number of the subject in `Facts.ids`."""
NET: Final = "pay.net"
PARTIAL: Final = "partial"
"""Whether a line of pay is held, so that net pay is only of the others."""


@frozen(eq=False)
class Decisions:
    """The decisions of one period. Subjects are numbered as in the facts, and stand in that order."""

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
    """The results of a decision, and other steps that somebody wants to see, with their types."""
    return {name: program.step(name).type for name in (*program.results(), *steps)}


def net_type(program: Program) -> Type:
    """The type of net pay: the sum of all lines."""
    types = [program.step(line.step).type for line in program.pay]
    magnitude = sum(one.magnitude for one in types)
    return Type(TypeKind.DECIMAL, -magnitude, magnitude, max((one.places for one in types), default=2))


def quantity_places(program: Program) -> int:
    return max((rule.quantity.places for rule in program.ledger if rule.quantity), default=0)


def points_places(program: Program) -> int:
    return max((rule.type.places for rule in program.ledger), default=0)


def pay_places(program: Program) -> int:
    return max((program.step(line.step).type.places for line in program.pay), default=2)


def decimals(values: Sequence[Decimal | int | None], places: int) -> pl.Series:
    """Numbers as a column of decimals; they must not have more places."""
    cut = 10 ** (PLACES - places)
    whole = [None if value is None else to_units(value) // cut for value in values]
    return pl.Series(values=whole, dtype=pl.Int128).reinterpret(dtype=pl.Decimal(38, places))


def column(values: Sequence[Any], of: Type) -> pl.Series:
    """Values of a type as a column, Unknown as null."""
    known = [None if isinstance(value, Unknown) else value for value in values]
    if of.is_decimal:
        return decimals(known, of.places)
    dtype = pl.String() if of.kind is TypeKind.STRING else get_physical_dtype(of)
    return pl.Series(values=known, dtype=dtype)


def from_outcomes(
    program: Program,
    facts: Facts,
    outcomes: Sequence[Outcome],
    subjects: Sequence[int],
    starts: Mapping[str, pl.Series],
    steps: Collection[str] = (),
) -> Decisions:
    """Tables of decisions that were made one by one; `starts` gives where each subject's events begin, by table."""
    at: dict[str, int] = {step.name: number for number, step in enumerate(program.steps)}
    frame = {SUBJECT: pl.Series(values=list(subjects), dtype=pl.UInt32)}
    for name, of in result_columns(program, steps).items():
        frame[name] = column([one.values[at[name]] for one in outcomes], of)
    lines = list(_lines(program, outcomes, at))
    if program.pay:
        frame[NET] = decimals([net_pay(program, several) for several in lines], net_type(program).places)
        frame[PARTIAL] = pl.Series(
            values=[None in {amount for _, amount in several} for several in lines], dtype=pl.Boolean
        )
    held = {number: causes for number, one in zip(subjects, outcomes, strict=True) if (causes := _causes(program, one))}
    entries = _entries(program, outcomes, subjects, starts)
    return Decisions(program, facts, pl.DataFrame(frame), entries, _pay(program, lines, subjects), held)


def _causes(program: Program, outcome: Outcome) -> dict[str, tuple[Diagnostic, ...]]:
    results = set(program.results())
    return {
        step.name: value.causes
        for step, value in zip(program.steps, outcome.values, strict=True)
        if isinstance(value, Unknown) and step.name in results
    }


_Line = tuple[int, Decimal | None]


def _lines(program: Program, outcomes: Sequence[Outcome], at: Mapping[str, int]) -> Iterator[list[_Line]]:
    """The lines of pay that apply to each subject; None where the amount, or whether it applies, is held."""
    for outcome in outcomes:
        several: list[_Line] = []
        for number, line in enumerate(program.pay):
            applies = outcome.values[at[line.applies]] if line.applies else True
            amount = outcome.values[at[line.step]]
            if applies is not False:
                several.append((number, None if isinstance(amount, Unknown) else amount))
        yield several


def net_pay(program: Program, lines: Sequence[_Line]) -> Decimal:
    """The sum of the lines that are decided, each with its sign."""
    return sum((program.pay[number].sign * amount for number, amount in lines if amount is not None), Decimal(0))


def _pay(program: Program, lines: Sequence[Sequence[_Line]], subjects: Sequence[int]) -> pl.DataFrame:
    rows = [
        (subject, number, amount)
        for subject, several in zip(subjects, lines, strict=True)
        for number, amount in several
        if amount is not None
    ]
    return pl.DataFrame(
        {
            SUBJECT: pl.Series(values=[subject for subject, _, _ in rows], dtype=pl.UInt32),
            "line": pl.Series(values=[line for _, line, _ in rows], dtype=pl.UInt16),
            "amount": decimals([amount for _, _, amount in rows], pay_places(program)),
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
            "quantity": decimals([row[2] for row in rows], quantity_places(program)),
            "points": decimals([row[3] for row in rows], points_places(program)),
            "event": pl.Series(values=[row[4] for row in rows], dtype=pl.UInt32),
        }
    )


def completed(of: Decisions, by: Decisions) -> Decisions:
    """Decisions in which some subjects are yet to be decided, with theirs filled in."""
    filled = [
        # what columns know is right: only what they do not is filled in, and what is computed of that
        column.scatter(by.frame[SUBJECT], by.frame[column.name])
        if column.null_count() or column.name in {NET, PARTIAL}
        else column
        for column in of.frame.iter_columns()
    ]
    return Decisions(
        of.program,
        of.facts,
        pl.DataFrame(filled),
        pl.concat([of.entries, by.entries]),
        pl.concat([of.pay, by.pay]),
        {**of.held, **by.held},
    )


def only(of: Decisions, subjects: Collection[int]) -> Decisions:
    """The decisions of some subjects, who keep their numbers."""
    theirs = pl.col(SUBJECT).is_in(list(subjects))
    return evolve(of, frame=of.frame.filter(theirs), entries=of.entries.filter(theirs), pay=of.pay.filter(theirs))
