"""Head office's bounds on what a branch may set: binding ones refuse, advisory ones warn."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.period_context import in_force
from scorecore.evaluate.reference.closures import evaluate_expression
from scorecore.evaluate.reference.environment import Environment, format_value
from scorecore.language.bands import BandTable
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.scope import FactName, Scope
from scorecore.language.cel.syntax import Name, Syntax, children
from scorecore.language.operators import EXACT
from scorecore.policy import model as policy
from scorecore.policy.model import Value
from scorecore.program.model import Parameter
from scorecore.values.types import type_of_constant
from scorecore.values.unknown import Unknown

PREVIOUS = "previous"
"""How a bound names the value that was in force before."""


@frozen
class BranchBounds:
    """Checks values against bounds, which may read parameters and the value before."""

    scope: Scope
    parameters: Mapping[str, Parameter]
    diagnostics: Diagnostics

    def parameter(self, part: policy.ParameterDeclaration, of: Parameter) -> None:
        """Each dated value of a parameter."""
        before: Value | None = None
        for dated, (start, value) in zip(part.values, of.values, strict=True):
            self.check(part.bounds, value, before, start, dated.at("is"))
            before = value

    def table(self, part: policy.BandTableDeclaration, of: BandTable) -> None:
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
        ends = [(key, self.end(syntax, before, start) if syntax is not None else None) for key, syntax in _ends(bounds)]
        (_, low), (_, high) = ends
        if low is not None and high is not None and low > high:
            self.diagnostics.add(
                catalogue.CONTRADICTION, *bounds.at("min"), low=format_value(low), high=format_value(high)
            )
            return
        for key, end in ends:
            if end is not None and (value < end if key == "min" else value > end):
                kind = catalogue.BEYOND_BOUND if bounds.binding else catalogue.BEYOND_ADVICE
                clause = {"authority": bounds.authority} if bounds.authority else {}
                self.diagnostics.add(kind, *span, value=format_value(value), key=key, bound=format_value(end), **clause)

    def end(self, syntax: Syntax, before: Value | None, start: date) -> Any:  # noqa: ANN401  a number
        """The value of a bound on a day; None where it reads a value before and there is none."""
        facts = {} if before is None else {PREVIOUS: FactName(type_of_constant(before))}
        reads_before = PREVIOUS in set(_names(syntax))
        if reads_before and before is None:
            return None
        found = Resolver(evolve(self.scope, facts=facts), self.diagnostics).resolve(syntax)
        if found is None:
            return None
        values = {f"parameters.{name}": in_force(one.values, start) for name, one in self.parameters.items()}
        with localcontext(EXACT):
            end = evaluate_expression(Environment({**values, PREVIOUS: before}), found)
        return None if isinstance(end, Unknown) else end


def _ends(of: policy.Bounds) -> tuple[tuple[str, Syntax | None], tuple[str, Syntax | None]]:
    return ("min", of.min), ("max", of.max)


def _names(of: Syntax) -> Iterator[str]:
    if isinstance(of, Name):
        yield of.name
    for part in children(of):
        yield from _names(part)
