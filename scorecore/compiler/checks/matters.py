"""Whether matters are declared without a fault: their stages lead somewhere, and their clocks can stop."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from scorecore.compiler.matters import EVENT, MATTER_STATES, Matter, derive_members, name_escalation
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.scope import Scope, dotted_name
from scorecore.language.cel.syntax import Place, Syntax, children
from scorecore.policy import model as policy
from scorecore.values.types import TypeKind

_BY_CALENDAR: Final = frozenset({"workhours", "workdays"})
_BY_HOURS: Final = frozenset({"hours", "workhours"})


def check_matters(declared: policy.Policy, diagnostics: Diagnostics) -> tuple[dict[str, Matter], frozenset[str]]:
    """The matters that have no fault, and the tables of those that have one, which is reported."""
    matters: dict[str, Matter] = {}
    broken = set()
    actions = {action.id for action in declared.actions}
    for table, declaration in declared.matters.items():
        before = diagnostics.error_count
        events = declared.events.get(table)
        if events is None:
            nearest = suggest(table, declared.events)
            diagnostics.add(catalogue.NO_EVENTS, *declaration.at(), name=table, **nearest)
        else:
            _MatterCheck(table, declaration, events, actions, diagnostics).run()
        if events is None or diagnostics.error_count > before:
            broken.add(table)
        else:
            order = _sort_stages(declaration.stages)
            label = declaration.label or events.label or table
            matters[table] = Matter(table, declaration, events.fields, label, tuple(order))
    return matters, frozenset(broken)


@frozen
class _MatterCheck:
    table: str
    matter: policy.MatterDeclaration
    events: policy.EventsDeclaration
    actions: set[str]
    """The ids that are taken."""
    diagnostics: Diagnostics

    def run(self) -> None:
        if self.events.dated_by:
            self.diagnostics.add(catalogue.MATTER_DATED, *self.events.at("dated_by"), table=self.table)
        if self.events.common:
            self.diagnostics.add(catalogue.KEY_NOT_FOR, *self.events.at("common"), key="common", type="matters")
        if not self.matter.stages:
            self.diagnostics.add(catalogue.MISSING_KEY, *self.matter.at("stages"), key="stages")
            return
        for name in MATTER_STATES:
            if name in self.events.fields:
                self.report_name(name, self.events.fields[name].at())
        before = self.diagnostics.error_count
        for number, (name, stage) in enumerate(self.matter.stages.items()):
            self.check_field(name, stage, is_first=not number)
            for position, following in enumerate(stage.next):
                self.check_stage(following, stage.at(f"next.{position}"))
            for position, evidence in enumerate(stage.evidence):
                if evidence not in self.events.fields:
                    nearest = suggest(evidence, self.events.fields)
                    place = stage.at(f"evidence.{position}")
                    self.diagnostics.add(catalogue.NO_FIELD, *place, name=evidence, table=self.table, **nearest)
        if self.diagnostics.error_count == before:
            self.check_ways()
            for name, clock in self.matter.clocks.items():
                self.check_clock(name, clock)
            self.check_required()

    def check_field(self, name: str, stage: policy.StageDeclaration, *, is_first: bool) -> None:
        """A stage is a day or a moment that is there from the first, or may be absent."""
        field = self.events.fields.get(name)
        if field is None:
            nearest = suggest(name, self.events.fields)
            self.diagnostics.add(catalogue.NO_FIELD, *stage.at(), name=name, table=self.table, **nearest)
        elif field.type not in {"date", "timestamp"}:
            self.diagnostics.add(catalogue.STAGE_UNFIT, *field.at("type"), name=name, type=field.type)
        elif is_first and field.optional:
            self.diagnostics.add(catalogue.STAGE_PRESENCE, *field.at("optional"), name=name, table=self.table)
        elif not is_first and not field.optional:
            self.diagnostics.add(catalogue.STAGE_ALWAYS_THERE, *field.at(), name=name)

    def check_stage(self, name: str, place: tuple[Location, int]) -> bool:
        """Whether there is such a stage."""
        if name in self.matter.stages:
            return True
        known = ", ".join(self.matter.stages)
        params = {"table": self.table, "name": name, "known": known, **suggest(name, self.matter.stages)}
        self.diagnostics.add(catalogue.NO_STAGE, *place, **params)
        return False

    def check_ways(self) -> None:
        """Every stage can be reached from the first, and none leads back to itself."""
        stages = self.matter.stages
        first = next(iter(stages))
        for name, stage in stages.items():
            circle = _find_way(stages, name, name)
            if circle:
                path = " → ".join((name, *circle))
                self.diagnostics.add(catalogue.STAGE_CIRCLE, *stage.at("next"), name=name, path=path)
                return
        for name, stage in stages.items():
            if name != first and _find_way(stages, first, name) is None:
                self.diagnostics.add(catalogue.STAGE_UNREACHED, *stage.at(), name=name, first=first)

    def check_clock(self, name: str, clock: policy.ClockDeclaration) -> None:
        if name in self.events.fields or name in MATTER_STATES:
            self.report_name(name, clock.at())
        if clock.escalate and name_escalation(self.table, name) in self.actions:
            self.report_name(name_escalation(self.table, name), clock.at("escalate"))
        self.check_length(name, clock)
        self.check_reads(name, clock)
        if not self.check_stage(clock.since, clock.at("since")):
            return
        following = self.matter.stages[clock.since].next
        if not clock.to and not following:
            self.diagnostics.add(catalogue.MISSING_KEY, *clock.at(), key="to")
        for position, stop in enumerate(clock.to):
            place = clock.at(f"to.{position}")
            if self.check_stage(stop, place) and _find_way(self.matter.stages, clock.since, stop) is None:
                params = {"name": name, "stage": stop, "since": clock.since}
                self.diagnostics.add(catalogue.CLOCK_NEVER_STOPS, *place, **params)
        for stage in (clock.since, *(clock.to or following)):
            if clock.in_ in _BY_HOURS and stage in self.matter.stages and self.events.fields[stage].type == "date":
                params = {"name": name, "unit": clock.in_, "stage": stage}
                self.diagnostics.add(catalogue.CLOCK_NEEDS_TIMES, *clock.at("in"), **params)
                return

    def check_length(self, name: str, clock: policy.ClockDeclaration) -> None:
        """A clock ends after a time, or at one."""
        if (clock.within is None) == (clock.until is None):
            params = {"name": name, "first": "within", "second": "until"}
            self.diagnostics.add(catalogue.ONE_OF, *clock.at("until" if clock.until else ""), **params)
        elif (clock.within is None) != (clock.in_ is None):
            self.diagnostics.add(
                catalogue.TOGETHER, *clock.at("in" if clock.in_ else "within"), first="within", second="in"
            )
        elif clock.in_ in _BY_CALENDAR and not clock.calendar:
            self.diagnostics.add(catalogue.MISSING_KEY, *clock.at("in"), key="calendar")
        elif clock.calendar and clock.in_ not in _BY_CALENDAR:
            unit = clock.in_ or "until"
            self.diagnostics.add(catalogue.KEY_NOT_FOR, *clock.at("calendar"), key="calendar", type=unit)

    def check_reads(self, name: str, clock: policy.ClockDeclaration) -> None:
        """What a clock is made of may not be made of it again."""
        for part in (clock.when, clock.from_, clock.within, clock.until):
            for syntax in () if part is None else _walk(part):
                read = (dotted_name(syntax) or "").split(".")
                if len(read) > 2 and read[0] == (self.matter.as_ or EVENT) and read[1] in self.matter.clocks:  # noqa: PLR2004  c.reply.late
                    place = syntax.place
                    params = {"name": name, "other": read[1]}
                    self.diagnostics.add(catalogue.CLOCK_READS_CLOCK, place.location, place.length, **params)

    def check_required(self) -> None:
        """What `requires` asks of every stage but the last."""
        running = {clock.since for clock in self.matter.clocks.values()}
        for name, stage in self.matter.stages.items():
            lacking = [("owner", not stage.owner), ("clock", name not in running)]
            for what, is_lacking in lacking:
                if stage.next and not stage.ends and is_lacking and what in self.matter.requires:
                    params = {"name": name, "what": what, "table": self.table}
                    self.diagnostics.add(catalogue.STAGE_LACKS, *stage.at(), **params)

    def report_name(self, name: str, place: tuple[Location, int]) -> None:
        self.diagnostics.add(catalogue.MATTER_NAME, *place, name=name, table=self.table)


def _walk(syntax: Syntax) -> Iterator[Syntax]:
    yield syntax
    for part in children(syntax):
        yield from _walk(part)


def _find_way(stages: Mapping[str, policy.StageDeclaration], start: str, end: str) -> Sequence[str] | None:
    """The stages from one to another, without the first of them; None where there is no way."""
    waiting: list[tuple[str, tuple[str, ...]]] = [(start, ())]
    seen = set[str]()
    while waiting:
        name, path = waiting.pop(0)
        for following in stages[name].next if name in stages else ():
            if following == end:
                return (*path, following)
            if following not in seen:
                seen.add(following)
                waiting.append((following, (*path, following)))
    return None


def _sort_stages(stages: Mapping[str, policy.StageDeclaration]) -> Iterator[str]:
    """The stages, each after those that lead to it, and else as they are written."""
    left = dict(stages)
    while left:
        ready = next(name for name in left if not any(name in stage.next for stage in left.values()))
        del left[ready]
        yield ready


def check_clock_expressions(matters: Mapping[str, Matter], scope: Scope, diagnostics: Diagnostics) -> frozenset[str]:
    """The tables of matters whose clocks cannot be computed, which is reported where they are declared.

    What reads values that are not built yet is looked at where it is used.
    """
    broken = set()
    for table, matter in matters.items():
        before = len(diagnostics)
        declaration = matter.declaration
        resolver = Resolver(scope, diagnostics).on_event(matter.variable, table, Place(*declaration.at("as")))
        if resolver is None:
            broken.add(table)
            continue
        for name, clock in declaration.clocks.items():
            _check_parts(clock, resolver)
            if len(diagnostics) > before:
                break
            limit = Place(*clock.at("until" if clock.within is None else "within"))
            for member, derived in derive_members(matter, scope).items():
                if member.startswith(f"{name}.") and len(diagnostics) == before:
                    resolver.resolve(derived.build(matter.variable, limit))
        if len(diagnostics) > before:
            broken.add(table)
    return frozenset(broken)


def _check_parts(clock: policy.ClockDeclaration, resolver: Resolver) -> None:
    """What the author wrote has the type that a clock needs."""
    if clock.when is not None:
        resolver.resolve(clock.when, expect=TypeKind.BOOL)
    number = TypeKind.INT if clock.in_ in {"days", "workdays"} else TypeKind.DECIMAL
    for key, syntax in (("from", clock.from_), ("within", clock.within), ("until", clock.until)):
        if syntax is None:
            continue
        expression = resolver.resolve(syntax, expect=None if clock.until is not None else number)
        if expression is not None and clock.until is not None:
            kind = expression.type.kind
            if kind not in {TypeKind.DATE, TypeKind.TIMESTAMP}:
                place, length = clock.at(key)
                params = {"expected": TypeKind.DATE.value, "found": str(expression.type)}
                resolver.diagnostics.add(catalogue.WRONG_TYPE, place, length, **params)
