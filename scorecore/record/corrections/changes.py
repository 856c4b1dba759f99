"""What is decided differently about one subject by a correction."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import LineAmounts
from scorecore.record.runs.payload import read_causes
from scorecore.record.runs.payload_order import PlainData


@frozen
class DecisionChange:
    """What is decided differently about one subject in one period."""

    subject: str
    period: str
    run: int
    """The correction."""
    program: Program
    """That decides now."""
    program_before: Program
    """The run that decided what was in force."""
    before: PlainData | None
    """The result that was in force; None where nothing was decided."""
    after: PlainData | None
    """None where the decision is taken back."""

    def value(self, name: str) -> tuple[Any, Any]:
        """A result by the name of its step, before and after; None where it is held or not there."""
        before, after = (result["values"].get(name) if result else None for result in (self.before, self.after))
        return before, after

    def values(self) -> Iterator[tuple[str, Any, Any]]:
        """The results that differ."""
        results = [result for result in (self.before, self.after) if result]
        for name in dict.fromkeys(name for result in results for name in result["values"]):
            before, after = self.value(name)
            if before != after:
                yield name, before, after

    def lines(self) -> Iterator[tuple[str, int, Decimal | None, Decimal | None]]:
        """The pay lines that differ: step, sign, before and after; None while it is held."""
        before, after = _lines(self.program_before, self.before), _lines(self.program, self.after)
        for step, sign in {**after, **before}:
            amounts = before.get((step, sign), Decimal(0)), after.get((step, sign), Decimal(0))
            if amounts[0] != amounts[1]:
                yield step, sign, *amounts

    def held(self) -> Mapping[str, tuple[Diagnostic, ...]]:
        """The results that are held now and were not before, each with its causes."""
        before = self.before.get("held", {}) if self.before else {}
        after = self.after.get("held", {}) if self.after else {}
        return {name: read_causes(causes) for name, causes in after.items() if name not in before}


def _lines(program: Program, result: PlainData | None) -> LineAmounts:
    """The lines of a result; what does not apply, and what is not there, is nothing."""
    pay = result["pay"] if result else {}
    held = result.get("held", {}) if result else {}
    amounts: dict[tuple[str, int], Decimal | None] = {}
    for line in program.pay:
        amount = Decimal(pay[line.step]) if line.step in pay else Decimal(0)
        amounts[line.step, line.sign] = None if line.step in held and line.step not in pay else amount
    return amounts
