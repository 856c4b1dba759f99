"""Each part of a policy that computes something, as a step to be built once what it reads is built."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.language.build import apply_operator, make_constant
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.syntax import Syntax
from scorecore.language.choices import MAX_ROWS
from scorecore.language.expressions import ChoiceException, Constant, Expression, Latest, Read, Rung
from scorecore.language.operators.rounding import MODES
from scorecore.language.printer import print_formula
from scorecore.language.sugar import make_applies, make_choice, make_guarded, make_ladder
from scorecore.policy import model as policy
from scorecore.program.steps import Account, Step
from scorecore.values.step_id import APPLIES, ASSESSED, CLOSES, EXCLUDED, GRADE, SCORE_TOTAL, StepId
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


def define_assessed(header: policy.PolicyHeader, applies: Syntax) -> Iterator[Definition]:
    """Who is assessed, and its opposite, by which everything else is held."""
    yield define_expression(ASSESSED, header, applies, "", expect=TypeKind.BOOL)

    def build(resolver: Resolver) -> Step | None:
        if ASSESSED not in resolver.scope.steps:
            return None  # it has diagnostics of its own
        place = resolver.scope.relocate(applies.place.location)
        is_excluded = apply_operator("not", (Read(BOOL, place, ASSESSED),), place)
        return Step(EXCLUDED, is_excluded, "", header.authority, place=place)

    yield Definition(EXCLUDED, header.place, build, (), (ASSESSED,))


def define_value(
    name: str, value: policy.ValueDeclaration, kept: Type | None = None, held_by: tuple[StepId, ...] = ()
) -> Definition:
    """A value with a name: what its exceptions or rows say, or else what it is; `kept` is its type as a result."""
    step = StepId("values", name)
    rows = value.rows or value.exceptions
    syntax = [] if value.is_ is None else [value.is_]
    syntax += [part for row in rows for part in (row.when, row.is_)]

    def build(resolver: Resolver) -> Step | None:
        expect = None if kept is None else kept.kind
        otherwise = None if value.is_ is None else resolver.resolve(value.is_, expect=expect)
        resolved = [choice for row in rows if (choice := _resolve_row(row, resolver, expect)) is not None]
        is_whole = _check_rows(name, value, resolver.diagnostics)
        if not is_whole or (otherwise is None) != (value.is_ is None) or len(resolved) < len(rows):
            return None
        chosen = otherwise
        if rows:
            written = rows[0].when.place
            chosen = resolver.build_fitting(written, lambda: make_choice(tuple(resolved), otherwise, value.hit))
        if chosen is not None and kept is not None:
            chosen = _keep(chosen, kept, syntax[0], resolver)
        place = resolver.scope.relocate(value.place)
        return None if chosen is None else Step(step, chosen, value.label, value.authority, held_by, place=place)

    return Definition(step, value.place, build, tuple(syntax), held_by)


def _keep(expression: Expression, kept: Type, written: Syntax, resolver: Resolver) -> Expression | None:
    """What is written down for later periods: not finer than its type, and unknown outside of its bounds."""
    if not kept.is_number:
        return expression
    if expression.type.places > kept.places or not expression.type.ends:
        place = written.place
        resolver.diagnostics.add(catalogue.ROUND_FIRST, place.location, place.length, places=kept.places)
        return None
    if expression.type.low < kept.low or expression.type.high > kept.high:
        return make_guarded(expression, from_units(kept.low), from_units(kept.high))
    return expression


def _check_rows(name: str, value: policy.ValueDeclaration, diagnostics: Diagnostics) -> bool:
    """Whether the keys of a value go together; what does not has a diagnostic."""
    before, rows = len(diagnostics), value.rows or value.exceptions
    if value.rows and value.exceptions:
        params = {"name": f"values.{name}", "first": "exceptions", "second": "rows"}
        diagnostics.add(catalogue.ONE_OF, *value.at("rows"), **params)
    if bool(value.rows) != (value.hit is not None):
        diagnostics.add(catalogue.TOGETHER, *value.at("rows" if value.rows else "hit"), first="rows", second="hit")
    if value.is_ is None and not value.rows:
        diagnostics.add(catalogue.MISSING_KEY, *value.at(), key="is")
    if len(rows) > MAX_ROWS:
        params = {"name": f"values.{name}", "count": str(len(rows)), "limit": str(MAX_ROWS)}
        diagnostics.add(catalogue.TOO_MANY_VALUE_ROWS, *rows[MAX_ROWS].at("when"), **params)
    return len(diagnostics) == before


def _resolve_row(
    row: policy.ValueException | policy.ValueRow, resolver: Resolver, expect: TypeKind | None
) -> ChoiceException | None:
    when = resolver.resolve(row.when, expect=TypeKind.BOOL)
    value = resolver.resolve(row.is_, expect=expect)
    if when is None or value is None:
        return None
    label = row.label or print_formula(when)
    return ChoiceException(when, value, f"{label} ({row.authority})" if row.authority else label)


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
        closing = resolver.resolve(carry.closes, expect=TypeKind.DECIMAL)
        closing = None if closing is None else _keep(closing, balance, carry.closes, resolver)
        place = resolver.scope.relocate(carry.place)
        return None if closing is None else Step(step, closing, carry.label, carry.authority, held_by, place=place)

    return Definition(step, carry.place, build, (carry.closes,), held_by)
