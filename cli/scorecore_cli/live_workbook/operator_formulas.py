"""The table of operators and the formula of a spreadsheet that each becomes, and those that have none, with why."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from scorecore.language.expressions import Apply, Constant, Read
from scorecore.language.operators.clock import parse_clock
from scorecore.values.canonical_json import format_decimal
from scorecore.values.types import PLACES, UNIT, Type, TypeKind
from scorecore_cli.language import _

MOST_TEXT: Final = 255
"""Characters that a text in a formula may have."""
_FIRST_DAY: Final = date(1900, 3, 1)
"""Spreadsheets have a 29 February 1900, so that earlier days differ."""
_FEWEST_PLACES: Final = 9
"""To how many places numbers are compared at least, so that the noise of binary floats decides nothing."""
_EXACT_DIGITS: Final = 14
"""How many digits of a number have no noise."""
OperatorFormula = Callable[[Apply, Sequence[str]], str]
"""(the application, the formulas of its operands) -> its formula."""


class NoFormulaError(Exception):
    """An expression has no form in a spreadsheet; the text says why."""


_MIDDLE_DAY: Final = 1132436
_DAYS_BESIDE: Final = 1826029
"""The days of the years 1 to 9999 around the middle one, as a spreadsheet counts them."""


def write_constant(value: Any) -> str:  # noqa: ANN401  a value of any type
    """A value as a formula says it; raises NoFormulaError."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            if len(value) > MOST_TEXT or not value.isprintable():
                raise NoFormulaError(_("a formula cannot hold this text"))
            return '"' + value.replace('"', '""') + '"'
        case datetime():
            return f"({write_constant(value.date())}+TIME({value.hour},{value.minute},{value.second}))"
        case date():
            if value < _FIRST_DAY:
                raise NoFormulaError(_("spreadsheets have no days before March 1, 1900"))
            return f"DATE({value.year},{value.month},{value.day})"
    text = format_decimal(Decimal(value))
    return f"({text})" if text.startswith("-") else text


# numbers


def write_near(number: str) -> str:
    """A number to fourteen digits, without the noise of binary floats."""
    return f"IF({number}=0,0,ROUND({number},13-INT(LOG10(ABS({number})))))"


def write_rounded(number: str, places: int, mode: str) -> str:
    """A number rounded by name; but for `half_up` it must be without noise: 0.30000000000000004 is not rounded up.

    ROUNDUP, ROUNDDOWN and TRUNC are not used: LibreOffice first rounds their numbers to twelve digits.
    """
    nearest = f"ROUND({number},{places})"
    step = f"SIGN({number})/{10**places}"
    match mode:
        case "half_up":
            return nearest
        case "up":
            return f"ROUND({nearest}+IF(ABS({nearest})<ABS({number}),{step},0),{places})"
        case "down":
            return f"ROUND({nearest}-IF(ABS({nearest})>ABS({number}),{step},0),{places})"
        case "ceiling":
            return f"ROUND({nearest}+IF({nearest}<{number},1/{10**places},0),{places})"
        case "floor":
            return f"ROUND({nearest}-IF({nearest}>{number},1/{10**places},0),{places})"
    is_half = f"{number}=ROUND({number},{places + 1}),MOD(ROUND(ABS({number})*{10 ** (places + 1)},0),10)=5"
    is_odd = f"MOD(ROUND(ABS({nearest})*{10**places},0),2)=1"
    return f"ROUND({nearest}-IF(AND({is_half},{is_odd}),{step},0),{places})"


def _infix(sign: str) -> OperatorFormula:
    return lambda _node, operands: f"({operands[0]}{sign}{operands[1]})"


def _call(function: str) -> OperatorFormula:
    return lambda _node, operands: f"{function}({','.join(operands)})"


def _add(node: Apply, operands: Sequence[str]) -> str:
    return f"({operands[0]}{'&' if node.type.kind is TypeKind.STRING else '+'}{operands[1]})"


def _cut(_node: Apply, operands: Sequence[str]) -> str:
    return write_rounded(operands[0], 0, "down")


def _places(*compared: Type) -> int:
    """To how many places numbers are compared: to all that they have, where a spreadsheet holds so many digits."""
    whole_digits = len(str(max(of.magnitude for of in compared) // UNIT))
    needed = max(of.places if of.ends else PLACES for of in compared)
    return max(_FEWEST_PLACES, min(needed, _EXACT_DIGITS - whole_digits))


def _add_days(_node: Apply, operands: Sequence[str]) -> str:
    day = f"({operands[0]}+{operands[1]})"
    return f"IF(ABS({day}-{_MIDDLE_DAY})<={_DAYS_BESIDE},{day},NA())"


def _not_negative(node: Apply, operands: Sequence[str]) -> str:
    return f"IF(ROUND({operands[0]},{_places(node.operands[0].type)})<0,NA(),{operands[0]})"


def _within(node: Apply, operands: Sequence[str]) -> str:
    low, high = (write_constant(end) for end in node.options)
    near = f"ROUND({operands[0]},{_places(node.operands[0].type)})"
    return f"IF(OR({near}<{low},{near}>{high}),NA(),{operands[0]})"


# conditions


def _compare(sign: str) -> OperatorFormula:
    def compare(node: Apply, operands: Sequence[str]) -> str:
        left, right = node.operands
        match left.type.kind:
            case TypeKind.STRING:
                equal = f"EXACT({operands[0]},{operands[1]})"
                if sign not in {"=", "<>"}:
                    raise NoFormulaError(_("spreadsheets put texts in another order"))
                return equal if sign == "=" else f"NOT({equal})"
            case TypeKind.TIMESTAMP:
                return f"(ROUND(({operands[0]}-{operands[1]})*86400,0){sign}0)"
        if left.type.is_number and not (is_plain(left) and is_plain(right)):
            return f"(ROUND({operands[0]}-{operands[1]},{_places(left.type, right.type)}){sign}0)"
        return f"({operands[0]}{sign}{operands[1]})"

    return compare


def is_plain(operand: Any) -> bool:  # noqa: ANN401  an expression
    """Whether an operand is as it was written down, and nothing that was computed."""
    is_written = isinstance(operand, Read) and ("." not in operand.name or operand.name.startswith("parameters."))
    return isinstance(operand, Constant) or is_written


def _absorb(choose: str) -> OperatorFormula:
    """`&&` and `||`: an operand that has no value counts only where the other one does not decide."""

    def absorb(_node: Apply, operands: Sequence[str]) -> str:
        shares = ",".join(f"IFERROR(IF({operand},1,0),0.5)" for operand in operands)
        return f"CHOOSE(1+2*{choose}({shares}),FALSE,NA(),TRUE)"

    return absorb


def _in(node: Apply, operands: Sequence[str]) -> str:
    kind = node.operands[0].type.kind
    texts = [write_constant(option) for option in node.options]
    if not texts:
        return f"IF({operands[0]}={operands[0]},FALSE)"
    equal = [f"EXACT({operands[0]},{text})" if kind is TypeKind.STRING else f"{operands[0]}={text}" for text in texts]
    return f"OR({','.join(equal)})"


def _require(_node: Apply, operands: Sequence[str]) -> str:
    return f"IF({operands[0]},{operands[1]},NA())"


# texts, days and times


def _contains(_node: Apply, operands: Sequence[str]) -> str:
    text, part = operands
    return f'OR(LEN({part})=0,LEN(SUBSTITUTE({text},{part},""))<LEN({text}))'


def _ends(function: str) -> OperatorFormula:
    return lambda _node, operands: f"EXACT({function}({operands[0]},LEN({operands[1]})),{operands[1]})"


def _months(_node: Apply, operands: Sequence[str]) -> str:
    first, last = f"MIN({operands[0]},{operands[1]})", f"MAX({operands[0]},{operands[1]})"
    months = f"(YEAR({last})-YEAR({first}))*12+MONTH({last})-MONTH({first})"
    is_complete = f"OR(DAY({last})>=DAY({first}),DAY({last}+1)=1)"
    return f"(SIGN({operands[1]}-{operands[0]})*({months}-IF({is_complete},0,1)))"


def _at(node: Apply, operands: Sequence[str]) -> str:
    clock = parse_clock(node.options[0])
    assert clock is not None  # noqa: S101  the compiler has read it
    return f"({operands[0]}+TIME({clock.hour},{clock.minute},{clock.second}))"


def _between(unit: int) -> OperatorFormula:
    return lambda _node, operands: f"(ROUND(({operands[1]}-{operands[0]})*86400,0)/{unit})"


OPERATOR_FORMULAS: Final[Mapping[str, OperatorFormula]] = {
    "+": _add,
    "-": _infix("-"),
    "*": _infix("*"),
    "/": _infix("/"),
    "negate": lambda _node, operands: f"(-{operands[0]})",
    "abs": _call("ABS"),
    "quotient": _cut,
    "decimal": lambda _node, operands: operands[0],
    "int": _cut,
    "not_negative": _not_negative,
    "within": _within,
    "least": _call("MIN"),
    "greatest": _call("MAX"),
    "round": lambda node, operands: write_rounded(operands[0], *node.options),
    "round_product": lambda node, operands: write_rounded(operands[0], *node.options),
    "round_quotient": lambda node, operands: write_rounded(operands[0], *node.options),
    "==": _compare("="),
    "!=": _compare("<>"),
    "<": _compare("<"),
    "<=": _compare("<="),
    ">": _compare(">"),
    ">=": _compare(">="),
    "and": _call("AND"),
    "or": _call("OR"),
    "not": _call("NOT"),
    "if": _call("IF"),
    "in": _in,
    "require": _require,
    "contains": _contains,
    "startsWith": _ends("LEFT"),
    "endsWith": _ends("RIGHT"),
    "size": _call("LEN"),
    "days": lambda _node, operands: f"({operands[1]}-{operands[0]})",
    "months_between": _months,
    "add_days": _add_days,
    "year": _call("YEAR"),
    "month": _call("MONTH"),
    "day": _call("DAY"),
    "date": _call("INT"),
    "at": _at,
    "minutes_between": _between(60),
    "hours_between": _between(3600),
}
ABSORBING: Final[Mapping[str, OperatorFormula]] = {"and": _absorb("MIN"), "or": _absorb("MAX")}
"""Instead of the rows above where an operand may have no value."""
WITHOUT_FORMULA: Final = frozenset({"is_workday", "workdays", "add_workdays", "workminutes", "workhours"})
"""Operators of calendars: spreadsheets know weekends and holidays, but no weekend that is worked, nor hours."""


def explain_absence(operator: str) -> str:
    """Why an operator has no formula."""
    if operator in WITHOUT_FORMULA:
        return _("spreadsheets know no weekends that are worked, and no working hours")
    return _("this part of the language has no form in a spreadsheet")


REPEATED: Final = frozenset(
    {"not_negative", "within", "contains", "months_between", "add_days", "in", "startsWith", "endsWith"}
)
"""Operators whose formulas name an operand more than once, so that it gets a cell of its own."""


ROUNDINGS: Final[Mapping[str, str]] = {
    "round": "",
    "round_product": "*",
    "round_quotient": "/",
    "int": "",
    "quotient": "/",
}
"""What is rounded: an operand, a product or a quotient."""


def needs_near(node: Apply) -> bool:
    """Whether the noise of binary floats could change what is rounded: all but rounding to the nearest."""
    return node.operator in {"int", "quotient"} or node.options[1] != "half_up"


def can_be_compared(of: Type) -> bool:
    """Whether values of a type have the same order in a spreadsheet."""
    return of.kind in {TypeKind.INT, TypeKind.DECIMAL, TypeKind.DATE, TypeKind.TIMESTAMP}
