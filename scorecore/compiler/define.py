"""Each part of a policy that computes something, as a step to be built once what it reads is built."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.language.build import make_constant
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.syntax import Syntax
from scorecore.language.expressions import ChoiceException, Constant, Expression, Latest, Read, Rung
from scorecore.language.operators.rounding import MODES
from scorecore.language.sugar import make_applies, make_choice, make_guarded, make_ladder
from scorecore.policy import model as policy
from scorecore.program.steps import Account, Step
from scorecore.values.step_id import APPLIES, CLOSES, GRADE, SCORE_TOTAL, StepId
from scorecore.values.types import BOOL, PLACES, Type, TypeKind, count_places, decimal_type, from_units, to_units


@frozen
class Definition:
    """A step that there will be: what it reads, and how it is built."""

    name: StepId
    place: Location
    build: Callable[[Resolver], Step | Account | None]
    syntax: tuple[Syntax, ...] = ()
    reads: tuple[StepId, ...] = ()
    """Steps that it reads without the author saying so."""


def define_expression(
    name: StepId,
    part: policy.Part,
    syntax: Syntax,
    label: str,
    held_by: tuple[StepId, ...] = (),
    expect: TypeKind | None = None,
) -> Definition:
    """A step that is one expression."""

    def build(resolver: Resolver) -> Step | None:
        expression = resolver.resolve(syntax, expect=expect)
        place = resolver.scope.relocate(part.place)
        return None if expression is None else Step(name, expression, label, part.authority, held_by, place=place)

    return Definition(name, part.place, build, (syntax,), held_by)


def define_value(name: str, value: policy.ValueDeclaration) -> Definition:
    """A value with a name: what its only exception that holds says, or else what it is."""
    step = StepId("values", name)
    syntax = (value.is_, *(part for exception in value.exceptions for part in (exception.when, exception.is_)))

    def build(resolver: Resolver) -> Step | None:
        otherwise = resolver.resolve(value.is_)
        exceptions = [_resolve_exception(exception, resolver) for exception in value.exceptions]
        resolved = tuple(exception for exception in exceptions if exception is not None)
        if otherwise is None or len(resolved) < len(exceptions):
            return None
        place = resolver.scope.relocate(value.place)
        if not resolved:
            return Step(step, otherwise, value.label, value.authority, place=place)
        written = value.exceptions[0].when.place
        choice = resolver.build_fitting(written, lambda: make_choice(resolved, otherwise))
        return None if choice is None else Step(step, choice, value.label, value.authority, place=place)

    return Definition(step, value.place, build, syntax)


def _resolve_exception(exception: policy.ValueException, resolver: Resolver) -> ChoiceException | None:
    when = resolver.resolve(exception.when, expect=TypeKind.BOOL)
    value = resolver.resolve(exception.is_)
    if when is None or value is None:
        return None
    clause = f"{exception.label} ({exception.authority})" if exception.authority else exception.label
    return ChoiceException(when, value, clause)


def grade_applies(number: int) -> StepId:
    """The step that says to whom the grade in that place applies."""
    return StepId("grade", str(number), role=APPLIES)


def define_grade(grades: Sequence[policy.GradeDeclaration], held_by: tuple[StepId, ...]) -> Definition:
    """The first grade, from the highest down, that applies and whose least total is reached."""
    conditional = tuple(grade_applies(number) for number, grade in enumerate(grades) if grade.when is not None)

    def build(resolver: Resolver) -> Step | None:
        steps = resolver.scope.steps
        if any(name not in steps for name in (SCORE_TOTAL, *conditional)):
            return None  # they have diagnostics of their own
        place = resolver.scope.relocate(grades[0].place)
        rungs = [_make_rung(number, grade, resolver) for number, grade in enumerate(grades)]
        ladder = make_ladder(Read(steps[SCORE_TOTAL], place, SCORE_TOTAL), tuple(rungs), place)
        return Step(GRADE, ladder, "", grades[0].authority, held_by, place=place)

    return Definition(GRADE, grades[0].place, build, (), (SCORE_TOTAL, *conditional, *held_by))


def _make_rung(number: int, grade: policy.GradeDeclaration, resolver: Resolver) -> Rung:
    place = resolver.scope.relocate(grade.place)
    least = None if grade.from_ == "lowest" else make_constant(grade.from_, place)
    applies = None if grade.when is None else Read(BOOL, place, grade_applies(number))
    return Rung(grade.id, least, applies, place)


def check_rounding(
    part: policy.PayDeclaration | policy.ScoreDeclaration | policy.ItemDeclaration, diagnostics: Diagnostics
) -> bool:
    """Whether a part can be rounded as it says; what cannot has a diagnostic."""
    before = len(diagnostics)
    if part.round is not None and not 0 <= part.round <= PLACES:
        diagnostics.add(catalogue.BAD_PLACES, *part.at("round"), places=part.round)
    if not isinstance(part, policy.ItemDeclaration) and part.mode not in MODES:
        diagnostics.add(catalogue.BAD_MODE, *part.at("mode"), mode=part.mode, modes=", ".join(MODES))
    return len(diagnostics) == before


def define_pay(line: policy.PayDeclaration, held_by: tuple[StepId, ...]) -> Definition:
    """An amount, rounded once, and not negative unless it is an adjustment."""
    name = StepId("pay", line.id)
    applies = name.with_role(APPLIES)

    def build(resolver: Resolver) -> Step | None:
        amount = resolver.resolve(line.amount, expect=TypeKind.DECIMAL)
        if amount is None or not check_rounding(line, resolver.diagnostics):
            return None
        paid = resolver.build(line.amount.place, "round", (amount,), line.round, line.mode)
        if paid is None:
            return None
        place = resolver.scope.place(line.amount.place)
        if line.kind != "adjustment" and paid.type.low < 0:
            paid = make_guarded(paid, None, None)
        paid = make_applies(Read(BOOL, place, applies) if line.when is not None else None, paid)
        return Step(name, paid, line.label, line.authority, held_by, place=resolver.scope.relocate(line.place))

    reads = (applies, *held_by) if line.when is not None else held_by
    return Definition(name, line.place, build, (line.amount,), reads)


def define_opening_balance(name: str, carry: policy.CarryDeclaration, balance: Type) -> Definition:
    """What the latest earlier period closed with."""
    step = StepId("carry", name)

    def build(resolver: Resolver) -> Step | None:
        place = resolver.scope.relocate(carry.place)
        if unfit := _why_unfit_to_open(carry.opens, balance):
            kind, params = unfit
            resolver.diagnostics.add(kind, *carry.at("opens"), **params)
            return None
        opens = Constant(decimal_type(carry.opens, carry.opens, balance.places), place, carry.opens)
        latest = Latest(balance, place, resolver.history_field(step, place), opens)
        return Step(step, latest, carry.label, carry.authority, place=place)

    return Definition(step, carry.place, build)


def _why_unfit_to_open(opens: Decimal, balance: Type) -> tuple[DiagnosticKind, dict[str, object]] | None:
    """Why a balance cannot open with a value; None if it can."""
    if count_places(opens) > balance.places:
        return catalogue.BOUND_TOO_FINE, {"key": "opens", "value": opens, "places": balance.places}
    if not balance.low <= to_units(opens) <= balance.high:
        bounds = {"low": from_units(balance.low), "high": from_units(balance.high)}
        return catalogue.OPENS_OUTSIDE, {"value": opens, **bounds}
    return None


def define_closing_balance(
    name: str, carry: policy.CarryDeclaration, balance: Type, held_by: tuple[StepId, ...]
) -> Definition:
    """The balance that goes into the next period; unknown outside its declared bounds."""
    step = StepId("carry", name, role=CLOSES)

    def build(resolver: Resolver) -> Step | None:
        closing: Expression | None = resolver.resolve(carry.closes, expect=TypeKind.DECIMAL)
        if closing is None:
            return None
        if closing.type.places > balance.places or not closing.type.ends:
            written = carry.closes.place
            places = balance.places
            resolver.diagnostics.add(catalogue.ROUND_FIRST, written.location, written.length, places=places)
            return None
        if closing.type.low < balance.low or closing.type.high > balance.high:
            closing = make_guarded(closing, from_units(balance.low), from_units(balance.high))
        place = resolver.scope.relocate(carry.place)
        return Step(step, closing, carry.label, carry.authority, held_by, place=place)

    return Definition(step, carry.place, build, (carry.closes,), held_by)
