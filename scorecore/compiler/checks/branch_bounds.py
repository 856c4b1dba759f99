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
from scorecore.language.expressions import reads
from scorecore.language.operators import EXACT
from scorecore.policy import model as policy
from scorecore.program.model import Parameter
from scorecore.values.types import Value, type_of_constant
from scorecore.values.unknown import Unknown

PREVIOUS = "previous"
"""How a bound names the value that was in force before."""


@frozen
class BranchBounds:
    """Checks values against bounds, which may read parameters and the value before."""

    scope: Scope
    parameters: Mapping[str, Parameter]
    diagnostics: Diagnostics

    def parameter(self, part: policy.ParameterDeclaration, parameter: Parameter) -> None:
        """Each dated value of a parameter."""
        previous: Value | None = None
        if len(part.values) != len(parameter.values):
            return  # it has been said which of them does not fit
        for dated, (start, value) in zip(part.values, parameter.values, strict=True):
            self.check(part.bounds, value, previous, start, dated.at("is"))
            previous = value

    def table(self, part: policy.BandTableDeclaration, declared_table: BandTable) -> None:
        """The value, and the beginning, of each band; the band before is the one in the same place."""
        written_bands = [dated.bands for dated in part.versions] or [part.bands]
        earlier: Sequence[Any] = ()
        if len(written_bands) != len(declared_table.versions):
            return  # it has been said which of them is nothing
        for bands, (start, version) in zip(written_bands, declared_table.versions, strict=True):
            if len(bands) != len(version):
                continue  # likewise of its bands, which no longer stand beside those that are written
            for number, (band, declared_band) in enumerate(zip(bands, version, strict=True)):
                earlier_band = earlier[number] if number < len(earlier) else None
                self.check(part.bounds, declared_band.value, earlier_band and earlier_band.value, start, band.at("is"))
                if isinstance(declared_band.start, Decimal):
                    self.check(
                        part.edges, declared_band.start, earlier_band and earlier_band.start, start, band.at("from")
                    )
            earlier = version

    def check(
        self,
        bounds: policy.Bounds | None,
        value: Value,
        previous: Value | None,
        start: date,
        span: tuple[Location, int],
    ) -> None:
        if bounds is None or isinstance(value, bool | str | date):
            return
        ends = [
            (key, self.end(syntax, previous, start) if syntax is not None else None) for key, syntax in _ends(bounds)
        ]
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
                own, owner = next(iter(self.scope.documents.values())), self.scope.relocate(bounds.at(key)[0]).source
                clause |= {"parent": owner} if "@" in owner and owner != own else {}
                self.diagnostics.add(kind, *span, value=format_value(value), key=key, bound=format_value(end), **clause)

    def end(self, syntax: Syntax, previous: Value | None, start: date) -> Any:  # noqa: ANN401  a number
        """The value of a bound on a day; None where it reads a value before and there is none."""
        facts = {} if previous is None else {PREVIOUS: FactName(type_of_constant(previous))}
        reads_before = PREVIOUS in set(_names(syntax))
        if reads_before and previous is None:
            return None
        bound = Resolver(evolve(self.scope, facts=facts), self.diagnostics).resolve(syntax)
        if bound is None:
            return None
        values = {
            f"parameters.{name}": in_force(parameter.values, start) for name, parameter in self.parameters.items()
        }
        if not {name for name in reads(bound) if name != PREVIOUS} <= values.keys():
            return None  # a figure without a value has a problem of its own, or is left to a branch
        with localcontext(EXACT):
            end = evaluate_expression(Environment({**values, PREVIOUS: previous}), bound)
        return None if isinstance(end, Unknown) else end


def _ends(bounds: policy.Bounds) -> tuple[tuple[str, Syntax | None], tuple[str, Syntax | None]]:
    return ("min", bounds.min), ("max", bounds.max)


def _names(syntax: Syntax) -> Iterator[str]:
    if isinstance(syntax, Name):
        yield syntax.name
    for part in children(syntax):
        yield from _names(part)
