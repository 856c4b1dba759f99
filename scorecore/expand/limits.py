"""Head office's bounds on what a branch may set: binding ones refuse, advisory ones warn."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from attrs import evolve, frozen

from scorecore import kinds, policy
from scorecore.cel.check import Checker
from scorecore.cel.scope import FactName, Scope
from scorecore.cel.syntax import Name, Syntax, parts
from scorecore.operators import EXACT
from scorecore.policy import Value
from scorecore.problems import Problems
from scorecore.program import BandTable, Parameter
from scorecore.rows.walker import Walker, shown
from scorecore.setting import in_force
from scorecore.source import Location
from scorecore.types import constant
from scorecore.unknown import Unknown

PREVIOUS = "previous"
"""How a bound names the value that was in force before."""


@frozen
class Limits:
    """Checks values against bounds, which may read parameters and the value before."""

    scope: Scope
    parameters: Mapping[str, Parameter]
    problems: Problems

    def parameter(self, part: policy.Parameter, of: Parameter) -> None:
        """Each dated value of a parameter."""
        before: Value | None = None
        for dated, (start, value) in zip(part.values, of.values, strict=True):
            self.check(part.bounds, value, before, start, dated.at("is"))
            before = value

    def table(self, part: policy.BandTable, of: BandTable) -> None:
        """The value, and the beginning, of each band; the band before is the one in the same place."""
        written = [one.bands for one in part.versions] or [part.bands]
        earlier: Sequence[Any] = ()
        for bands, (start, found) in zip(written, of.versions, strict=True):
            for number, (band, one) in enumerate(zip(bands, found, strict=False)):
                old = earlier[number] if number < len(earlier) else None
                self.check(part.bounds, one.value, old and old.value, start, band.at("is"))
                if isinstance(one.start, Decimal):
                    self.check(part.edges, one.start, old and old.start, start, band.at("from"))
            earlier = found

    def check(
        self, bounds: policy.Bounds | None, value: Value, before: Value | None, start: date, span: tuple[Location, int]
    ) -> None:
        if bounds is None or isinstance(value, bool | str | date):
            return
        ends = [(key, self.end(syntax, before, start) if syntax else None) for key, syntax in _ends(bounds)]
        (_, low), (_, high) = ends
        if low is not None and high is not None and low > high:
            self.problems.add(kinds.CONTRADICTION, *bounds.at("min"), low=shown(low), high=shown(high))
            return
        for key, end in ends:
            if end is not None and (value < end if key == "min" else value > end):
                kind = kinds.BEYOND_BOUND if bounds.binding else kinds.BEYOND_ADVICE
                clause = {"authority": bounds.authority} if bounds.authority else {}
                self.problems.add(kind, *span, value=shown(value), key=key, bound=shown(end), **clause)

    def end(self, syntax: Syntax, before: Value | None, start: date) -> Any:  # noqa: ANN401  a number
        """The value of a bound on a day; None where it reads a value before and there is none."""
        facts = {} if before is None else {PREVIOUS: FactName(constant(before))}
        reads_before = PREVIOUS in set(_names(syntax))
        if reads_before and before is None:
            return None
        found = Checker(evolve(self.scope, facts=facts), self.problems).check(syntax)
        if found is None:
            return None
        values = {f"parameters.{name}": in_force(one.values, start) for name, one in self.parameters.items()}
        with localcontext(EXACT):
            end = Walker({**values, PREVIOUS: before}).value(found)
        return None if isinstance(end, Unknown) else end


def _ends(of: policy.Bounds) -> tuple[tuple[str, Syntax | None], tuple[str, Syntax | None]]:
    return ("min", of.min), ("max", of.max)


def _names(of: Syntax) -> Iterator[str]:
    if isinstance(of, Name):
        yield of.name
    for part in parts(of):
        yield from _names(part)
