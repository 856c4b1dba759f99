"""Syntax to typed expressions: names are resolved, types found, and every step proved to fit its numbers."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.language.build import apply_operator, make_constant, widen_to_decimal
from scorecore.language.cel.comprehensions import ComprehensionResolution
from scorecore.language.cel.functions import FunctionResolution
from scorecore.language.cel.macros import MacroError, check_size, expand_macros
from scorecore.language.cel.misreadings import write_percentage
from scorecore.language.cel.names import NameResolution
from scorecore.language.cel.resolution import ResolutionError
from scorecore.language.cel.scope import parse_history_index
from scorecore.language.cel.syntax import (
    Call,
    Index,
    Listing,
    LiteralSyntax,
    Method,
    Operation,
    Place,
    PointsSoFar,
    Syntax,
    Unparsed,
)
from scorecore.language.expressions import AccountSoFar, Expression
from scorecore.values.types import PLACES, TypeKind


@frozen
class Resolver(NameResolution, FunctionResolution, ComprehensionResolution):
    """Turns syntax into typed expressions; what is wrong becomes a diagnostic."""

    def resolve(self, syntax: Syntax, *, expect: TypeKind | None = None) -> Expression | None:
        """A typed expression; None with a diagnostic. An integer is widened where a decimal is expected."""
        try:
            expanded = expand_macros(syntax, self.scope.operators)
            if expanded is not syntax:
                check_size(expanded, syntax.place)
            resolved = self.expression(expanded)
            if expect is TypeKind.DECIMAL:
                resolved = widen_to_decimal(resolved)
            if expect is not None:
                self.expect(resolved, expect, syntax.place)
        except (ResolutionError, MacroError) as error:
            self.report(error)
            return None
        return resolved

    def build(
        self,
        place: Place,
        operator: str,
        operands: tuple[Expression, ...],
        *options: Any,  # noqa: ANN401  constants
    ) -> Expression | None:
        """An operator on typed operands; None with a diagnostic where it does not fit."""
        return self.build_fitting(place, lambda: apply_operator(operator, operands, self.scope.place(place), *options))

    def build_fitting(self, place: Place, build: Callable[[], Expression]) -> Expression | None:
        """What is built, if its types go together and every value fits; None with a diagnostic at `place`."""
        try:
            return self.fit(place, build)
        except ResolutionError as error:
            self.report(error)
            return None

    def check_end(self, expression: Expression, place: Place) -> bool:
        """Whether a number can be written down; one that cannot has a diagnostic."""
        if not expression.type.is_number or expression.type.ends:
            return True
        self.diagnostics.add(catalogue.NOT_ROUNDED, place.location, place.length, places=PLACES)
        return False

    def on_event(self, variable: str, table: str, place: Place) -> "Resolver | None":
        """A resolver for expressions about one event of a table; None if the variable's name is taken."""
        try:
            self.refuse_taken_variable(variable, place)
        except ResolutionError as error:
            self.report(error)
            return None
        return evolve(self, variable=(variable, table))

    def expression(self, syntax: Syntax) -> Expression:
        match syntax:
            case LiteralSyntax(value):
                return make_constant(value, self.scope.place(syntax.place))
            case PointsSoFar():
                assert self.account_so_far  # noqa: S101  only an entry of an account has it
                return AccountSoFar(self.account_so_far, self.scope.place(syntax.place))
            case Unparsed():
                raise ResolutionError(catalogue.BROKEN_NAME, syntax.place)
            case Operation(operator="in"):
                return self.membership(syntax)
            case Operation(operator="%", operands=(LiteralSyntax(int() | Decimal() as number), _)):
                percentage = write_percentage(str(number))
                raise ResolutionError(catalogue.INT_REMAINDER, syntax.place, percentage=percentage)
            case Operation(operator="%"):
                raise ResolutionError(catalogue.INT_REMAINDER, syntax.place)
            case Operation(operator=operator, operands=(Operation(operator=inner), _)) if {
                operator,
                inner,
            } <= _ORDERING:
                params = {"operator": operator, "types": "bool", "instead": "a < x && x < b"}
                raise ResolutionError(catalogue.WRONG_OPERANDS, syntax.place, **params)
            case Operation(operator=operator, operands=operands):
                return self.apply(operator, operands, syntax.place)
            case Call():
                return self.call(syntax)
            case Method():
                return self.method(syntax)
            case Listing():
                raise ResolutionError(catalogue.LIST_ALONE, syntax.place)
            case Index() if not parse_history_index(syntax):
                raise ResolutionError(catalogue.NOT_IN_POLICIES, syntax.place, what="[ ]")
        return self.name(syntax)


_ORDERING: Final = frozenset({"<", "<=", ">", ">="})
