"""Syntax to typed expressions: names are resolved, types found, and every step proved to fit its numbers."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics, suggest
from scorecore.diagnostics.source import Location
from scorecore.language.bands import lookup_type, rate_bounds
from scorecore.language.cel.groups import GROUP_FUNCTIONS, resolve_group_call
from scorecore.language.cel.macros import MacroError, check_size, expand_macros
from scorecore.language.cel.scope import (
    FUNCTIONS,
    PERIOD,
    PREFIXES,
    Scope,
    dotted_name,
    find_step_name,
    parse_history_index,
)
from scorecore.language.cel.syntax import (
    GUARDED,
    Call,
    Index,
    Listing,
    Method,
    Name,
    Operation,
    Place,
    Syntax,
)
from scorecore.language.cel.syntax import LiteralSyntax as SyntaxConstant
from scorecore.language.expressions import (
    HISTORY,
    Aggregate,
    Constant,
    Expression,
    Field,
    Fold,
    Has,
    Lookup,
    Nth,
    Read,
    Running,
    apply_operator,
    make_constant,
    walk,
    widen_to_decimal,
)
from scorecore.language.operators import OperandTypeError
from scorecore.language.operators.clock import clock
from scorecore.language.operators.rounding import MODES
from scorecore.values.types import (
    BOOL,
    MAX_EVENTS,
    PLACES,
    Type,
    TypeKind,
    from_units,
    integer_type,
    union_type,
)

LONGEST_HISTORY: Final = 1200
"""Periods that `history[…]` and `streak` can look back; a hundred years of months."""


class _Refused(Exception):  # noqa: N818  caught in `check`, where it becomes a problem
    def __init__(self, kind: DiagnosticKind, place: Place, **blanks: object) -> None:
        super().__init__(kind.code)
        self.kind, self.place, self.blanks = kind, place, blanks


@frozen
class Resolver:
    """Turns syntax into expressions. `variable` is the event that is looked at, and the table it is from."""

    scope: Scope
    diagnostics: Diagnostics
    variable: tuple[str, str] | None = None
    past: bool = field(default=False, kw_only=True)
    """Whether names mean an earlier period, as inside `streak`."""
    running: Type | None = field(default=None, kw_only=True)
    """The type of the account so far, inside an entry of it."""

    def check(self, syntax: Syntax, *, expect: TypeKind | None = None) -> Expression | None:
        """A typed expression; None with a problem. A decimal is expected where `expect` says so."""
        try:
            written = expand_macros(syntax, self.scope.operators)
            if written is not syntax:
                check_size(written, syntax.place)
            found = self._check(written)
            if expect is TypeKind.DECIMAL:
                found = widen_to_decimal(found)
        except _Refused as refused:
            self._report(refused)
            return None
        except MacroError as fault:
            self._report(_Refused(fault.kind, fault.place, **fault.blanks))
            return None
        if expect is not None and found.type.kind is not expect:
            self._report(_Refused(catalogue.WRONG_TYPE, syntax.place, expected=expect.value, found=found.type))
            return None
        return found

    def _report(self, refused: "_Refused") -> None:
        if refused.kind is not catalogue.BROKEN_NAME:
            place = refused.place
            self.diagnostics.add(refused.kind, place.location, place.length, **refused.blanks)

    def _check(self, of: Syntax) -> Expression:
        match of:
            case SyntaxConstant(value):
                return make_constant(value, self.scope.place(of.place))
            case Operation():
                return self._operation(of)
            case Call():
                return self._call(of)
            case Method():
                return self._method(of)
            case Listing():
                raise _Refused(catalogue.LIST_ALONE, of.place)
            case Index() if not parse_history_index(of):
                raise _Refused(catalogue.NOT_IN_POLICIES, of.place, what="[ ]")
            case _:
                return self._name(of)

    def build(
        self,
        of: Place,
        operator: str,
        operands: tuple[Expression, ...],
        *options: Any,  # noqa: ANN401  constants
    ) -> Expression | None:
        """`apply`, with what does not fit as a problem."""
        try:
            return self._fitting(of, lambda: apply_operator(operator, operands, self.scope.place(of), *options))
        except _Refused as refused:
            self._report(refused)
            return None

    def history_field(self, name: str, place: Location) -> Field:
        return Field(self.scope.history[name], place, HISTORY, name)

    def on_event(self, variable: str, table: str, place: Place) -> "Resolver | None":
        """A checker for expressions about one event of a table; None if the variable's name is taken."""
        try:
            self._free(variable, place)
        except _Refused as refused:
            self._report(refused)
            return None
        return evolve(self, variable=(variable, table))

    def _free(self, name: str, place: Place) -> None:
        if name in {*self.scope.bare(), *self.scope.events, *PREFIXES, RUNNING}:
            raise _Refused(catalogue.SHADOWS, place, name=name)

    # names

    def _name(self, of: Syntax) -> Expression:
        place = self.scope.place(of.place)
        ago = parse_history_index(of)
        if ago:
            return self._ago(of, *ago)
        name = dotted_name(of)
        if name is None:
            raise _Refused(catalogue.NO_MEMBER, of.place)
        head, _, member = name.partition(".")
        if self.variable and head == self.variable[0]:
            return self._field(of, member)
        if name == RUNNING and self.running:
            return Running(self.running, place)
        if self.past and name in self.scope.history:
            return Field(self.scope.history[name], place, HISTORY, name)
        if head == "parameters" and member in self.scope.parameters:
            return Read(self.scope.parameters[member], place, name)
        if head == "period" and member in PERIOD:
            return Read(PERIOD[member], place, name)
        if head == "uses":
            return self._used(of, name)
        found = self._value(name, place)
        if found is None:
            broken = find_step_name(name, self.scope) is not None  # it has a problem of its own, which is reported
            raise _Refused(catalogue.BROKEN_NAME, of.place) if broken else self._unknown(of, name)
        if self.past:
            raise _Refused(catalogue.NOT_IN_HISTORY, of.place, name=name, known=", ".join(self.scope.history))
        return found

    def _value(self, name: str, place: Location) -> Expression | None:
        if name in self.scope.facts:
            return Read(self.scope.facts[name].type, place, name)
        step = find_step_name(name, self.scope)
        return Read(self.scope.steps[step], place, step) if step in self.scope.steps else None

    def _unknown(self, of: Syntax, name: str) -> _Refused:
        head, _, member = name.partition(".")
        if head in self.scope.events and not member:
            return _Refused(catalogue.TABLE_ALONE, of.place, name=name)
        sections = self.scope.sections()
        if member:
            if head not in sections and head not in {"tables", HISTORY}:
                near = suggest(
                    head, [*sections, *self.scope.events, *filter(None, [self.variable and self.variable[0]])]
                )
                return _Refused(catalogue.UNKNOWN_NAME, of.place, name=name, **near)
            near = suggest(member, sections.get(head, ()))
            near = {"nearest": f"{head}.{near['nearest']}"} if near else {}
            return _Refused(catalogue.UNKNOWN_NAME, of.place, name=name, **near)
        known = [*self.scope.bare(), *self.scope.events, *sections]
        prefixed = [f"{section}.{one}" for section, several in sections.items() for one in several if one == name]
        near = {"nearest": prefixed[0]} if prefixed else suggest(name, known)
        return _Refused(catalogue.UNKNOWN_NAME, of.place, name=name, **near)

    def _field(self, of: Syntax, member: str) -> Expression:
        assert self.variable  # noqa: S101  the caller has looked
        variable, table = self.variable
        fields = self.scope.events[table]
        if not member:
            raise _Refused(catalogue.EVENT_ALONE, of.place, name=variable, fields=", ".join(fields))
        if member not in fields:
            near = suggest(member, fields)
            near = {"nearest": f"{variable}.{near['nearest']}"} if near else {}
            raise _Refused(catalogue.UNKNOWN_NAME, of.place, name=f"{variable}.{member}", **near)
        return Field(fields[member].type, self.scope.place(of.place), table, member)

    def _used(self, of: Syntax, name: str) -> Expression:
        """`uses.department.score.total`: a result of another policy."""
        one, _, result = name.removeprefix("uses.").partition(".")
        table = f"uses.{one}"
        if table not in self.scope.events and one in self.scope.uses:
            raise _Refused(catalogue.BROKEN_NAME, of.place)
        if table not in self.scope.events:
            known = [known for known in self.scope.events if known.startswith("uses.")]
            raise _Refused(catalogue.UNKNOWN_NAME, of.place, name=name, **suggest(table, known))
        fields = self.scope.events[table]
        if table not in self.scope.single:
            raise _Refused(catalogue.TABLE_ALONE, of.place, name=table)
        if result not in fields:
            near = suggest(result, fields)
            near = {"nearest": f"{table}.{near['nearest']}"} if near else {}
            raise _Refused(catalogue.UNKNOWN_NAME, of.place, name=name, **near)
        if self.past:
            raise _Refused(catalogue.NOT_IN_HISTORY, of.place, name=name, known=", ".join(self.scope.history))
        self._no_event(of)
        place = self.scope.place(of.place)
        value = Field(fields[result].type, place, table, result)
        return Aggregate(value.type, place, Fold.ONE, table, value=value)

    def _ago(self, of: Syntax, ago: int, name: str) -> Expression:
        if not 1 <= ago <= LONGEST_HISTORY:
            raise _Refused(catalogue.BAD_AGO, of.place, most=LONGEST_HISTORY)
        self._no_event(of)
        if name not in self.scope.history:
            raise _Refused(
                catalogue.NOT_IN_HISTORY,
                of.place,
                name=name,
                known=", ".join(self.scope.history),
                **suggest(name, self.scope.history),
            )
        place = self.scope.place(of.place)
        value = Field(self.scope.history[name], place, HISTORY, name)
        return Aggregate(value.type, place, Fold.AT, HISTORY, value=value, ago=ago)

    # operators and functions

    def _operation(self, of: Operation) -> Expression:
        if of.operator == "in":
            return self._in(of)
        if of.operator == "%":
            raise _Refused(catalogue.INT_REMAINDER, of.place)
        return self._apply(of.operator, of.operands, of.place)

    def _apply(self, operator: str, operands: tuple[Syntax, ...], place: Place, *options: Any) -> Expression:  # noqa: ANN401
        checked = tuple(self._check(one) for one in operands)
        if operator in {"==", "!="}:
            _closed(checked, operands)
        return self._fitting(place, lambda: apply_operator(operator, checked, self.scope.place(place), *options))

    def _fitting(self, place: Place, build: Callable[[], Expression]) -> Expression:
        try:
            built = build()
        except OperandTypeError as unfit:
            raise _Refused(unfit.kind, place, **unfit.blanks) from None
        if built.type.is_number and not built.type.fits:
            raise _Refused(catalogue.TOO_LARGE, place, **_overflow(built))
        return built

    def _in(self, of: Operation) -> Expression:
        left, right = of.operands
        if not isinstance(right, Listing):
            raise _Refused(catalogue.NOT_A_LIST, right.place)
        value = self._check(left)
        items = []
        for one in right.items:
            item = self._check(one)
            if isinstance(item, Aggregate) or not isinstance(item, Constant):
                raise _Refused(catalogue.NOT_CONSTANT, one.place)
            if union_type(value.type, item.type) is None:
                raise _Refused(catalogue.WRONG_OPERANDS, one.place, operator="in", types=f"{value.type}, {item.type}")
            _closed((value, item), (left, one))
            items.append(item.value)
        place = self.scope.place(of.place)
        return self._fitting(of.place, lambda: apply_operator("in", (value,), place, *items))

    def _call(self, of: Call) -> Expression:
        arguments = of.arguments
        own = {"has": self._has, "streak": self._streak, "at": self._at, "round": self._round, "nth": self._nth}
        own |= {"require": self._require, GUARDED: self._guarded}
        own |= dict.fromkeys(GROUP_FUNCTIONS, self._grouped) | dict.fromkeys(_BY_CALENDAR, self._by_calendar)
        if of.function in own:
            return own[of.function](of)
        match of.function:
            case "date" if _is_text(arguments):
                return self._date(of)
            case "size" if len(arguments) == 1 and dotted_name(arguments[0]) in self.scope.events:
                return self._aggregate(Method(arguments[0], "size", (), of.place))
            case "size" if len(arguments) == 1 and isinstance(arguments[0], Method):
                if arguments[0].method in {"filter", "map"}:
                    return self._aggregate(Method(arguments[0], "size", (), of.place))
            case function if function in FUNCTIONS:
                self._count(of, *_COUNTS.get(function, (1, 1)))
            case function:
                plain = function.lower()
                known = [*FUNCTIONS, *self.scope.operators]
                near = {"nearest": _ELSEWHERE[plain]} if plain in _ELSEWHERE else suggest(plain, known)
                raise _Refused(catalogue.UNKNOWN_FUNCTION, of.place, name=function, **near)
        return self._apply(of.function, arguments, of.place)

    def _grouped(self, of: Call) -> Expression:
        """`rank(x, "group")` and its like: what all members of the subject's group have comes into it."""
        self._no_event(of)
        pool = of.function == "pool"
        count = 4 if pool else 2
        self._count(of, count, count)
        *written, named = of.arguments[:3] if pool else of.arguments
        name = getattr(named, "value", None)
        if not isinstance(name, str):
            raise _Refused(catalogue.NOT_CONSTANT, named.place)
        if name not in self.scope.groups:
            raise _Refused(catalogue.NO_GROUP, named.place, name=name, **suggest(name, self.scope.groups))
        places = self._places(of.arguments[3]) if pool else 0
        operands = tuple(evolve(self, running=None)._check(one) for one in written)  # noqa: SLF001  the same class
        return self._fitting(
            of.place, lambda: resolve_group_call(self.scope, of.function, name, operands, of.place, places)
        )

    def _nth(self, of: Call) -> Expression:
        """`nth(order)`, `nth(by, order)` or `nth(by, order, condition)`: which one of its kind an event is."""
        self._count(of, 1, 3)
        if not self.variable:
            raise _Refused(catalogue.NO_EVENT_TO_NUMBER, of.place)
        beside = evolve(self, running=None)
        checked = [beside._check(one) for one in of.arguments]  # noqa: SLF001  the same class
        for one, syntax in zip(checked, of.arguments, strict=True):
            if any(isinstance(part, Nth) for part in walk(one)):
                raise _Refused(catalogue.NESTED, syntax.place)
        by, order, where = {1: (None, 0, None), 2: (0, 1, None), 3: (0, 1, 2)}[len(checked)]
        if checked[order].type.kind not in _ORDERED:
            raise _Refused(catalogue.NO_ORDER, of.arguments[order].place, found=checked[order].type)
        if where is not None and checked[where].type.kind is not TypeKind.BOOL:
            raise _Refused(catalogue.WRONG_TYPE, of.arguments[where].place, expected="bool", found=checked[where].type)
        return Nth(
            integer_type(1, MAX_EVENTS),
            self.scope.place(of.place),
            self.variable[1],
            checked[order],
            None if by is None else checked[by],
            None if where is None else checked[where],
        )

    def _places(self, of: Syntax) -> int:
        """A constant number of places."""
        found = getattr(of, "value", None)
        if not isinstance(found, int) or isinstance(found, bool):
            raise _Refused(catalogue.NOT_CONSTANT, of.place)
        if not 0 <= found <= PLACES:
            raise _Refused(catalogue.BAD_PLACES, of.place, places=found)
        return found

    def _count(self, of: Call | Method, least: int, most: int | None) -> None:
        name = of.function if isinstance(of, Call) else of.method
        if len(of.arguments) < least or (most is not None and len(of.arguments) > most):
            raise _Refused(catalogue.WRONG_COUNT, of.place, name=name, expected=least, found=len(of.arguments))

    def _round(self, of: Call) -> Expression:
        if not 2 <= len(of.arguments) <= 3:  # noqa: PLR2004  the number, the places, and perhaps the mode
            raise _Refused(catalogue.WRONG_COUNT, of.place, name="round", expected=2, found=len(of.arguments))
        number, places, *mode = of.arguments
        to = self._places(places)
        how = getattr(mode[0], "value", None) if mode else "half_up"
        if not isinstance(how, str):
            raise _Refused(catalogue.NOT_CONSTANT, mode[0].place)
        if how not in MODES:
            raise _Refused(catalogue.BAD_MODE, mode[0].place, mode=how, modes=", ".join(MODES))
        return self._apply("round", (number,), of.place, to, how)

    def _require(self, of: Call) -> Expression:
        self._count(of, 3, 3)
        condition, value, reason = of.arguments
        if not isinstance(reason, SyntaxConstant) or not isinstance(reason.value, str):
            raise _Refused(catalogue.NOT_CONSTANT, reason.place)
        return self._apply("require", (condition, value), of.place, catalogue.HELD.code, reason.value)

    def _guarded(self, of: Call) -> Expression:
        condition, value, *reason = of.arguments
        said = [one.value for one in reason if isinstance(one, SyntaxConstant)]
        return self._apply("require", (condition, value), of.place, *said)

    def _date(self, of: Call) -> Expression:
        text = getattr(of.arguments[0], "value", "")
        try:
            found = date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
        except ValueError:
            found = None
        if found is None:
            raise _Refused(catalogue.NOT_A_DATE, of.arguments[0].place, text=text)
        return make_constant(found, self.scope.place(of.place))

    def _at(self, of: Call) -> Expression:
        self._count(of, 2, 2)
        day, text = of.arguments
        if not isinstance(text, SyntaxConstant) or not isinstance(text.value, str):
            raise _Refused(catalogue.NOT_CONSTANT, text.place)
        if clock(text.value) is None:
            raise _Refused(catalogue.NOT_A_CLOCK_TIME, text.place, text=text.value)
        return self._apply("at", (day,), of.place, text.value)

    def _by_calendar(self, of: Call) -> Expression:
        """A function whose last operand names a calendar."""
        count = _BY_CALENDAR[of.function]
        self._count(of, count, count)
        *operands, last = of.arguments
        name = getattr(last, "value", None)
        if not isinstance(name, str):
            raise _Refused(catalogue.NOT_CONSTANT, last.place)
        if name not in self.scope.calendars:
            raise _Refused(catalogue.UNKNOWN_CALENDAR, last.place, name=name, **suggest(name, self.scope.calendars))
        return self._apply(of.function, tuple(operands), of.place, self.scope.calendars[name])

    def _has(self, of: Call) -> Expression:
        self._count(of, 1, 1)
        asked = self._check(of.arguments[0])
        match asked:
            case Read(name=name) if name in self.scope.facts and self.scope.facts[name].optional:
                return Has(BOOL, self.scope.place(of.place), asked)
            case Field(table=table, name=name) if table != HISTORY and self.scope.events[table][name].optional:
                return Has(BOOL, self.scope.place(of.place), asked)
            case Aggregate(fold=Fold.AT | Fold.ONE):
                return Has(BOOL, self.scope.place(of.place), asked)
            case _:
                raise _Refused(catalogue.NEVER_ABSENT, of.arguments[0].place)

    def _streak(self, of: Call) -> Expression:
        self._count(of, 1, 1)
        self._no_event(of)
        place = self.scope.place(of.place)
        now = self._check(of.arguments[0])
        then = evolve(self, past=True)._check(of.arguments[0])  # noqa: SLF001  the same class
        if now.type.kind is not TypeKind.BOOL:
            raise _Refused(catalogue.WRONG_TYPE, of.arguments[0].place, expected="bool", found=now.type)
        if not any(isinstance(part, Field) for part in walk(then)):
            raise _Refused(catalogue.STREAK_OF_NOTHING, of.arguments[0].place)
        before = Aggregate(integer_type(0, LONGEST_HISTORY), place, Fold.RUN, HISTORY, value=then)
        with_this = apply_operator("+", (make_constant(1, place), before), place)
        return apply_operator("if", (now, with_this, make_constant(0, place)), place)

    # methods: event tables, band tables, text

    def _method(self, of: Method) -> Expression:
        base = dotted_name(of.base)
        if base == "tables":
            return self._lookup(of, of.method, rate=False)
        if base and base.startswith("tables.") and of.method == "rate":
            return self._lookup(of, base.removeprefix("tables."), rate=True)
        if of.method in _TEXT and dotted_name(of.base) not in self.scope.events:
            self._count(of, 1, 1)
            return self._apply(of.method, (of.base, *of.arguments), of.place)
        if of.method == "size" and not of.arguments and not _is_rows(of.base, self.scope):
            return self._apply("size", (of.base,), of.place)
        return self._aggregate(of)

    def _lookup(self, of: Method, name: str, *, rate: bool) -> Expression:
        self._count(of, 1, 1)
        table = self.scope.tables.get(name)
        if table is None:
            near = suggest(name, self.scope.tables)
            near = {"nearest": f"tables.{near['nearest']}"} if near else {}
            raise _Refused(catalogue.UNKNOWN_NAME, of.place, name=f"tables.{name}", **near)
        if rate and table.kind != "marginal":
            raise _Refused(catalogue.NO_RATE, of.place, name=name)
        place = self.scope.place(of.place)
        key = self._check(of.arguments[0])
        text = table.kind == "exact"
        if (key.type.kind is TypeKind.STRING) != text or not (text or key.type.is_number):
            expected = "string" if text else "decimal"
            raise _Refused(catalogue.WRONG_TYPE, of.arguments[0].place, expected=expected, found=key.type)
        key = widen_to_decimal(key)
        found = Lookup(lookup_type(table, key.type), place, name, key)
        if not found.type.fits:
            raise _Refused(catalogue.TOO_LARGE, of.place, **_overflow(found))
        if not rate:
            return found
        zero = make_constant(Decimal(0), place)
        share = self._fitting(of.place, lambda: apply_operator("/", (found, key), place))
        # a weighted mean of the rates, which the bounds of its two parts do not show
        share = apply_operator("within", (share,), place, *rate_bounds(table))
        return apply_operator("if", (apply_operator("==", (key, zero), place), zero, share), place)

    def _no_event(self, of: Syntax) -> None:
        if self.variable or self.past:
            raise _Refused(catalogue.NESTED, of.place)

    def _aggregate(self, of: Method) -> Expression:
        """`table.filter(v, …).map(v, …).sum()` and its like."""
        rows = _rows(of, self.scope)
        if rows is None:
            base: Syntax = of
            while isinstance(base, Method):
                base = base.base
            if (dotted_name(base) or "").startswith("uses."):
                self._check(base)  # which says what is wrong with it
            known = [*_TEXT, *_FOLDS, "filter", "map", "sum", "size"]
            if of.method in known:
                raise _Refused(catalogue.NOT_EVENTS, of.place, name=of.method)
            raise _Refused(catalogue.UNKNOWN_FUNCTION, of.place, name=of.method, **suggest(of.method, known))
        self._no_event(of)
        table, filters, last = rows
        where: Expression | None = None
        for one in filters:
            holds = self._body(one, table, TypeKind.BOOL)
            place = holds.place
            # a row that one filter drops is not seen by the next
            where = (
                holds
                if where is None
                else apply_operator("if", (where, holds, make_constant(value=False, place=place)), place)
            )
        place = self.scope.place(of.place)
        if of.method == "size":
            self._count(of, 0, 0)
            if last is not None:
                raise _Refused(catalogue.NEEDLESS_MAP, last.place)
            return Aggregate(integer_type(0, MAX_EVENTS), place, Fold.SIZE, table, where)
        if of.method == "sum":
            if last is None:
                raise _Refused(catalogue.SUM_OF_WHAT, of.place)
            value = self._body(last, table, None)
            if not value.type.is_number:
                raise _Refused(catalogue.WRONG_TYPE, last.place, expected="decimal", found=value.type)
            low, high = (min(0, value.type.low) * MAX_EVENTS, max(0, value.type.high) * MAX_EVENTS)
            found = Aggregate(evolve(value.type, low=low, high=high), place, Fold.SUM, table, where, value)
            if not found.type.fits:
                raise _Refused(catalogue.TOO_LARGE, of.place, **_overflow(found))
            return found
        if of.method not in _FOLDS or last is not None:
            raise _Refused(catalogue.LIST_ALONE, of.place)
        value = self._body(of, table, TypeKind.BOOL)
        return Aggregate(BOOL, place, _FOLDS[of.method], table, where, value)

    def _body(self, of: Method, table: str, expect: TypeKind | None) -> Expression:
        """The body of `method(variable, body)`, in which the variable is an event."""
        self._count(of, 2, 2)
        variable, body = of.arguments
        name = variable.name if isinstance(variable, Name) else None
        if name is None:
            raise _Refused(catalogue.NO_VARIABLE, variable.place)
        self._free(name, variable.place)
        inner = evolve(self, variable=(name, table))
        found = inner._check(body)  # noqa: SLF001  the same class
        if expect is not None and found.type.kind is not expect:
            raise _Refused(catalogue.WRONG_TYPE, body.place, expected=expect.value, found=found.type)
        return found


RUNNING: Final = "running"
"""How an entry names the points of its account so far."""
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNTS: Final[Mapping[str, tuple[int, int | None]]] = {
    **dict.fromkeys(("least", "greatest"), (1, None)),
    **dict.fromkeys(("days", "add_days", "months_between", "minutes_between", "hours_between", "quotient"), (2, 2)),
}
"""How many operands a function has at least and at most; others have one."""
_BY_CALENDAR: Final = {"is_workday": 2, "workdays": 3, "add_workdays": 3, "workminutes": 3, "workhours": 3}
"""Functions that end with the name of a calendar, and how many operands they have with it."""
_ELSEWHERE: Final = {"if": "condition ? a : b", "min": "least", "max": "greatest"}
"""What spreadsheets have, and how an expression says it."""
_ORDERED: Final = frozenset({TypeKind.INT, TypeKind.DECIMAL, TypeKind.DATE, TypeKind.TIMESTAMP})
"""What puts events in an order."""
_TEXT: Final = ("contains", "startsWith", "endsWith")
_FOLDS: Final = {"exists": Fold.EXISTS, "all": Fold.ALL, "exists_one": Fold.EXISTS_ONE}


def _is_text(arguments: tuple[Syntax, ...]) -> bool:
    return len(arguments) == 1 and isinstance(arguments[0], SyntaxConstant) and isinstance(arguments[0].value, str)


def _is_rows(of: Syntax, scope: Scope) -> bool:
    while isinstance(of, Method):
        of = of.base
    return dotted_name(of) in scope.events


def _rows(of: Method, scope: Scope) -> tuple[str, list[Method], Method | None] | None:
    """The table, the filters in their order, and the mapping that `of` is about; None if it is about no table."""
    filters: list[Method] = []
    mapping: Method | None = None
    base = of.base
    while isinstance(base, Method):
        if base.method == "filter":
            filters.insert(0, base)
        elif base.method == "map" and mapping is None and not filters:
            mapping = base
            if len(base.arguments) == 3:  # noqa: PLR2004  map(v, condition, value)
                variable, condition, value = base.arguments
                mapping = Method(base.base, "map", (variable, value), base.place)
                filters.insert(0, Method(base.base, "filter", (variable, condition), base.place))
        else:
            return None
        base = base.base
    name = dotted_name(base)
    return (name, filters, mapping) if name in scope.events and name is not None else None


def _closed(checked: tuple[Expression, ...], written: tuple[Syntax, ...]) -> None:
    """Refuse a text that a closed list of texts does not have: it is misspelt."""
    for one, other, syntax in zip(checked, reversed(checked), reversed(written), strict=True):
        if isinstance(other, Constant) and isinstance(other.value, str) and not isinstance(one, Constant):
            among = one.type.among
            if among is not None and other.value not in among:
                blanks = {"text": other.value, "among": ", ".join(among)}
                raise _Refused(catalogue.NOT_AMONG, syntax.place, **blanks, **suggest(other.value, among))


def _overflow(of: Expression) -> dict[str, object]:
    """How large a step may get, and which of the values it reads is the largest."""
    blanks: dict[str, object] = {"magnitude": f"{from_units(of.type.magnitude):.0E}".replace("+", "")}
    named = [one for one in walk(of) if isinstance(one, Read | Field) and one.type.is_number]
    if named:
        largest = max(named, key=lambda one: one.type.magnitude)
        blanks |= {"name": largest.name, "most": f"{from_units(largest.type.magnitude):f}"}
    return blanks
