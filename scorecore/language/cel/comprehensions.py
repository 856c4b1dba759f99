"""Methods: what is made of the events of a table, lookups in band tables, and texts."""

from collections.abc import Callable
from functools import partial
from typing import Final

from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.suggest import suggest
from scorecore.language.bands import BandTable, lookup_type
from scorecore.language.build import apply_operator, make_constant, widen_to_decimal
from scorecore.language.cel.resolution import Resolution, ResolutionError, check_count
from scorecore.language.cel.scope import Scope, dotted_name
from scorecore.language.cel.syntax import Method, Name, Syntax
from scorecore.language.divisors import take_out_divisors
from scorecore.language.expressions import (
    Count,
    Exists,
    ExistsOne,
    Expression,
    ForAll,
    Lookup,
    SumOver,
)
from scorecore.language.rows import FIRST, GreatestOver, KeyedField, LatestField, LeastOver
from scorecore.language.sugar import make_by_text, make_parameter_on, make_rate
from scorecore.values.types import BOOL, MAX_EVENTS, TypeKind, integer_type


@frozen
class _Rows:
    """`table.filter(v, …).map(v, …)`: which events, and what of each."""

    table: str
    filters: tuple[Method, ...]
    mapping: Method | None


class ComprehensionResolution(Resolution):
    """Resolves methods."""

    __slots__ = ()

    def method(self, method: Method) -> Expression:
        """What a method gives."""
        base = dotted_name(method.base)
        if base == "tables":
            return self._lookup(method, method.method)
        if base and base.startswith("tables.") and method.method == "rate":
            return self._rate(method, base.removeprefix("tables."))
        if base and base.startswith("parameters.") and method.method == "on":
            return self._parameter_on(method, base.removeprefix("parameters."))
        if method.method in _TEXT_METHODS and base not in self.scope.events:
            check_count(method, 1, 1)
            return self.apply(method.method, (method.base, *method.arguments), method.place)
        if method.method == "size" and not method.arguments and not _begins_with_table(method.base, self.scope):
            return self.apply("size", (method.base,), method.place)
        return self._fold(method)

    def _asked_table(self, method: Method, name: str, ask: Callable[[BandTable, Syntax], Expression]) -> Expression:
        """What a table is asked for; of one by a text and a number, in the bands for each text."""
        parts = self.scope.keyed_tables.get(name)
        if parts is not None:
            check_count(method, 2, 2)
            written, key = method.arguments
            text = self._first_key(name, written)
            values = {each: ask(self.scope.tables[part], key) for each, part in parts.items()}
            place = self.scope.place(method.place)
            return self.fit(method.place, lambda: make_by_text(name, text, values, place))
        check_count(method, 1, 1)
        table = self.scope.tables.get(name)
        if table is None:
            known = [*self.scope.keyed_tables, *(known for known in self.scope.tables if "[" not in known)]
            nearest = suggest(name, known)
            nearest = {"nearest": f"tables.{nearest['nearest']}"} if nearest else {}
            raise ResolutionError(catalogue.UNKNOWN_NAME, method.place, name=f"tables.{name}", **nearest)
        return ask(table, method.arguments[0])

    def _first_key(self, name: str, written: Syntax) -> Expression:
        """The text by which a table is chosen; of a table by two numbers the one of the first number's band."""
        firsts = self.scope.tables.get(f"{name}{FIRST}")
        if firsts is None:
            text = self.expression(written)
            self.expect(text, TypeKind.STRING, written.place)
            return text
        number, place = self._key(written, firsts), self.scope.place(written.place)
        return self.fit(written.place, lambda: Lookup(lookup_type(firsts, number.type), place, firsts.name, number))

    def _key(self, argument: Syntax, table: BandTable) -> Expression:
        """What is looked up: a text in an exact table, else a number."""
        key = self.expression(argument)
        is_text = table.kind == "exact"
        if (key.type.kind is TypeKind.STRING) != is_text or not (is_text or key.type.is_number):
            expected = "string" if is_text else "decimal"
            raise ResolutionError(catalogue.WRONG_TYPE, argument.place, expected=expected, found=key.type)
        return widen_to_decimal(key)

    def _lookup(self, method: Method, name: str) -> Expression:
        place = self.scope.place(method.place)

        def ask(table: BandTable, argument: Syntax) -> Expression:
            key = self._key(argument, table)
            return self.fit(method.place, lambda: Lookup(lookup_type(table, key.type), place, table.name, key))

        return self._asked_table(method, name, ask)

    def _rate(self, method: Method, name: str) -> Expression:
        place = self.scope.place(method.place)

        def ask(table: BandTable, argument: Syntax) -> Expression:
            if table.kind != "marginal":
                raise ResolutionError(catalogue.NO_RATE, method.place, name=name)
            key = self._key(argument, table)
            self.fit(method.place, lambda: Lookup(lookup_type(table, key.type), place, table.name, key))
            return self.fit(method.place, lambda: make_rate(table, key, place))

        return self._asked_table(method, name, ask)

    def _parameter_on(self, method: Method, name: str) -> Expression:
        """`parameters.x.on(day)`: as it is in force on another day than the period's last."""
        check_count(method, 1, 1)
        parameter = self.expression(method.base)  # raises what is wrong with the name
        day = self.expression(method.arguments[0])
        self.expect(day, TypeKind.DATE, method.arguments[0].place)
        dated_values = self.scope.dated_values.get(name, ())
        if not dated_values:  # a branch has yet to set it
            return parameter
        return self.fit(
            method.place, lambda: make_parameter_on(name, day, dated_values, self.scope.place(method.place))
        )

    def keyed_field(self, row: Method, member: str, syntax: Syntax) -> Expression:
        """`table.row(key).field`: of the row that has this key; `table.on(…)`: of the last one up to it."""
        table = dotted_name(row.base)
        keys = self.scope.keys.get(table or "", ())
        if table is None or not keys:
            raise ResolutionError(catalogue.NOT_EVENTS, row.place, name=row.method)
        if self.in_past:
            raise ResolutionError(catalogue.NESTED, row.place)
        check_count(row, len(keys), len(keys))
        fields = self.scope.events[table]
        operands = self.beside_account().expressions(row.arguments)
        for key, operand, argument in zip(keys, operands, row.arguments, strict=True):
            if operand.type.kind is not fields[key].type.kind:
                expected = fields[key].type.kind.value
                raise ResolutionError(catalogue.WRONG_TYPE, argument.place, expected=expected, found=operand.type)
        if member not in fields:
            nearest = suggest(member, fields)
            raise ResolutionError(catalogue.UNKNOWN_NAME, syntax.place, name=f"{table}.{member}", **nearest)
        if row.method == "on" and fields[keys[-1]].type.kind not in _ORDERED:
            raise ResolutionError(catalogue.NO_ORDER, row.arguments[-1].place, found=fields[keys[-1]].type)
        node = LatestField if row.method == "on" else KeyedField
        return node(fields[member].type, self.scope.place(syntax.place), table, member, tuple(keys), operands)

    def _fold(self, method: Method) -> Expression:
        """`table.filter(v, …).map(v, …).sum()` and its like."""
        rows = _parse_rows(method, self.scope)
        if rows is None:
            raise self._no_rows(method)
        self.refuse_in_event(method)
        where = self._where(rows)
        place = self.scope.place(method.place)
        if method.method == "size":
            check_count(method, 0, 0)
            if rows.mapping is not None:
                raise ResolutionError(catalogue.NEEDLESS_MAP, rows.mapping.place)
            return Count(integer_type(0, MAX_EVENTS), place, rows.table, where)
        if method.method == "sum":
            return self._sum(method, rows, where)
        if method.method == "mean":
            count = Count(integer_type(0, MAX_EVENTS), place, rows.table, where)
            total = self._sum(method, rows, where)
            divisor = widen_to_decimal(count) if total.type.kind is TypeKind.INT else count  # as who writes it out
            return self.fit(method.place, lambda: apply_operator("/", (total, divisor), place))
        if method.method in _EXTREMES:
            return self._extreme(method, rows, where)
        quantifier = _QUANTIFIERS.get(method.method)
        if quantifier is None or rows.mapping is not None:
            raise ResolutionError(catalogue.LIST_ALONE, method.place)
        return quantifier(BOOL, place, rows.table, where, self._body(method, rows.table, TypeKind.BOOL))

    def _no_rows(self, method: Method) -> ResolutionError:
        """Why a method follows what are not events."""
        base: Syntax = method
        while isinstance(base, Method):
            base = base.base
        if (dotted_name(base) or "").startswith("uses."):
            self.expression(base)  # raises what is wrong with it
        methods = [*_TEXT_METHODS, *_QUANTIFIERS, *_EXTREMES, "filter", "map", "mean", "on", "row", "sum", "size"]
        if method.method in methods:
            return ResolutionError(catalogue.NOT_EVENTS, method.place, name=method.method)
        nearest = suggest(method.method, methods)
        return ResolutionError(catalogue.UNKNOWN_FUNCTION, method.place, name=method.method, **nearest)

    def _where(self, rows: _Rows) -> Expression | None:
        """All filters as one condition: a row that one filter drops is not seen by the next."""
        where: Expression | None = None
        for written in rows.filters:
            holds = self._body(written, rows.table, TypeKind.BOOL)
            never = make_constant(value=False, place=holds.place)
            where = holds if where is None else apply_operator("if", (where, holds, never), holds.place)
        return where

    def _sum(self, method: Method, rows: _Rows, where: Expression | None) -> Expression:
        if rows.mapping is None:
            raise ResolutionError(catalogue.SUM_OF_WHAT, method.place)
        body = self._body(rows.mapping, rows.table, None)
        if not body.type.is_number:
            raise ResolutionError(catalogue.WRONG_TYPE, rows.mapping.place, expected="decimal", found=body.type)
        divisors: tuple[Expression, ...] = ()
        if body.type.varying > 1:
            body, divisors = take_out_divisors(body, rows.table)
        if body.type.varying > 1:
            raise ResolutionError(catalogue.VARYING_SUM, rows.mapping.place)
        low, high = min(0, body.type.low) * MAX_EVENTS, max(0, body.type.high) * MAX_EVENTS
        total = evolve(body.type, low=low, high=high)
        place = self.scope.place(method.place)
        added: Expression = self.fit(method.place, lambda: SumOver(total, place, rows.table, where, body))
        for divisor in divisors:
            added = self.fit(method.place, partial(apply_operator, "/", (added, divisor), place))
        return added

    def _extreme(self, method: Method, rows: _Rows, where: Expression | None) -> Expression:
        check_count(method, 0, 0)
        if rows.mapping is None:
            raise ResolutionError(catalogue.SUM_OF_WHAT, method.place)
        body = self._body(rows.mapping, rows.table, None)
        if not (body.type.is_number or body.type.kind in {TypeKind.DATE, TypeKind.TIMESTAMP}):
            raise ResolutionError(catalogue.WRONG_TYPE, rows.mapping.place, expected="decimal", found=body.type)
        return _EXTREMES[method.method](body.type, self.scope.place(method.place), rows.table, where, body)

    def _body(self, method: Method, table: str, expected: TypeKind | None) -> Expression:
        """The body of `method(variable, body)`, in which the variable is an event."""
        check_count(method, 2, 2)
        variable, body = method.arguments
        if not isinstance(variable, Name):
            raise ResolutionError(catalogue.NO_VARIABLE, variable.place)
        self.refuse_taken_variable(variable.name, variable.place)
        resolved = evolve(self, variable=(variable.name, table)).expression(body)
        if expected is not None:
            self.expect(resolved, expected, body.place)
        return resolved


_TEXT_METHODS: Final = ("contains", "startsWith", "endsWith")
_ORDERED: Final = frozenset({TypeKind.INT, TypeKind.DECIMAL, TypeKind.DATE, TypeKind.TIMESTAMP})
_EXTREMES: Final = {"max": GreatestOver, "min": LeastOver}
_QUANTIFIERS: Final = {"exists": Exists, "all": ForAll, "exists_one": ExistsOne}


def _begins_with_table(syntax: Syntax, scope: Scope) -> bool:
    while isinstance(syntax, Method):
        syntax = syntax.base
    return dotted_name(syntax) in scope.events


def _parse_rows(method: Method, scope: Scope) -> _Rows | None:
    """The table, the filters in their order, and the mapping before a method; None if it is about no table."""
    filters: list[Method] = []
    mapping: Method | None = None
    base = method.base
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
    return _Rows(name, tuple(filters), mapping) if name in scope.events and name is not None else None
