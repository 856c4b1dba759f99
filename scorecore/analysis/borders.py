"""Facts at which a condition, or a cap, begins: of two numbers that are compared, where they meet as one fact moves.

Edges that a policy names are drawn anyway; these are those that it only implies: `late * 13 + other * 7 == 5003`.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Final

from attrs import define, evolve, field

from scorecore.analysis.samples import FactSample, FactSampler
from scorecore.evaluate.reference.closures import evaluate_expression
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.language.expressions import AccountSoFar, Apply, Expression, Field, Nth, Read
from scorecore.language.sugar import walk_core
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.program.steps import step_expressions
from scorecore.values.period import Period
from scorecore.values.ratio import EXACT, Ratio
from scorecore.values.types import PLACES, UNIT, from_units
from scorecore.values.unknown import Maybe

Sides = tuple[Expression, Expression]
_COMPARING: Final = frozenset({"==", "!=", "<", "<=", ">", ">=", "least", "greatest"})


@define
class BorderSearch:
    """Moves one fact of a sample to where the sides of a comparison meet."""

    program: Program
    sampler: FactSampler
    find_evaluator: Callable[[Period], SubjectEvaluator]
    decide: Callable[[FactSample], Mapping[str, Maybe]]
    """The value of every step."""
    comparisons: tuple[Sides, ...] = field(init=False)

    @comparisons.default
    def _find_comparisons(self) -> tuple[Sides, ...]:
        return tuple(dict.fromkeys(_list_comparisons(self.program)))

    @property
    def numbers(self) -> list[FactColumn]:
        return [column for column in self.program.schema.columns if column.type.is_number]

    def move(self, sample: FactSample, of: FactColumn | None = None) -> FactSample | None:
        """The sample with one number at such a place, or just below; None where there is none within its bounds."""
        if not self.comparisons or not self.numbers:
            return None
        column = of or self.sampler.random.pick(self.numbers)
        sides = self.sampler.random.pick(self.comparisons)
        other = evolve(sample, values={**sample.values, column.name: self.sampler.draw_number(column.type)})
        points = [self._measure(facts, column, sides) for facts in (sample, other)]
        first, second = points
        if first is None or second is None or first[1] == second[1]:
            return None
        root = first[0] - first[1] * (second[0] - first[0]) / (second[1] - first[1])
        step = 10 ** (PLACES - column.type.places)
        units = (int(root * UNIT // step) - self.sampler.random.below(2)) * step
        if not column.type.low <= units <= column.type.high:
            return None
        value = from_units(units) if column.type.is_decimal else units // UNIT
        return evolve(sample, values={**sample.values, column.name: value})

    def _measure(self, sample: FactSample, column: FactColumn, sides: Sides) -> tuple[Fraction, Fraction] | None:
        """A number, and how far the sides of a comparison are apart; None where one has no value."""
        number = sample.values[column.name]
        context = self.find_evaluator(sample.period).context
        values = {**context.values, **sample.values, **self.decide(sample)}
        environment = Environment(values, sample.events, context.tables)
        with localcontext(EXACT):
            left, right = (evaluate_expression(environment, side) for side in sides)
        exact = [_make_fraction(value) for value in (number, left, right)]
        if exact[0] is None or exact[1] is None or exact[2] is None:
            return None
        return exact[0], exact[1] - exact[2]


def _make_fraction(value: object) -> Fraction | None:
    if isinstance(value, Ratio):
        return Fraction(value.over, value.under)
    return Fraction(value) if isinstance(value, int | Decimal) else None


def _list_comparisons(program: Program) -> Iterator[Sides]:
    """The sides of comparisons of numbers that are asked of a subject, and read something of it."""
    for step in program.steps:
        for whole in step_expressions(step):
            for part in walk_core(whole):
                if isinstance(part, Apply) and part.operator in _COMPARING and part.operands[0].type.is_number:
                    yield from (sides for sides in pairwise(part.operands) if _is_of_subject(*sides))


def _is_of_subject(left: Expression, right: Expression) -> bool:
    parts = [*walk_core(left), *walk_core(right)]
    reads = any(isinstance(part, Read) for part in parts)
    return reads and not any(isinstance(part, Field | AccountSoFar | Nth) for part in parts)
