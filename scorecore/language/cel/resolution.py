"""What all parts of the resolver share: the scope, where an expression stands, how a mistake is reported."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self

from attrs import evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.language.build import apply_operator
from scorecore.language.cel.scope import PREFIXES, Scope
from scorecore.language.cel.syntax import Call, LiteralSyntax, Method, Place, Syntax
from scorecore.language.expressions import Constant, Expression, Field, Read, walk
from scorecore.language.operators import OperandTypeError
from scorecore.values.types import PLACES, Type, TypeKind, from_units


class ResolutionError(Exception):
    """An expression that means nothing; caught in `Resolver.resolve`, where it becomes a diagnostic."""

    def __init__(self, kind: DiagnosticKind, place: Place, **params: object) -> None:
        super().__init__(kind.code)
        self.kind, self.place, self.params = kind, place, params


@frozen
class Resolution(ABC):
    """Where an expression stands. `variable` is the event that is looked at, and the table it is from."""

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

    def beside_account(self) -> Self:
        """The same but that no points so far can be read."""
        return evolve(self, account_so_far=None)

    def apply(self, operator: str, operands: tuple[Syntax, ...], place: Place, *options: Any) -> Expression:  # noqa: ANN401  constants
        """An operator on operands that are resolved first."""
        resolved = tuple(self.expression(operand) for operand in operands)
        if operator in {"==", "!="}:
            check_closed_list(resolved, operands)
        return self.fit(place, lambda: apply_operator(operator, resolved, self.scope.place(place), *options))

    def fit(self, place: Place, build: Callable[[], Expression]) -> Expression:
        """What is built, if its types go together and every value fits."""
        try:
            built = build()
        except OperandTypeError as error:
            raise ResolutionError(error.kind, place, **error.params) from None
        if built.type.is_number and not built.type.fits:
            raise ResolutionError(catalogue.TOO_LARGE, place, **describe_overflow(built))
        return built

    def expect(self, expression: Expression, kind: TypeKind, place: Place) -> None:
        """Refuse an expression of another type."""
        if expression.type.kind is not kind:
            raise ResolutionError(catalogue.WRONG_TYPE, place, expected=kind.value, found=expression.type)

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


def describe_overflow(expression: Expression) -> dict[str, object]:
    """How large a step may get, and which of the values it reads is the largest."""
    params: dict[str, object] = {"magnitude": f"{from_units(expression.type.magnitude):.0E}".replace("+", "")}
    named = [part for part in walk(expression) if isinstance(part, Read | Field) and part.type.is_number]
    if named:
        largest = max(named, key=lambda part: part.type.magnitude)
        params |= {"name": largest.name, "most": f"{from_units(largest.type.magnitude):f}"}
    return params
