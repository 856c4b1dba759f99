"""What stages and clocks of an event mean: expressions over its dates, the calendar and the period."""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Final

from attrs import evolve, frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.scope import Scope
from scorecore.language.cel.syntax import (
    Call,
    LiteralSyntax,
    Name,
    Operation,
    Place,
    Select,
    Syntax,
    children,
    with_children,
)
from scorecore.policy import model as policy
from scorecore.values.calendar import Calendar
from scorecore.values.types import TypeKind, from_units

MIDNIGHT: Final = "00:00"
_SLACK: Final = 14
"""Days beyond the longest span of a calendar, for what began before it covers anything."""


def conjoin_all(conditions: Iterable[Syntax | None], place: Place) -> Syntax:
    """All conditions; None is a condition that always holds."""
    joined: Syntax | None = None
    for condition in conditions:
        if condition is not None:
            joined = condition if joined is None else Operation("and", (joined, condition), place)
    return LiteralSyntax(True, place) if joined is None else joined  # noqa: FBT003  a constant


def disjoin_all(conditions: Iterable[Syntax], place: Place) -> Syntax:
    """Some of the conditions."""
    joined: Syntax | None = None
    for condition in conditions:
        joined = condition if joined is None else Operation("or", (joined, condition), place)
    return LiteralSyntax(False, place) if joined is None else joined  # noqa: FBT003  a constant


@frozen
class StageTerms:
    """When an event reached its stages. All that it writes has the place of the expression that reads it."""

    fields: Mapping[str, policy.FactDeclaration]
    first: str
    variable: str
    place: Place
    scope: Scope

    def of(self, clock: policy.ClockDeclaration, stops: tuple[str, ...], named: str, table: str) -> "ClockTerms":
        """The terms of a clock; `named` is the event in what its author wrote."""
        return ClockTerms(
            self.fields,
            self.first,
            self.variable,
            self.place,
            self.scope,
            clock=clock,
            stops=stops,
            named=named,
            table=table,
        )

    def field(self, name: str) -> Syntax:
        return Select(Name(self.variable, self.place), name, self.place)

    def day(self, name: str) -> Syntax:
        """The day on which a stage was reached."""
        field = self.field(name)
        return Call("date", (field,), self.place) if self.fields[name].type == "timestamp" else field

    def has(self, name: str) -> Syntax | None:
        """Whether a stage was reached at all; None for the first, with which every matter begins."""
        return Call("has", (self.field(name),), self.place) if self.fields[name].optional else None

    @property
    def start(self) -> Syntax:
        return Select(Name("period", self.place), "start", self.place)

    @property
    def end(self) -> Syntax:
        return Select(Name("period", self.place), "end", self.place)

    def midnight(self, day: Syntax) -> Syntax:
        return Call("at", (day, LiteralSyntax(MIDNIGHT, self.place)), self.place)

    @property
    def day_after(self) -> Syntax:
        return Call("add_days", (self.end, LiteralSyntax(1, self.place)), self.place)

    def reached_by_end(self, name: str) -> Syntax:
        return conjoin_all([self.has(name), self.day(name) <= self.end], self.place)

    def reached_before(self, name: str) -> Syntax:
        return conjoin_all([self.has(name), self.day(name) < self.start], self.place)

    def reached_in_period(self, name: str) -> Syntax:
        return conjoin_all([self.has(name), self.day(name) >= self.start, self.day(name) <= self.end], self.place)

    def is_given(self, name: str) -> Syntax | None:
        """Whether evidence is there; None where it always is."""
        field, declared = self.field(name), self.fields[name]
        says_so: Syntax | None = None
        if declared.type == "bool":
            says_so = field
        elif declared.type == "string":
            says_so = Operation("!=", (field, LiteralSyntax("", self.place)), self.place)
        if self.has(name) is None and says_so is None:
            return None
        return conjoin_all([self.has(name), says_so], self.place)


@frozen
class ClockTerms(StageTerms):
    """What a clock says of an event."""

    clock: policy.ClockDeclaration | None = None
    stops: tuple[str, ...] = ()
    named: str = ""
    table: str = ""

    def describe(self, state: str) -> Syntax:
        """One of the states of a clock as an expression."""
        match state:
            case "late":
                stopped = disjoin_all(map(self.is_stopped_in_time, self.stops), self.place)
                return self.conjoin(self.has_passed(), ~self.had_passed(), ~stopped)
            case "in_time":
                now, before = (
                    disjoin_all(
                        (self.conjoin_stop(stop, reached(stop)) for stop in self.stops),
                        self.place,
                    )
                    for reached in (self.reached_in_period, self.reached_before)
                )
                long_ago = self.is_long_ago()
                return self.conjoin(None if long_ago is None else ~long_ago, now, ~before)
            case "running":
                return self.conjoin(~self.has_passed(), ~self.is_stopped())
            case "overdue":
                return self.conjoin(self.has_passed(), ~self.is_stopped())
        return self.find_due()

    def conjoin(self, *conditions: Syntax | None) -> Syntax:
        """Conditions of a clock that has begun by the end of the period, in the events that have it."""
        assert self.clock  # noqa: S101  a clock is described
        when = None if self.clock.when is None else self.write(self.clock.when)
        return conjoin_all([self.reached_by_end(self.clock.since), when, *conditions], self.place)

    def conjoin_stop(self, stop: str, reached: Syntax) -> Syntax:
        return conjoin_all([reached, self.is_in_time(stop)], self.place)

    def is_stopped(self) -> Syntax:
        """Whether a stage that stops the clock was reached by the end of the period, in time or not."""
        return disjoin_all(map(self.reached_by_end, self.stops), self.place)

    def is_stopped_in_time(self, stop: str) -> Syntax:
        return conjoin_all([self.has(stop), self.is_in_time(stop)], self.place)

    # what its author wrote

    def write(self, syntax: Syntax) -> Syntax:
        """A part of the declaration, about the event that is looked at."""
        if isinstance(syntax, Name) and syntax.name == self.named:
            return evolve(syntax, name=self.variable)
        parts = list(children(syntax))
        return with_children(syntax, [self.write(part) for part in parts]) if parts else syntax

    def find_kind(self, syntax: Syntax) -> TypeKind | None:
        """The kind of value that a part of the declaration has; None where it has a problem of its own."""
        resolved = Resolver(self.scope, Diagnostics(), (self.variable, self.table)).resolve(syntax)
        return None if resolved is None else resolved.type.kind

    def find_most(self, syntax: Syntax) -> int | None:
        """The largest number that a part of the declaration can be; None where that is not known."""
        resolved = Resolver(self.scope, Diagnostics(), (self.variable, self.table)).resolve(syntax)
        return None if resolved is None or not resolved.type.is_number else ceil(from_units(resolved.type.high))

    # deadlines

    def since(self) -> Syntax:
        assert self.clock  # noqa: S101  a clock is described
        return self.field(self.clock.since)

    def take(self, length: Syntax) -> Syntax:
        """The day so many days or working days after the clock began."""
        assert self.clock  # noqa: S101  a clock is described
        day = self.day(self.clock.since)
        if self.clock.in_ == "days":
            return Call("add_days", (day, length), self.place)
        return Call("add_workdays", (day, length, self.calendar()), self.place)

    def calendar(self) -> Syntax:
        assert self.clock  # noqa: S101  a clock is described
        return LiteralSyntax(self.clock.calendar, Place(*self.clock.at("calendar")))

    def measure(self, moment: Syntax) -> Syntax:
        """The hours or working hours from the beginning of the clock to a moment."""
        assert self.clock  # noqa: S101  a clock is described
        if self.clock.in_ == "hours":
            return Call("hours_between", (self.since(), moment), self.place)
        return Call("workhours", (self.since(), moment, self.calendar()), self.place)

    def find_due(self) -> Syntax:
        """The last day, or moment, that is in time."""
        assert self.clock  # noqa: S101  a clock is described
        if self.clock.until is not None:
            return self.write(self.clock.until)
        assert self.clock.within is not None  # noqa: S101  it is checked that there is one of both
        return self.take(self.write(self.clock.within))

    @property
    def counts_hours(self) -> bool:
        return self.clock is not None and self.clock.until is None and self.clock.in_ in {"hours", "workhours"}

    def is_in_time(self, stop: str) -> Syntax:
        """Whether a stage was reached neither too late nor too early."""
        assert self.clock  # noqa: S101  a clock is described
        earliest = None if self.clock.from_ is None else self.write(self.clock.from_)
        is_not_early: Syntax | None = None
        if self.counts_hours:
            assert self.clock.within is not None  # noqa: S101  hours are counted
            passed = self.measure(self.field(stop))
            if earliest is not None:
                is_not_early = passed >= earliest
            return conjoin_all([passed <= self.write(self.clock.within), is_not_early], self.place)
        if earliest is not None and self.clock.until is None:
            earliest = self.take(earliest)
        if earliest is not None:
            is_not_early = self.compare(stop, ">=", earliest)
        return conjoin_all([self.compare(stop, "<=", self.find_due()), is_not_early], self.place)

    def compare(self, stop: str, operator: str, limit: Syntax) -> Syntax:
        """A stage and a limit, to the second where both have a time of day."""
        moment = self.find_kind(limit) is TypeKind.TIMESTAMP
        if moment and self.fields[stop].type == "timestamp":
            return Operation(operator, (self.field(stop), limit), self.place)
        return Operation(
            operator, (self.day(stop), Call("date", (limit,), self.place) if moment else limit), self.place
        )

    def has_passed(self) -> Syntax:
        """Whether the deadline has passed when the period ends."""
        return self.passed_before(self.day_after)

    def had_passed(self) -> Syntax:
        """Whether it had when the period began."""
        return self.passed_before(self.start)

    def passed_before(self, day: Syntax) -> Syntax:
        """Whether the deadline lies before a day begins."""
        assert self.clock  # noqa: S101  a clock is described
        if self.counts_hours:
            assert self.clock.within is not None  # noqa: S101  hours are counted
            passed = self.measure(self.midnight(day)) > self.write(self.clock.within)
        else:
            due = self.find_due()
            is_moment = self.find_kind(due) is TypeKind.TIMESTAMP
            passed = Operation("<", (due, self.midnight(day) if is_moment else day), self.place)
        long_ago = self.is_long_ago()
        return passed if long_ago is None else long_ago | passed

    # calendars that do not reach back so far

    def is_long_ago(self) -> Syntax | None:
        """Whether the clock began so long before the period that its deadline had passed by any calendar."""
        assert self.clock  # noqa: S101  a clock is described
        bound = self.find_bound()
        if bound is None:
            return None
        days = Call("days", (self.day(self.clock.since), self.start), self.place)
        return Operation(">", (days, LiteralSyntax(bound, self.place)), self.place)

    def find_bound(self) -> int | None:
        """More days than the deadline can take by its calendar; None where it counts by none, or nothing is known."""
        assert self.clock  # noqa: S101  a clock is described
        calendar = self.scope.calendars.get(self.clock.calendar)
        if calendar is None or self.clock.within is None:
            return None
        most = self.find_most(self.write(self.clock.within))
        if most is None:
            return None
        if self.clock.in_ == "workhours":
            most = ceil(most * 3600 / calendar.day_seconds) + 1 if calendar.day_seconds else 0
        return find_longest_span(calendar, most)


def find_longest_span(calendar: Calendar, workdays: int) -> int | None:
    """More days than so many working days take anywhere in a calendar; None where it has not so many."""
    days = calendar.open
    if workdays < 0 or len(days) <= workdays + 1:
        return None
    spans = ((later - earlier).days for earlier, later in zip(days, days[workdays + 1 :], strict=False))
    return 2 * max(spans) + _SLACK
