"""Matters with stages: what an expression can read of them, in terms of dates, calendars and the period.

`c.reply.late` and its like are sugar. A clock counts in the period in which its deadline passes, and nowhere else; what
is still running when the period ends is taken over into the next one.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import evolve, frozen

from scorecore.compiler.clock_terms import StageTerms, conjoin_all
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.scope import DerivedMember, Scope
from scorecore.language.cel.syntax import LiteralSyntax, Name, Place, Select, Syntax
from scorecore.language.expressions import Expression
from scorecore.policy import model as policy
from scorecore.program.schema import Clock, EventTable, Schema, Stage
from scorecore.values.types import TypeKind

CLOCK_STATES: Final = ("late", "in_time", "running", "overdue", "due")
"""What can be read of a clock."""
STAGE_STATES: Final = ("reached", "in_period", "lacking")
"""What can be read of a stage."""
MATTER_STATES: Final = ("stage", "open", "taken_over")
"""What can be read of a matter as a whole."""
EVENT: Final = "matter"
"""The name of an event where `as` gives none."""


@frozen
class Matter:
    """A matter whose declaration has no fault, beside the table that it is about."""

    table: str
    declaration: policy.MatterDeclaration
    fields: Mapping[str, policy.FactDeclaration]
    label: str
    """Of the matter or its table, for people."""
    order: tuple[str, ...]
    """The stages, each after those that lead to it."""

    @property
    def first(self) -> str:
        return self.order[0]

    def ends_with(self, stage: str) -> bool:
        """Whether a matter may end with a stage."""
        declared = self.declaration.stages[stage]
        return declared.ends or not declared.next

    @property
    def variable(self) -> str:
        return self.declaration.as_ or EVENT

    def list_stops(self, clock: policy.ClockDeclaration) -> tuple[str, ...]:
        return clock.to or self.declaration.stages[clock.since].next

    def list_before(self, stage: str) -> tuple[str, ...]:
        """The stages that lead to a stage."""
        return tuple(name for name in self.order if stage in self.declaration.stages[name].next)


def derive_members(matter: Matter, scope: Scope) -> dict[str, DerivedMember]:
    """What an expression can read of an event of a matter, by its dotted name."""
    members: dict[str, DerivedMember] = {}
    for name, clock in matter.declaration.clocks.items():
        written = tuple(part for part in (clock.when, clock.from_, clock.within, clock.until) if part is not None)
        has_day = clock.until is not None or clock.in_ in {"days", "workdays"}
        for state in CLOCK_STATES if has_day else CLOCK_STATES[:-1]:
            members[f"{name}.{state}"] = DerivedMember(
                _build_clock(matter, clock, state, scope), clock.label or name, written
            )
    for name, stage in matter.declaration.stages.items():
        label = matter.fields[name].label or name
        for state in STAGE_STATES if stage.evidence else STAGE_STATES[:-1]:
            members[f"{name}.{state}"] = DerivedMember(_build_stage(matter, name, state, scope), label)
    for state in MATTER_STATES:
        members[state] = DerivedMember(_build_matter(matter, state, scope), matter.label)
    return members


def _build_clock(
    matter: Matter, clock: policy.ClockDeclaration, state: str, scope: Scope
) -> Callable[[str, Place], Syntax]:
    def build(variable: str, place: Place) -> Syntax:
        terms = StageTerms(matter.fields, matter.first, variable, place, scope).of(
            clock, matter.list_stops(clock), matter.variable, matter.table
        )
        return terms.describe(state)

    return build


def _build_stage(matter: Matter, stage: str, state: str, scope: Scope) -> Callable[[str, Place], Syntax]:
    def build(variable: str, place: Place) -> Syntax:
        terms = StageTerms(matter.fields, matter.first, variable, place, scope)
        if state == "reached":
            return terms.reached_by_end(stage)
        if state == "in_period":
            return terms.reached_in_period(stage)
        evidence = [terms.is_given(name) for name in matter.declaration.stages[stage].evidence]
        return conjoin_all([terms.reached_in_period(stage), ~conjoin_all(evidence, place)], place)

    return build


def _build_matter(matter: Matter, state: str, scope: Scope) -> Callable[[str, Place], Syntax]:
    def build(variable: str, place: Place) -> Syntax:
        terms = StageTerms(matter.fields, matter.first, variable, place, scope)
        if state == "stage":
            stage: Syntax = LiteralSyntax(matter.first, place)
            for name in matter.order[1:]:
                stage = terms.reached_by_end(name).then(LiteralSyntax(name, place), stage)
            return stage
        is_reached = terms.reached_by_end if state == "open" else terms.reached_before
        is_open: Syntax = LiteralSyntax(not matter.ends_with(matter.first), place)
        for name in matter.order[1:]:
            is_open = is_reached(name).then(LiteralSyntax(not matter.ends_with(name), place), is_open)
        return conjoin_all([is_reached(matter.first), is_open], place)

    return build


def add_escalations(declared: policy.Policy, matters: Mapping[str, Matter]) -> policy.Policy:
    """The policy with an action for each clock that is escalated: proposed in the period in which it passes."""
    actions: list[policy.ActionDeclaration] = []
    for name, matter in matters.items():
        for clock_name, clock in matter.declaration.clocks.items():
            if clock.escalate:
                actions.append(_escalate(name, clock_name, clock, matter.variable))
    return evolve(declared, actions=(*actions, *declared.actions))


def name_escalation(table: str, clock: str) -> str:
    """The id of the action of a clock."""
    return f"{table}_{clock}"


def _escalate(table: str, name: str, clock: policy.ClockDeclaration, variable: str) -> policy.ActionDeclaration:
    place = Place(*clock.at("escalate"))
    late = Select(Select(Name(variable, place), name, place), "late", place)
    return policy.ActionDeclaration(
        id=name_escalation(table, name),
        label=clock.escalate,
        reason=clock.label or name,
        when=Name(table, place).exists(variable, late),
        authority=clock.authority,
        place=clock.place,
        spans=clock.spans,
    )


def add_to_schema(schema: Schema, matters: Mapping[str, Matter], scope: Scope) -> Schema:
    """The schema with the stages of its tables, which rows are checked against, and their clocks."""
    return evolve(schema, events=tuple(_add_to_table(table, matters.get(table.name), scope) for table in schema.events))


def _add_to_table(table: EventTable, matter: Matter | None, scope: Scope) -> EventTable:
    """A table with its matter; explanations show when its events reached their stages."""
    if matter is None:
        return table
    shown = tuple(dict.fromkeys((*table.shown, *matter.order)))
    return evolve(table, stages=tuple(_list_stages(matter)), clocks=tuple(_list_clocks(matter, scope)), shown=shown)


def _list_stages(matter: Matter) -> Iterator[Stage]:
    for name in matter.order:
        stage = matter.declaration.stages[name]
        yield Stage(
            name, matter.list_before(name), stage.evidence, stage.owner, stage.authority, matter.ends_with(name)
        )


def _list_clocks(matter: Matter, scope: Scope) -> Iterator[Clock]:
    resolver = Resolver(scope, Diagnostics()).on_event(matter.variable, matter.table, Place(matter.declaration.place))
    assert resolver  # noqa: S101  it has been resolved so before

    def resolve(syntax: Syntax | None, expect: TypeKind | None = None) -> Expression | None:
        return None if syntax is None else resolver.resolve(syntax, expect=expect)

    for name, clock in matter.declaration.clocks.items():
        latest = clock.until if clock.within is None else clock.within
        yield Clock(
            name,
            clock.since,
            matter.list_stops(clock),
            clock.label,
            clock.authority,
            resolve(clock.when, TypeKind.BOOL),
            resolve(clock.from_),
            resolve(latest),
            clock.in_ or "",
            clock.calendar,
            clock.escalate,
        )
