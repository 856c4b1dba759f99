"""Each part of a policy that computes something, as a step to be built once what it reads is built."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from itertools import combinations

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.scope import Scope, find_references
from scorecore.language.cel.syntax import Place, Syntax, guarded
from scorecore.language.expressions import (
    HISTORY,
    Aggregate,
    Constant,
    Expression,
    Fold,
    Read,
    apply_operator,
    conjoin,
    make_constant,
    widen_to_decimal,
)
from scorecore.language.operators.rounding import MODES
from scorecore.policy import model as policy
from scorecore.program.model import Account, Step
from scorecore.values.types import (
    BOOL,
    PLACES,
    Type,
    TypeKind,
    decimal_type,
    from_units,
    places_of,
    to_units,
)


@frozen
class Definition:
    """A step that there will be: what it reads, and how it is built."""

    name: str
    place: Location
    build: Callable[[Resolver], Step | Account | None]
    syntax: tuple[Syntax, ...] = ()
    also: tuple[str, ...] = ()
    """Steps that it reads without the author saying so."""


def order_definitions(
    definitions: Iterable[Definition], scope: Scope, diagnostics: Diagnostics
) -> Iterator[Definition]:
    """Definitions so that each comes after those it reads; a circle is a problem and is cut."""
    by_name = {one.name: one for one in definitions}
    graph = {
        one.name: dict.fromkeys(
            (*one.also, *(name for syntax in one.syntax for name, _ in find_references(syntax, scope)))
        )
        for one in by_name.values()
    }
    while True:
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            _report(circle, by_name, scope, diagnostics)
            graph[circle[0]].pop(circle[1])
        else:
            return (by_name[name] for name in order if name in by_name)


def _report(circle: list[str], by_name: dict[str, Definition], scope: Scope, diagnostics: Diagnostics) -> None:
    """Name a circle from the part that stands first in the file, where it reads the next."""
    names = circle[:-1]
    start = min(range(len(names)), key=lambda at: by_name[names[at]].place)
    names = names[start:] + names[:start]
    path = " → ".join(name.removeprefix("values.") for name in (*names, names[0]))
    following = names[1] if len(names) > 1 else names[0]
    first = by_name[names[0]]
    reads = (place for syntax in first.syntax for name, place in find_references(syntax, scope) if name == following)
    place = next(reads, Place(first.place))
    diagnostics.add(catalogue.CIRCLE, place.location, place.length, path=path)


def define_expression(
    name: str,
    part: policy.Part,
    syntax: Syntax,
    label: str,
    held: tuple[str, ...] = (),
    expect: TypeKind | None = None,
) -> Definition:
    """A step that is one expression."""

    def build(checker: Resolver) -> Step | None:
        found = checker.check(syntax, expect=expect)
        place = checker.scope.relocate(part.place)
        return None if found is None else Step(name, found, label, part.authority, held, place=place)

    return Definition(name, part.place, build, (syntax,), held)


def define_value(name: str, value: policy.ValueDeclaration) -> Definition:
    """A value with a name: what its only exception says, or else what it is; unknown while two exceptions hold."""
    found = value.is_
    for one in reversed(value.exceptions):
        found = one.when.then(one.is_, found)
    for first, second in reversed(list(combinations(value.exceptions, 2))):
        apart = ~(first.when & second.when)
        found = guarded(apart, found, catalogue.COLLIDE, _clause(first), _clause(second))
    return define_expression(f"values.{name}", value, found, value.label)


def _clause(of: policy.ValueException) -> str:
    return f"{of.label} ({of.authority})" if of.authority else of.label


def grade_applies(number: int) -> str:
    """The step that says to whom the grade in that place applies."""
    return f"grade.{number}.applies"


def define_grade(grades: tuple[policy.GradeDeclaration, ...], held: tuple[str, ...]) -> Definition:
    """The first grade, from the highest down, that applies and whose least total is reached."""
    conditional = tuple(grade_applies(number) for number, one in enumerate(grades) if one.when is not None)

    def build(checker: Resolver) -> Step | None:
        steps = checker.scope.steps
        if any(name not in steps for name in ("score.total", *conditional)):
            return None  # they have problems of their own
        place = checker.scope.relocate(grades[0].place)
        total = Read(steps["score.total"], place, "score.total")
        found: Expression = make_constant(grades[-1].id, place)
        for number, one in reversed(list(enumerate(grades[:-1]))):
            here = checker.scope.relocate(one.place)
            reached: Expression | None = None
            if one.from_ != "lowest":
                reached = apply_operator(">=", (total, make_constant(one.from_, here)), here)
            if one.when is not None:
                reached = conjoin(Read(BOOL, here, grade_applies(number)), reached)
            found = apply_operator(
                "if", (reached or make_constant(value=True, place=here), make_constant(one.id, here), found), here
            )
        return Step("grade", found, "", grades[0].authority, held, place=place)

    return Definition("grade", grades[0].place, build, (), ("score.total", *conditional, *held))


def check_rounding(
    part: policy.PayDeclaration | policy.ScoreDeclaration | policy.ItemDeclaration, diagnostics: Diagnostics
) -> bool:
    """Whether a part can be rounded as it says; what cannot is a problem."""
    before = len(diagnostics)
    if part.round is not None and not 0 <= part.round <= PLACES:
        diagnostics.add(catalogue.BAD_PLACES, *part.at("round"), places=part.round)
    if not isinstance(part, policy.ItemDeclaration) and part.mode not in MODES:
        diagnostics.add(catalogue.BAD_MODE, *part.at("mode"), mode=part.mode, modes=", ".join(MODES))
    return len(diagnostics) == before


def define_pay(line: policy.PayDeclaration, held: tuple[str, ...]) -> Definition:
    """An amount, rounded once, and not negative but for an adjustment."""
    name, applies = f"pay.{line.id}", f"pay.{line.id}.applies"

    def build(checker: Resolver) -> Step | None:
        amount = checker.check(line.amount, expect=TypeKind.DECIMAL)
        if amount is None or not check_rounding(line, checker.diagnostics):
            return None
        place = checker.scope.place(line.amount.place)
        rounded = checker.build(line.amount.place, "round", (amount,), line.round, line.mode)
        if rounded is None:
            return None
        if line.kind != "adjustment" and rounded.type.low < 0:
            rounded = apply_operator("not_negative", (rounded,), place)
        if line.when is not None:
            condition = Read(BOOL, place, applies)
            rounded = apply_operator("if", (condition, rounded, make_constant(Decimal(0), place)), place)
        return Step(name, rounded, line.label, line.authority, held, place=checker.scope.relocate(line.place))

    also = (applies, *held) if line.when is not None else held
    return Definition(name, line.place, build, (line.amount,), also)


def define_opening_balance(name: str, part: policy.CarryDeclaration, of: Type) -> Definition:
    """What the latest earlier period closed with."""
    step = f"carry.{name}"

    def build(checker: Resolver) -> Step | None:
        place = checker.scope.relocate(part.place)
        if unfit := opening_unfit(part.opens, of):
            kind, blanks = unfit
            checker.diagnostics.add(kind, *part.at("opens"), **blanks)
            return None
        value = Aggregate(
            of,
            place,
            Fold.LAST,
            HISTORY,
            value=checker.history_field(step, place),
            default=Constant(decimal_type(part.opens, part.opens, of.places), place, part.opens),
        )
        return Step(step, value, part.label, part.authority, place=place)

    return Definition(step, part.place, build)


def opening_unfit(opens: Decimal, of: Type) -> tuple[DiagnosticKind, dict[str, object]] | None:
    """Why a balance cannot open with a value; None if it can."""
    if places_of(opens) > of.places:
        return catalogue.BOUND_TOO_FINE, {"key": "opens", "value": opens, "places": of.places}
    if not of.low <= to_units(opens) <= of.high:
        return catalogue.OPENS_OUTSIDE, {"value": opens, "low": from_units(of.low), "high": from_units(of.high)}
    return None


def define_closing_balance(name: str, part: policy.CarryDeclaration, of: Type, held: tuple[str, ...]) -> Definition:
    """The balance that goes into the next period; unknown outside its declared bounds."""
    step = f"carry.{name}.closes"

    def build(checker: Resolver) -> Step | None:
        found = checker.check(part.closes, expect=TypeKind.DECIMAL)
        if found is None:
            return None
        if found.type.places > of.places:
            written = part.closes.place
            checker.diagnostics.add(catalogue.ROUND_FIRST, written.location, written.length, places=of.places)
            return None
        found = widen_to_decimal(found)
        if found.type.low < of.low or found.type.high > of.high:
            bounds = (from_units(of.low), from_units(of.high))
            found = apply_operator("within", (found,), found.place, *bounds)
        place = checker.scope.relocate(part.place)
        return Step(step, found, part.label, part.authority, held, place=place)

    return Definition(step, part.place, build, (part.closes,), held)
