"""Names in expressions: facts, values, parameters, steps, events, earlier periods, other policies."""

from collections.abc import Iterable

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.resolution import Resolution, ResolutionError
from scorecore.language.cel.scope import PERIOD, dotted_name, find_past_name, find_step_name, parse_history_index
from scorecore.language.cel.syntax import Method, Select, Syntax
from scorecore.language.expressions import HISTORY, DependencyValue, Expression, Field, HistoryAt, MatterState, Read
from scorecore.values.types import MAX_HISTORY


def _suggest_member(prefix: str, member: str, members: Iterable[str]) -> dict[str, str]:
    """The nearest name after a prefix, with the prefix."""
    nearest = suggest(member, members)
    return {"nearest": f"{prefix}.{nearest['nearest']}"} if nearest else {}


class NameResolution(Resolution):
    """Resolves names."""

    __slots__ = ()

    def name(self, syntax: Syntax) -> Expression:
        """What a name, or a chain of members, reads."""
        place = self.scope.place(syntax.place)
        index = parse_history_index(syntax)
        if index:
            return self._earlier_value(syntax, *index)
        name = dotted_name(syntax)
        match syntax:
            case Select(Method(method="row" | "on") as row, member):
                return self.keyed_field(row, member, syntax)
        if name is None:
            raise ResolutionError(catalogue.NO_MEMBER, syntax.place)
        head, _, member = name.partition(".")
        if self.variable and head == self.variable[0]:
            return self._event_field(syntax, member)
        if self.in_past and (past := find_past_name(name, self.scope)):
            return self.history_field(past, place)
        if head == "parameters" and member in self.scope.parameters:
            return Read(self.scope.parameters[member], place, name)
        if head == "period" and member in PERIOD:
            return Read(PERIOD[member], place, name)
        if head == "uses":
            return self._dependency_value(syntax, name)
        value = self._fact_or_step(name, place)
        if value is None:
            broken = find_step_name(name, self.scope) is not None  # it has a diagnostic of its own
            raise ResolutionError(catalogue.BROKEN_NAME, syntax.place) if broken else self._unknown_name(syntax, name)
        if self.in_past:
            raise self._not_in_history(syntax, name)
        return value

    def history_field(self, name: str, place: Location) -> Field:
        """The value of an earlier period."""
        return Field(self.scope.history[name], place, HISTORY, name)

    def _not_in_history(self, syntax: Syntax, name: str, **nearest: str) -> ResolutionError:
        readable = ", ".join(self.scope.history)
        return ResolutionError(catalogue.NOT_IN_HISTORY, syntax.place, name=name, known=readable, **nearest)

    def _fact_or_step(self, name: str, place: Location) -> Expression | None:
        if name in self.scope.facts:
            return Read(self.scope.facts[name].type, place, name)
        step = find_step_name(name, self.scope)
        return Read(self.scope.steps[step], place, step) if step in self.scope.steps else None

    def _unknown_name(self, syntax: Syntax, name: str) -> ResolutionError:
        """Why a name is not defined, with the nearest that is."""
        head, _, member = name.partition(".")
        if head in self.scope.events and not member:
            return ResolutionError(catalogue.TABLE_ALONE, syntax.place, name=name)
        sections = self.scope.sections()
        if member and head in {*sections, "tables", HISTORY}:
            nearest = _suggest_member(head, member, sections.get(head, ()))
        elif member:
            variables = [self.variable[0]] if self.variable else []
            nearest = suggest(head, [*sections, *self.scope.events, *variables])
        else:
            prefixed = [f"{section}.{name}" for section, members in sections.items() if name in members]
            names = [*self.scope.bare(), *self.scope.events, *sections]
            nearest = {"nearest": prefixed[0]} if prefixed else suggest(name, names)
        return ResolutionError(catalogue.UNKNOWN_NAME, syntax.place, name=name, **nearest)

    def _event_field(self, syntax: Syntax, member: str) -> Expression:
        assert self.variable  # noqa: S101  the caller has looked
        variable, table = self.variable
        fields = self.scope.events[table]
        if not member:
            raise ResolutionError(catalogue.EVENT_ALONE, syntax.place, name=variable, fields=", ".join(fields))
        derived = self.scope.derived.get(table, {})
        if member in derived:
            operand = self.expression(derived[member].build(variable, syntax.place))
            place = self.scope.place(syntax.place)
            return MatterState(operand.type, place, table, member, operand, derived[member].clause)
        if member not in fields:
            if table in self.scope.broken:
                raise ResolutionError(catalogue.BROKEN_NAME, syntax.place)
            nearest = _suggest_member(variable, member, [*fields, *derived])
            raise ResolutionError(catalogue.UNKNOWN_NAME, syntax.place, name=f"{variable}.{member}", **nearest)
        return Field(fields[member].type, self.scope.place(syntax.place), table, member)

    def _dependency_value(self, syntax: Syntax, name: str) -> Expression:
        """`uses.department.score.total`: a result of another policy."""
        dependency, _, member = name.removeprefix("uses.").partition(".")
        table = f"uses.{dependency}"
        if table not in self.scope.events and dependency in self.scope.uses:
            raise ResolutionError(catalogue.BROKEN_NAME, syntax.place)
        if table not in self.scope.events:
            tables = [table for table in self.scope.events if table.startswith("uses.")]
            raise ResolutionError(catalogue.UNKNOWN_NAME, syntax.place, name=name, **suggest(table, tables))
        fields = self.scope.events[table]
        if table not in self.scope.single:
            raise ResolutionError(catalogue.TABLE_ALONE, syntax.place, name=table)
        if member not in fields:
            nearest = _suggest_member(table, member, fields)
            raise ResolutionError(catalogue.UNKNOWN_NAME, syntax.place, name=name, **nearest)
        if self.in_past:
            raise self._not_in_history(syntax, name)
        self.refuse_in_event(syntax)
        place = self.scope.place(syntax.place)
        decided = Field(fields[member].type, place, table, member)
        return DependencyValue(decided.type, place, decided)

    def _earlier_value(self, syntax: Syntax, ago: int, name: str) -> Expression:
        """`history[1].score.total`."""
        if not 1 <= ago <= MAX_HISTORY:
            raise ResolutionError(catalogue.BAD_AGO, syntax.place, most=MAX_HISTORY)
        self.refuse_in_event(syntax)
        if name not in self.scope.history:
            raise self._not_in_history(syntax, name, **suggest(name, self.scope.history))
        place = self.scope.place(syntax.place)
        earlier = self.history_field(name, place)
        return HistoryAt(earlier.type, place, earlier, ago)
