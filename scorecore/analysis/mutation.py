"""How good are the cases: a program is changed in one place at a time, and each change is looked for by all cases.

A change that a case notices is killed; the others survive, and show what no case proves. A change that cannot matter by
the bounds of what it is about is not tried. One place of a policy may have become several steps: they change together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import partial
from itertools import islice
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.cases.verdict import judge_case
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.evaluate.groups import with_groups
from scorecore.evaluate.incremental import (
    Baseline,
    ProgramChange,
    step_reads,
    with_steps,
)
from scorecore.evaluate.period_context import in_force, prorated
from scorecore.evaluate.reference.evaluator import ReferenceEvaluator
from scorecore.language.bands import Band, BandTable, compile_band_lookup
from scorecore.language.expressions import (
    AccountSoFar,
    AppliesIf,
    Apply,
    Constant,
    Expression,
    Has,
    Ladder,
    Latest,
    Lookup,
    Rate,
    Streak,
    constant_value,
    map_subexpressions,
    subexpressions,
    walk,
)
from scorecore.language.operators import EXACT
from scorecore.language.printer import print_constant, print_expression
from scorecore.program.model import Account, AnyStep, EntryRule, Parameter, Program, Step, step_expressions, step_inputs
from scorecore.values.canonical_json import decimal_text
from scorecore.values.period import Period
from scorecore.values.types import BOOL, MAX_DECIMAL, PLACES, places_of, to_units

_MORE: Final = Decimal("1.1")
_LESS: Final = Decimal("0.9")
_SWAPPED: Final = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "and": "or", "or": "and", "+": "-", "-": "+", "least": "greatest", "greatest": "least",
}  # fmt: skip
_ORDER: Final = frozenset({"<", "<=", ">", ">="})


@frozen
class Mutant:
    """A program with one place changed."""

    place: Location
    before: str
    after: str
    steps: Mapping[str, AnyStep] = {}
    table: BandTable | None = None
    parameter: Parameter | None = None


@frozen
class MutationReport:
    """What the cases made of the mutants of a program."""

    killed: int
    survivors: tuple[Diagnostic, ...]
    """In the order of the files."""

    @property
    def tried(self) -> int:
        return self.killed + len(self.survivors)


def iter_mutants(program: Program) -> Iterator[Mutant]:
    """Every change that is tried: operators, thresholds and other constants, parameters, bands of tables."""
    yield from _expressions(program)
    for parameter in program.parameters:
        yield from _parameter(program, parameter)
    for table in program.tables:
        yield from _table(program, table)


def run_mutation(program: Program, cases: Sequence[PreparedCase]) -> MutationReport:
    """Decide every case by every mutant. What fails already is not counted as noticing anything."""
    trial = _Trial(program, [one for one in cases if not judge_case(one, program).differences])
    killed, survivors = 0, list[Diagnostic]()
    for mutant in iter_mutants(program):
        survivor = trial.survivor(mutant)
        if survivor is None:
            killed += 1
        else:
            survivors.append(survivor)
    survivors.sort(key=lambda one: one.location)
    return MutationReport(killed, tuple(survivors))


@frozen(eq=False, init=False)
class _Trial:
    """All cases, decided once by the program itself."""

    program: Program
    cases: tuple[tuple[PreparedCase, ReferenceEvaluator, Baseline], ...]
    reads: Mapping[str, frozenset[str]]

    def __init__(self, program: Program, cases: Sequence[PreparedCase]) -> None:
        plans: dict[Period, ReferenceEvaluator] = {}
        settled = []
        for one in cases:
            period = one.evaluator.context.period
            plan = plans.setdefault(period, ReferenceEvaluator(program, one.evaluator.context))
            settled.append((one, plan, Baseline.of(plan, one.facts)))
        self.__attrs_init__(program, tuple(settled), step_reads(program))

    def survivor(self, mutant: Mutant) -> Diagnostic | None:
        """Why a mutant survives; None if a case notices it."""
        changes: dict[int, ProgramChange] = {}
        reads = {**self.reads, **{name: step_inputs(step) for name, step in mutant.steps.items()}}
        compared = self._reaches_groups(mutant)
        otherwise = ""
        for case, plan, settled in self.cases:
            change = changes.get(id(plan)) or changes.setdefault(id(plan), self._change(mutant, plan))
            if compared and case.population:
                change = evolve(change, values={**change.values, **self._group_values(mutant, change, case)})
            try:
                outcome = settled.again(change, reads)
            except ArithmeticError:  # it left the bounds that were proven for the program
                return None
            if outcome is settled.outcome:
                continue
            if judge_case(case, self.program, outcome).differences:
                return None
            otherwise = otherwise or case.case.name
        blanks = {"before": mutant.before, "after": mutant.after}
        if otherwise:
            return Diagnostic(catalogue.NOT_EXPECTED, mutant.place, {**blanks, "case": otherwise})
        return Diagnostic(catalogue.NOT_NOTICED, mutant.place, blanks)

    def _change(self, mutant: Mutant, plan: ReferenceEvaluator) -> ProgramChange:
        at = plan.context
        values, tables, readers = dict[str, Any](), dict[str, Any](), frozenset[str]()
        with localcontext(EXACT):
            if mutant.parameter is not None:
                one = mutant.parameter
                value = prorated(one, at.period) if one.prorate else in_force(one.values, at.period.end)
                values = {f"parameters.{one.name}": value} if value != at.values[f"parameters.{one.name}"] else {}
            if mutant.table is not None:
                of = mutant.table
                tables = {of.name: compile_band_lookup(of.kind, of.edge, in_force(of.versions, at.period.end))}
                readers = frozenset(step.name for step in self.program.steps if _looks_up(step, of.name))
        return ProgramChange(plan.with_steps(mutant.steps), frozenset(mutant.steps), values, tables, readers)

    def _reaches_groups(self, mutant: Mutant) -> bool:
        """Whether a value of others may depend on what is changed."""
        if not self.program.grouped:
            return False
        operands = (name for one in self.program.grouped for name in one.operands)
        needed = self.program.narrowed(operands).steps
        names = {step.name for step in needed}
        parameter = mutant.parameter and f"parameters.{mutant.parameter.name}"
        return (
            not names.isdisjoint(mutant.steps)
            or any(parameter in step_inputs(step) for step in needed)
            or (mutant.table is not None and any(_looks_up(step, mutant.table.name) for step in needed))
        )

    def _group_values(self, mutant: Mutant, change: ProgramChange, case: PreparedCase) -> dict[str, Any]:
        """What the group values become, everybody being decided by the mutant."""
        at = change.plan.context
        setting_ = evolve(at, values={**at.values, **change.values}, tables={**at.tables, **change.tables})
        program = with_steps(self.program, mutant.steps)
        found = with_groups(
            program,
            case.population,
            lambda part, several: [ReferenceEvaluator(part, setting_).decide(one) for one in several],
        )[0]
        return {one.name: found.values[one.name] for one in program.grouped}


def _looks_up(step: AnyStep, table: str) -> bool:
    return any(
        isinstance(one, Lookup) and one.table == table for whole in step_expressions(step) for one in walk(whole)
    )


# what is changed in expressions


def _expressions(program: Program) -> Iterator[Mutant]:
    sites: dict[tuple[Location, str, Expression], tuple[Expression, list[AnyStep]]] = {}
    for step in program.steps:
        # the total opens with all items: nobody wrote this sum
        for whole in islice(step_expressions(step), step.name == "score.total", None):
            for node, after in _changes(whole):
                if _alike_at_zero(program, step, node, after):
                    continue
                key = (node.place, print_expression(after), node)
                several = sites.setdefault(key, (after, []))[1]
                if step not in several:
                    several.append(step)
    for (place, _, node), (after, several) in sites.items():
        change = partial(_replaced, node=node, by=after)
        steps: dict[str, AnyStep] = {step.name: _mapped(step, change) for step in several}
        yield Mutant(place, print_expression(node), print_expression(after), steps)


def _alike_at_zero(program: Program, step: AnyStep, node: Expression, after: Expression) -> bool:
    """Whether it makes no difference that a line applies at its edge too, for there its amount is 0."""
    match node, after:
        case Apply(operator=">", operands=(left, right)), Apply(operator=">="):
            line = step.name.removesuffix(".applies")
            if line == step.name or not program.has_step(line):
                return False
            amount = program.step(line)
            difference = Apply(left.type, left.place, "-", (left, right))
            shown = {print_expression(left) if _is_zero(right) else "", print_expression(difference)}
            inside = (part for whole in step_expressions(amount) for part in walk(whole))
            return any(print_expression(part) in shown for part in inside)
    return False


def _is_zero(of: Expression) -> bool:
    return isinstance(of, Constant) and of.value == 0


def _changes(of: Expression) -> Iterator[tuple[Expression, Expression]]:
    """Each part of an expression that is changed, and what takes its place; not what the language itself puts there."""
    match of:
        case AppliesIf(value=value):
            yield from _changes(value)
            return
        case Streak(now=now):
            yield from _changes(now)  # the condition of earlier periods has the same place
            return
        case Ladder():
            yield from _changes_of_ladder(of)
            return
        case Apply(operator=operator, operands=operands):
            if operator in _SWAPPED and _matters(operator, operands):
                yield of, evolve(of, operator=_SWAPPED[operator])
            if operator in _ORDER and isinstance(operands[1], Constant) and not isinstance(operands[0], AccountSoFar):
                yield from ((of, other) for other in _thresholds(of, operands[1]))
                yield from _changes(operands[0])
                return
            if operator == "not":
                yield of, operands[0]
            if operator == "in" and len(of.options) > 1:
                yield from ((of, evolve(of, options=_without(of.options, at))) for at in range(len(of.options)))
        case Constant():
            yield from ((of, evolve(of, value=one)) for one in _other(constant_value(of)))
        case Has():
            return
    for one in subexpressions(of):
        if not isinstance(of, Latest):  # its default is a balance that the policy opens with
            yield from _changes(one)


def _changes_of_ladder(ladder: Ladder) -> Iterator[tuple[Expression, Expression]]:
    """Grades that begin higher or lower, and at their edge or above it."""
    for number, rung in enumerate(ladder.rungs[:-1]):
        if rung.least is None:
            continue
        comparison = Apply(BOOL, rung.place, ">=", (ladder.total, rung.least))
        for moved in _thresholds(comparison, rung.least):
            least = moved.operands[1]
            assert isinstance(least, Constant)  # noqa: S101  so it was made
            rungs = (*ladder.rungs[:number], evolve(rung, least=least), *ladder.rungs[number + 1 :])
            yield ladder, evolve(ladder, rungs=rungs)


def _without(options: tuple[Any, ...], at: int) -> tuple[Any, ...]:
    return (*options[:at], *options[at + 1 :])


def _thresholds(of: Apply, edge: Constant) -> Iterator[Apply]:
    """A comparison with a higher threshold, and with a lower one, where the value can lie on both sides of it."""
    value = of.operands[0]
    moved = list(_other(edge.value))
    if isinstance(edge.value, Decimal | int) and edge.value:
        moved.append(_scaled(edge.value, _LESS))
    for one in moved:
        other = evolve(of, operands=(value, evolve(edge, value=one)))
        within = not value.type.is_number or value.type.low <= to_units(one) <= value.type.high
        if within or value.type.low <= edge.type.low <= value.type.high:
            yield other


def _scaled(value: Decimal | int, by: Decimal) -> Decimal | int:
    """A tenth more or less, with one place more than the number has; at least one."""
    if isinstance(value, int):
        moved = int(value * by)
        return moved if moved != value else value + (1 if by > 1 else -1)
    return round(value * by, min(places_of(value) + 1, PLACES)).normalize()


def _other(value: Any) -> Iterator[Any]:  # noqa: ANN401  a value of any type
    match value:
        case bool():
            yield not value
        case int() | Decimal():
            yield _scaled(value, _MORE) if value else value + 1
        case date():
            yield value + timedelta(days=1)


def _matters(operator: str, operands: tuple[Expression, ...]) -> bool:
    """Whether the bounds of the operands allow the other operator another result."""
    left, right = operands[0], operands[-1]
    if any(isinstance(one, AccountSoFar) for one in operands):
        return False  # a cap or a floor of the language's own; its constant is changed
    if operator in _ORDER and left.type.is_number:
        return left.type.low <= right.type.high and right.type.low <= left.type.high
    if operator in {"+", "-"}:
        return any(not isinstance(one, Constant) or one.value for one in operands) and not (
            isinstance(right, Constant) and not right.value
        )
    return True


def _mapped(step: AnyStep, change: Callable[[Expression], Expression]) -> AnyStep:
    """A step with its expressions changed."""
    if isinstance(step, Step):
        return evolve(step, expression=change(step.expression))
    if isinstance(step, Account):
        rules = tuple(_rule(one, change) for one in step.entries)
        return evolve(step, opening=change(step.opening), entries=rules)
    return step


def _rule(of: EntryRule, change: Callable[[Expression], Expression]) -> EntryRule:
    return evolve(
        of,
        points=of.points and change(of.points),
        to=of.to and change(of.to),
        when=of.when and change(of.when),
        quantity=of.quantity and change(of.quantity),
    )


def _replaced(of: Expression, node: Expression, by: Expression) -> Expression:
    """An expression with another one in a place, everywhere that the place has become."""
    if of.place == node.place and of == node:
        return by
    return map_subexpressions(of, lambda part: _replaced(part, node, by))


# what is changed in parameters and tables


def _parameter(program: Program, of: Parameter) -> Iterator[Mutant]:
    if not any(f"parameters.{of.name}" in step_inputs(step) for step in program.steps):
        return  # it bounds others, and decides nothing
    for at, (start, value) in enumerate(of.values):
        if program.effective_to is not None and start > program.effective_to:
            continue
        for other in _other(value):
            values = (*of.values[:at], (start, other), *of.values[at + 1 :])
            place = of.places[at] if of.places else program.steps[0].place
            yield Mutant(place, print_constant(value), print_constant(other), parameter=evolve(of, values=values))


def _table(program: Program, of: BandTable) -> Iterator[Mutant]:
    reading = [step for step in program.steps if _looks_up(step, of.name)]
    if not reading:
        return
    # the rate of a table is checked to lie within its values, which are about to change
    steps: dict[str, AnyStep] = {}
    if of.kind == "marginal":
        steps = {step.name: _mapped(step, _unchecked) for step in reading}
    for version, (start, bands) in enumerate(of.versions):
        for at, band in enumerate(bands):
            for other in _bands(bands, at):
                changed = (*bands[:at], other, *bands[at + 1 :])
                versions = (*of.versions[:version], (start, changed), *of.versions[version + 1 :])
                place = band.place or reading[0].place
                yield Mutant(place, _band(band), _band(other), steps, table=evolve(of, versions=versions))
    if of.kind == "whole":
        edge = "upper" if of.edge == "lower" else "lower"
        place = of.versions[0][1][0].place or reading[0].place
        yield Mutant(place, f'edge = "{of.edge}"', f'edge = "{edge}"', table=evolve(of, edge=edge))


def _unchecked(of: Expression) -> Expression:
    """An expression whose rates have no bounds."""
    of = map_subexpressions(of, _unchecked)
    if isinstance(of, Rate):
        return evolve(of, type=evolve(of.type, low=-MAX_DECIMAL, high=MAX_DECIMAL))
    return of


def _bands(bands: Sequence[Band], at: int) -> Iterator[Band]:
    """A band with another value, and with another beginning that keeps the order of the bands."""
    band = bands[at]
    if isinstance(band.value, Decimal | int):
        yield from (evolve(band, value=one) for one in _other(band.value))
    else:
        others = [one.value for one in bands if one.value != band.value]
        yield from (evolve(band, value=one) for one in others[:1])
    if isinstance(band.start, str) or not (at or band.start):
        return  # the first band begins where everything does
    end = band.end if at + 1 == len(bands) else bands[at + 1].start
    start = Decimal(_scaled(Decimal(band.start), _MORE if band.start > 0 else _LESS))
    start = start if band.start else Decimal(1)
    if end is not None and start >= Decimal(end):
        start = (Decimal(band.start) + Decimal(end)) / 2
    yield evolve(band, start=start)


def _band(of: Band) -> str:
    start = (
        f"of = {print_constant(of.start)}" if isinstance(of.start, str) else f"from = {decimal_text(Decimal(of.start))}"
    )
    return f"{{ {start}, is = {print_constant(of.value)} }}"
