"""Operators of plugins: named functions that are made of what the language has already.

    def attainment(actual: Syntax, target: Syntax) -> Syntax:
        \"\"\"The share of a target that was reached: 0 to 1.\"\"\"
        return least(greatest(actual, 0), target) / target

Such a function is given the operands of a call as they are written, and what it makes of them is compiled in the call's
place. So a program has no operators but those of the language, and can be decided without the plugin.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.diagnostics.failures import describe_failure, locate_code
from scorecore.language.cel.syntax import (
    Call,
    Index,
    Name,
    Place,
    Select,
    Syntax,
    children,
    measure,
    with_children,
)

MAX_PARTS: Final = 20_000
"""Parts that an expression may have; one of as many characters as can be written has fewer."""
DEEPEST: Final = 150
"""Parts inside each other; an author may write 100, and what scorers and operators make of these is some more."""
_OF_CEL: Final = """
    all bool bytes contains double dyn duration endsWith exists exists_one filter getDate getDayOfMonth getDayOfWeek
    getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds has int map matches size
    startsWith string timestamp type uint
"""
OF_CEL: Final = frozenset(_OF_CEL.split())
"""Functions of CEL: no plugin can give one of these another meaning."""


@frozen
class Operator:
    """A function for expressions: its name, and what it makes of its operands."""

    name: str
    expand: Callable[..., Syntax]
    """Takes an expression for each operand; its docstring's first line says what it gives."""
    contract: int = 1

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.expand) or "").partition("\n")[0]

    @property
    def operands(self) -> tuple[str, ...]:
        return tuple(inspect.signature(self.expand).parameters)

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(self.operands)})"


class MacroError(Exception):
    def __init__(self, kind: DiagnosticKind, place: Place, **params: object) -> None:
        super().__init__(kind.code)
        self.kind, self.place, self.params = kind, place, params


def expand_macros(syntax: Syntax, operators: Mapping[str, Operator]) -> Syntax:
    """An expression in which no operator of a plugin is called; raises MacroError."""
    if not operators:
        return syntax
    expansions: dict[int, tuple[Syntax, Syntax]] = {}

    def inside(operand: Syntax) -> Syntax:
        if id(operand) not in expansions:
            before = list(children(operand))
            after = [inside(operand) for operand in before]
            changed = any(mine is not theirs for mine, theirs in zip(before, after, strict=True))
            rebuilt = with_children(operand, after) if changed else operand
            if isinstance(rebuilt, Call) and rebuilt.function in operators:
                rebuilt = _called(operators[rebuilt.function], rebuilt)
            expansions[id(operand)] = operand, rebuilt  # kept, so that no other part gets its id
        return expansions[id(operand)][1]

    return inside(syntax)


def _called(operator: Operator, call: Call) -> Syntax:
    """What an operator makes of a call whose operands are expanded. All that is new has the place of the call."""
    count = len(operator.operands)
    if len(call.arguments) != count:
        params = {"name": operator.name, "expected": count, "found": len(call.arguments)}
        raise MacroError(catalogue.WRONG_COUNT, call.place, **params)
    where = locate_code(operator.expand)
    about = {"name": operator.name, **({"where": where} if where else {})}
    try:
        produced = operator.expand(*call.arguments)
        again = operator.expand(*call.arguments)
    except (Exception, SystemExit) as error:  # whatever a foreign function raises, it has a name and a place
        failure = describe_failure(error, operator.expand.__module__, operator.expand)
        raise MacroError(catalogue.OPERATOR_FAILED, call.place, name=operator.name, **failure) from error
    if not isinstance(produced, Syntax):
        raise MacroError(catalogue.OPERATOR_UNFIT, call.place, **about, found=f"{produced!r:.80}")
    check_size(produced, call.place)
    if produced != again:
        raise MacroError(catalogue.PLUGIN_VARIES, call.place, **about)
    return _at(produced, call.place, {id(argument) for argument in call.arguments}, operator)


def check_size(syntax: Syntax, place: Place) -> None:
    """Raise MacroError for an expression that is too large to compile: nobody writes it, but a plugin can make it."""
    size, depth = measure(syntax)
    if size > MAX_PARTS:
        raise MacroError(catalogue.MADE_TOO_LARGE, place, limit=MAX_PARTS)
    if depth > DEEPEST:
        raise MacroError(catalogue.MADE_TOO_DEEP, place, limit=DEEPEST)


def _at(syntax: Syntax, place: Place, operands: set[int], operator: Operator) -> Syntax:
    """The same expression with all that is not an operand at another place; names may come from operands only."""
    if id(syntax) in operands:
        return syntax
    if isinstance(syntax, Name | Select | Index):  # the order of steps would not know it
        raise MacroError(catalogue.OPERATOR_UNFIT, place, name=operator.name, found=f"{syntax!r:.80}")
    moved: Any = with_children(syntax, [_at(part, place, operands, operator) for part in children(syntax)])
    stands: Syntax = evolve(moved, place=place)
    return stands
