"""Calls of functions: operators by name, and the functions whose arguments are more than operands."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.suggest import suggest
from scorecore.language.build import apply_operator, make_constant
from scorecore.language.cel.misreadings import CHOICE
from scorecore.language.cel.resolution import (
    Resolution,
    ResolutionError,
    check_closed_list,
    check_count,
    constant_places,
    constant_text,
)
from scorecore.language.cel.scope import FUNCTIONS, dotted_name
from scorecore.language.cel.syntax import GUARDED, Call, Listing, LiteralSyntax, Method, Name, Operation, Select, Syntax
from scorecore.language.expressions import (
    HISTORY,
    Constant,
    DependencyValue,
    Expression,
    Field,
    Has,
    HistoryAt,
    Nth,
    Read,
    Streak,
    walk,
)
from scorecore.language.groups import GROUP_FUNCTIONS, make_group_value
from scorecore.language.operators.clock import parse_clock
from scorecore.language.operators.rounding import MODES
from scorecore.language.rows import KeyedField, Neighbour, SumTo
from scorecore.values.types import BOOL, MAX_EVENTS, MAX_HISTORY, TypeKind, integer_type, union_type


class FunctionResolution(Resolution):
    """Resolves calls."""

    __slots__ = ()

    def call(self, call: Call) -> Expression:
        """What a function gives."""
        special = _SPECIAL.get(call.function)
        if special is not None:
            return special(self, call)
        arguments = call.arguments
        if call.function == "date" and len(arguments) == 1 and _is_text(arguments[0]):
            return self._date(call)
        if call.function == "between":
            check_count(call, 3, 3)
            return self.expression(_between(call))
        if call.function == "days_within":
            check_count(call, 2, 2)
            return self.expression(_days_within(call))
        if call.function == "size" and len(arguments) == 1 and self._is_event_rows(arguments[0]):
            return self.expression(Method(arguments[0], "size", (), call.place))
        if call.function not in FUNCTIONS:
            raise self._unknown_function(call)
        check_count(call, *_ARGUMENT_COUNTS.get(call.function, (1, 1)))
        return self.apply(call.function, arguments, call.place)

    def _is_event_rows(self, syntax: Syntax) -> bool:
        """A table of events, or what `filter` and `map` make of one."""
        rows = isinstance(syntax, Method) and syntax.method in {"filter", "map"}
        return rows or dotted_name(syntax) in self.scope.events

    def _unknown_function(self, call: Call) -> ResolutionError:
        plain = call.function.lower()
        functions = [*FUNCTIONS, *self.scope.operators]
        nearest = {"nearest": _ELSEWHERE[plain]} if plain in _ELSEWHERE else suggest(plain, functions)
        return ResolutionError(catalogue.UNKNOWN_FUNCTION, call.place, name=call.function, **nearest)

    def membership(self, operation: Operation) -> Expression:
        """`x in [a, b]`: the list has constants only."""
        left, right = operation.operands
        if not isinstance(right, Listing):
            raise ResolutionError(catalogue.NOT_A_LIST, right.place)
        value = self.expression(left)
        options = [self._list_constant(value, left, element) for element in right.items]
        place = self.scope.place(operation.place)
        return self.fit(operation.place, lambda: apply_operator("in", (value,), place, *options))

    def _list_constant(self, value: Expression, written: Syntax, element: Syntax) -> object:

        constant = self.expression(element)
        if not isinstance(constant, Constant):
            raise ResolutionError(catalogue.NOT_CONSTANT, element.place)
        if union_type(value.type, constant.type) is None:
            types = f"{value.type}, {constant.type}"
            raise ResolutionError(catalogue.WRONG_OPERANDS, element.place, operator="in", types=types)
        check_closed_list((value, constant), (written, element))
        return constant.value

    def group_value_call(self, call: Call) -> Expression:
        """`rank(x, "group")` and its like: what all members of the subject's group have goes into it."""
        self.refuse_in_event(call)
        is_pool, is_rank = call.function == "pool", call.function == "rank"
        count = 4 if is_pool else 2
        check_count(call, count, None if is_rank else count)
        *written, named = call.arguments[:3] if is_pool else call.arguments
        name = constant_text(named)
        if name not in self.scope.groups:
            nearest = suggest(name, self.scope.groups)
            raise ResolutionError(catalogue.NO_GROUP, named.place, name=name, **nearest)
        places = constant_places(call.arguments[3]) if is_pool else 0
        operands = tuple(self.beside_account().expression(operand) for operand in written)
        group, place = self.scope.groups[name], self.scope.place(call.place)
        return self.fit(call.place, lambda: make_group_value(call.function, group, operands, place, places))

    def nth_call(self, call: Call) -> Expression:
        """`nth(order)` or `nth(by, order)`, a condition behind it or none: which one of its kind an event is."""
        check_count(call, 1, 3)
        return self._numbering(call, call.arguments)

    def sum_to_call(self, call: Call) -> Expression:
        """`sum_to(number, …)`, as `nth(…)`: the sum of a number of the events up to and including this one."""
        check_count(call, 2, 4)
        nth = self._numbering(call, call.arguments[1:])
        body = self._operand_of_numbering(call.arguments[0])
        if not body.type.is_number:
            raise ResolutionError(catalogue.WRONG_TYPE, call.arguments[0].place, expected="decimal", found=body.type)
        if body.type.varying > 1:
            raise ResolutionError(catalogue.VARYING_SUM, call.arguments[0].place)
        low, high = min(0, body.type.low) * MAX_EVENTS, max(0, body.type.high) * MAX_EVENTS
        total = evolve(body.type, low=low, high=high)
        parts = (nth.table, nth.order, nth.by, nth.where, nth.further)
        return self.fit(call.place, lambda: SumTo(total, nth.place, *parts, body=body))

    def neighbour_call(self, call: Call) -> Expression:
        """`previous(field, …)` and `next(field, …)`, as `nth(…)`: of the event before or after this one."""
        check_count(call, 2, 4)
        nth = self._numbering(call, call.arguments[1:])
        field = self.expression(call.arguments[0])
        if not isinstance(field, Field) or field.table != nth.table:
            raise ResolutionError(catalogue.NO_FIELD_OF_EVENT, call.arguments[0].place, name=call.function)
        parts = (nth.table, nth.order, nth.by, nth.where, nth.further)
        return Neighbour(field.type, nth.place, *parts, name=field.name, is_next=call.function == "next")

    def _numbering(self, call: Call, arguments: tuple[Syntax, ...]) -> Nth:
        """By what events are numbered; an order by more than one value is a list."""
        if not self.variable:
            raise ResolutionError(catalogue.NO_EVENT_TO_NUMBER, call.place, name=call.function)
        by, ordering, condition = self._parts_of_numbering(arguments)
        listed = ordering.items if isinstance(ordering, Listing) else (ordering,)
        if not listed:
            raise ResolutionError(catalogue.NO_ORDER, ordering.place, found="[]")
        orders = [self._operand_of_numbering(syntax) for syntax in listed]
        for number, (order, syntax) in enumerate(zip(orders, listed, strict=True)):
            if order.type.kind not in _ORDERED and not (number and order.type.kind is TypeKind.STRING):
                raise ResolutionError(catalogue.NO_ORDER, syntax.place, found=order.type)
        kind = None if by is None else self._operand_of_numbering(by)
        where = None if condition is None else self._operand_of_numbering(condition)
        if where is not None and condition is not None:
            self.expect(where, TypeKind.BOOL, condition.place)
        place, number_type = self.scope.place(call.place), integer_type(1, MAX_EVENTS)
        return Nth(number_type, place, self.variable[1], orders[0], kind, where, tuple(orders[1:]))

    def _parts_of_numbering(self, arguments: tuple[Syntax, ...]) -> tuple[Syntax | None, Syntax, Syntax | None]:
        """Of what kind, in which order, on which condition; of two arguments a condition is the second."""
        match arguments:
            case (ordering,):
                return None, ordering, None
            case (ordering, Syntax() as second) if self._is_condition(second):
                return None, ordering, second
            case (by, ordering):
                return by, ordering, None
        by, ordering, condition = arguments
        return by, ordering, condition

    def _is_condition(self, syntax: Syntax) -> bool:
        return not isinstance(syntax, Listing) and self._operand_of_numbering(syntax).type.kind is TypeKind.BOOL

    def _operand_of_numbering(self, syntax: Syntax) -> Expression:
        operand = self.beside_account().expression(syntax)
        if any(isinstance(part, Nth) for part in walk(operand)):
            raise ResolutionError(catalogue.NESTED, syntax.place)
        return operand

    def round_call(self, call: Call) -> Expression:
        if not 2 <= len(call.arguments) <= 3:  # noqa: PLR2004  the number, the places, and perhaps the mode
            raise ResolutionError(
                catalogue.WRONG_COUNT, call.place, name="round", expected=2, found=len(call.arguments)
            )
        number, places, *modes = call.arguments
        mode = constant_text(modes[0]) if modes else "half_up"
        to_places = constant_places(places)
        if mode not in MODES:
            raise ResolutionError(catalogue.BAD_MODE, modes[0].place, mode=mode, modes=", ".join(MODES))
        return self.apply("round", (number,), call.place, to_places, mode)

    def require_call(self, call: Call) -> Expression:
        check_count(call, 3, 3)
        condition, value, reason = call.arguments
        text = constant_text(reason)
        return self.apply("require", (condition, value), call.place, catalogue.HELD.code, text)

    def guarded_call(self, call: Call) -> Expression:
        condition, value, *reason = call.arguments
        params = [part.value for part in reason if isinstance(part, LiteralSyntax)]
        return self.apply("require", (condition, value), call.place, *params)

    def _date(self, call: Call) -> Expression:
        text = constant_text(call.arguments[0])
        try:
            day = date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            raise ResolutionError(catalogue.NOT_A_DATE, call.arguments[0].place, text=text)
        return make_constant(day, self.scope.place(call.place))

    def at_call(self, call: Call) -> Expression:
        check_count(call, 2, 2)
        day, time = call.arguments
        text = constant_text(time)
        if parse_clock(text) is None:
            raise ResolutionError(catalogue.NOT_A_CLOCK_TIME, time.place, text=text)
        return self.apply("at", (day,), call.place, text)

    def by_calendar_call(self, call: Call) -> Expression:
        """A function whose last argument names a calendar."""
        count = _BY_CALENDAR[call.function]
        check_count(call, count, count)
        *operands, last = call.arguments
        name = constant_text(last)
        if name not in self.scope.calendars:
            nearest = suggest(name, self.scope.calendars)
            raise ResolutionError(catalogue.UNKNOWN_CALENDAR, last.place, name=name, **nearest)
        return self.apply(call.function, tuple(operands), call.place, self.scope.calendars[name])

    def has_call(self, call: Call) -> Expression:
        check_count(call, 1, 1)
        operand = self.expression(call.arguments[0])
        match operand:
            case Read(name=name) if name in self.scope.facts and self.scope.facts[name].optional:
                return Has(BOOL, self.scope.place(call.place), operand)
            case Field(table=table, name=name) if table != HISTORY and self.scope.events[table][name].optional:
                return Has(BOOL, self.scope.place(call.place), operand)
            case HistoryAt() | DependencyValue() | KeyedField() | Neighbour():
                return Has(BOOL, self.scope.place(call.place), operand)
        is_fact = isinstance(operand, Field) or (isinstance(operand, Read) and operand.name in self.scope.facts)
        fact = {"fact": operand.name} if isinstance(operand, Read | Field) and is_fact else {}
        raise ResolutionError(catalogue.NEVER_ABSENT, call.arguments[0].place, **fact)

    def streak_call(self, call: Call) -> Expression:
        check_count(call, 1, 1)
        self.refuse_in_event(call)
        condition = call.arguments[0]
        now = self.expression(condition)
        then = evolve(self, in_past=True).expression(condition)
        self.expect(now, TypeKind.BOOL, condition.place)
        if not any(isinstance(part, Field) for part in walk(then)):
            raise ResolutionError(catalogue.STREAK_OF_NOTHING, condition.place)
        return Streak(integer_type(0, MAX_HISTORY + 1), self.scope.place(call.place), now, then)


_BY_CALENDAR: Final = {"is_workday": 2, "workdays": 3, "add_workdays": 3, "workminutes": 3, "workhours": 3}
"""Functions that end with the name of a calendar, and how many arguments they have with it."""
_SPECIAL: Final[Mapping[str, Callable[[FunctionResolution, Call], Expression]]] = {
    "has": FunctionResolution.has_call,
    "streak": FunctionResolution.streak_call,
    "at": FunctionResolution.at_call,
    "round": FunctionResolution.round_call,
    "nth": FunctionResolution.nth_call,
    "sum_to": FunctionResolution.sum_to_call,
    "previous": FunctionResolution.neighbour_call,
    "next": FunctionResolution.neighbour_call,
    "require": FunctionResolution.require_call,
    GUARDED: FunctionResolution.guarded_call,
    **dict.fromkeys(GROUP_FUNCTIONS, FunctionResolution.group_value_call),
    **dict.fromkeys(_BY_CALENDAR, FunctionResolution.by_calendar_call),
}
"""Functions with arguments that are not operands."""
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ARGUMENT_COUNTS: Final[Mapping[str, tuple[int, int | None]]] = {
    **dict.fromkeys(("least", "greatest"), (1, None)),
    **dict.fromkeys(("days", "add_days", "months_between", "minutes_between", "hours_between", "quotient"), (2, 2)),
}
"""How many arguments a function has at least and at most; all others have exactly 1."""
_ELSEWHERE: Final = {
    "and": "a && b",
    "average": "x.map(e, e.field).mean()",
    "ceil": 'round(x, 0, "ceiling")',
    "count": "x.size()",
    "datedif": "days",
    "floor": 'round(x, 0, "floor")',
    "if": CHOICE,
    "iif": CHOICE,
    "isblank": "!has(x)",
    "len": "size",
    "max": "greatest",
    "min": "least",
    "networkdays": "workdays",
    "not": "!a",
    "now": "period.end",
    "or": "a || b",
    "rounddown": 'round(x, n, "down")',
    "roundup": 'round(x, n, "up")',
    "sum": "x.map(e, e.field).sum()",
    "today": "period.end",
    "vlookup": "tables.x(v)",
}
"""What spreadsheets have, and how an expression says it."""
_ORDERED: Final = frozenset({TypeKind.INT, TypeKind.DECIMAL, TypeKind.DATE, TypeKind.TIMESTAMP})
"""What puts events in an order."""


def _between(call: Call) -> Operation:
    """`between(x, a, b)`: `a <= x && x <= b`."""
    value, first, last = call.arguments
    sides = Operation("<=", (first, value), call.place), Operation("<=", (value, last), call.place)
    return Operation("and", sides, call.place)


def _days_within(call: Call) -> Call:
    """`days_within(a, b)`: the days from `a` to `b`, both counted, that are in the period."""
    place, (first, last) = call.place, call.arguments
    start, end = (Select(Name("period", place), side, place) for side in ("start", "end"))
    sides = Call("greatest", (first, start), place), Call("least", (last, end), place)
    days = Operation("+", (Call("days", sides, place), LiteralSyntax(1, place)), place)
    return Call("greatest", (days, LiteralSyntax(0, place)), place)


def _is_text(syntax: Syntax) -> bool:
    return isinstance(syntax, LiteralSyntax) and isinstance(syntax.value, str)
