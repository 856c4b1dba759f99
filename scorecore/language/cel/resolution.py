"""What all parts of the resolver share: the scope, the place of an expression, how a mistake is reported."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, Self

from attrs import evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.language.build import apply_operator
from scorecore.language.cel.macros import MacroError
from scorecore.language.cel.scope import PREFIXES, Scope
from scorecore.language.cel.syntax import Call, LiteralSyntax, Method, Place, Syntax
from scorecore.language.expressions import HISTORY, Constant, Expression, Field, Nth, Read, subexpressions
from scorecore.language.operators import OperandTypeError
from scorecore.language.rows import KeyedField, SumTo
from scorecore.values.step_id import StepId
from scorecore.values.types import MAX_DIGITS_UNROUNDED, PLACES, Type, TypeKind, from_units


class ResolutionError(Exception):
    """An expression that means nothing; caught in `Resolver.resolve`, where it becomes a diagnostic."""

    def __init__(self, kind: DiagnosticKind, place: Place, **params: object) -> None:
        super().__init__(kind.code)
        self.kind, self.place, self.params = kind, place, params


@frozen
class Resolution(ABC):
    """Where an expression is. `variable` is the event that is looked at, and the table it is from."""

    scope: Scope
    diagnostics: Diagnostics
    variable: tuple[str, str] | None = None
    in_past: bool = field(default=False, kw_only=True)
    """Whether names mean an earlier period, as inside `streak`."""
    account_so_far: Type | None = field(default=None, kw_only=True)
    """The type of the points before an entry, inside an entry that sets them."""

    @abstractmethod
    def expression(self, syntax: Syntax) -> Expression:
        """The typed expression; raises ResolutionError."""

    @abstractmethod
    def keyed_field(self, row: Method, member: str, syntax: Syntax) -> Expression:
        """A field of the row of a table that has a key; raises ResolutionError."""

    def beside_account(self) -> Self:
        """The same but that no points so far can be read."""
        return evolve(self, account_so_far=None)

    def apply(self, operator: str, operands: tuple[Syntax, ...], place: Place, *options: Any) -> Expression:  # noqa: ANN401  constants
        """An operator on operands that are resolved first."""
        resolved = self.expressions(operands)
        if operator in {"==", "!="}:
            check_closed_list(resolved, operands)
        return self.fit(place, lambda: apply_operator(operator, resolved, self.scope.place(place), *options))

    def expressions(self, operands: tuple[Syntax, ...]) -> tuple[Expression, ...]:
        """All operands; what is wrong with the others is reported beside the mistake that is raised."""
        resolved: list[Expression] = []
        mistakes: list[ResolutionError] = []
        for operand in operands:
            try:
                resolved.append(self.expression(operand))
            except ResolutionError as mistake:
                mistakes.append(mistake)
        for further in mistakes[1:]:
            self.report(further)
        if mistakes:
            raise mistakes[0]
        return tuple(resolved)

    def report(self, error: "ResolutionError | MacroError") -> None:
        """Make a mistake a diagnostic, unless it only follows from one."""
        if error.kind is not catalogue.BROKEN_NAME:
            params = {name: str(param) for name, param in error.params.items()}
            place = error.place
            self.diagnostics.take(Diagnostic(error.kind, place.location, params, place.length, cause=error.__cause__))

    def fit(self, place: Place, build: Callable[[], Expression]) -> Expression:
        """What is built, if its types go together and every value fits."""
        try:
            built = build()
        except OperandTypeError as error:
            raise ResolutionError(error.kind, place, **error.params) from None
        if built.type.is_number and not built.type.is_held_exactly:
            raise ResolutionError(catalogue.TOO_MANY_DIGITS, place, digits=MAX_DIGITS_UNROUNDED)
        if built.type.is_number and not built.type.fits:
            raise ResolutionError(catalogue.TOO_LARGE, place, **describe_overflow(built, self.scope))
        return built

    def expect(self, expression: Expression, kind: TypeKind, place: Place) -> None:
        """Refuse an expression of another type."""
        if expression.type.kind is not kind:
            is_fraction = kind is TypeKind.INT and expression.type.kind is TypeKind.DECIMAL
            instead = {"instead": "int(…)"} if is_fraction else {}
            raise ResolutionError(catalogue.WRONG_TYPE, place, expected=kind.value, found=expression.type, **instead)

    def refuse_in_event(self, syntax: Syntax) -> None:
        if self.variable or self.in_past:
            raise ResolutionError(catalogue.NESTED, syntax.place)

    def refuse_taken_variable(self, name: str, place: Place) -> None:
        if name in {*self.scope.bare(), *self.scope.events, *PREFIXES}:
            raise ResolutionError(catalogue.SHADOWS, place, name=name)


def check_count(call: Call | Method, least: int, most: int | None) -> None:
    """Refuse a call with too few or too many arguments."""
    name = call.function if isinstance(call, Call) else call.method
    count = len(call.arguments)
    if count < least or (most is not None and count > most):
        raise ResolutionError(catalogue.WRONG_COUNT, call.place, name=name, expected=least, found=count)


def constant_text(syntax: Syntax) -> str:
    """The text of an argument that must be a constant."""
    if not isinstance(syntax, LiteralSyntax) or not isinstance(syntax.value, str):
        raise ResolutionError(catalogue.NOT_CONSTANT, syntax.place)
    return syntax.value


def constant_places(syntax: Syntax) -> int:
    """A constant number of places."""
    places = syntax.value if isinstance(syntax, LiteralSyntax) else None
    if not isinstance(places, int) or isinstance(places, bool):
        raise ResolutionError(catalogue.NOT_CONSTANT, syntax.place)
    if not 0 <= places <= PLACES:
        raise ResolutionError(catalogue.BAD_PLACES, syntax.place, places=places)
    return places


def check_closed_list(resolved: tuple[Expression, ...], written: tuple[Syntax, ...]) -> None:
    """Refuse a text that a closed list of texts does not have: it is misspelt."""
    for operand, partner, syntax in zip(resolved, reversed(resolved), reversed(written), strict=True):
        if isinstance(partner, Constant) and isinstance(partner.value, str) and not isinstance(operand, Constant):
            among = operand.type.among
            if among is not None and partner.value not in among:
                params = {"text": partner.value, "among": ", ".join(among)}
                raise ResolutionError(catalogue.NOT_AMONG, syntax.place, **params, **suggest(partner.value, among))


def describe_overflow(expression: Expression, scope: Scope) -> dict[str, object]:
    """How large a step may get, and the largest of what it rests on that a `max` can bound."""
    params: dict[str, object] = {"magnitude": f"{from_units(expression.type.magnitude):.0E}".replace("+", "")}
    bounded = find_bounded((expression,), scope)
    if bounded:
        params |= {"name": bounded[0], "most": f"{from_units(bounded[1].magnitude):f}"}
    return params


def _walk_amounts(expression: Expression) -> Iterator[Expression]:
    """The numbers that an expression is made of; not those that only choose, order or find rows."""
    yield expression
    match expression:
        case SumTo(body=body):
            parts: Iterable[Expression] = (body,)
        case Nth() | KeyedField():
            parts = ()
        case _:
            parts = subexpressions(expression)
    for part in parts:
        if part.type.is_number:
            yield from _walk_amounts(part)


def find_bounded(expressions: Iterable[Expression], scope: Scope) -> tuple[str, Type] | None:
    """The largest number that is read, itself or through steps, and that its declaration can bound."""
    candidates: list[tuple[str, Type]] = []
    for part in chain.from_iterable(map(_walk_amounts, expressions)):
        match part:
            case Read(name=StepId(section="carry" | "score", role="") as name):
                candidates.append((name, part.type))
            case Read(name=StepId() as name):
                candidates += filter(None, [scope.bounded.get(name)])
            case Read(name=name) if name in scope.facts:
                candidates.append((name, part.type))
            case Field() | KeyedField() if part.table != HISTORY and not part.table.startswith("uses."):
                candidates.append((f"{part.table}.{part.name}", part.type))
    numbers = [(name, number_type) for name, number_type in candidates if number_type.is_number]
    return max(numbers, key=lambda number: number[1].magnitude, default=None)
