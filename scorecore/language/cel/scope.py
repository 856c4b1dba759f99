"""What an expression can name, and the order that this gives."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from attrs import define, field, frozen

from scorecore.diagnostics.source import Location
from scorecore.language.bands import BandTable
from scorecore.language.cel.macros import Operator
from scorecore.language.cel.syntax import (
    Index,
    Method,
    Name,
    Place,
    Select,
    Syntax,
    children,
)
from scorecore.language.expressions import HISTORY, Constant
from scorecore.language.groups import Group
from scorecore.values.calendar import Calendar
from scorecore.values.step_id import StepId
from scorecore.values.types import DATE, Type, integer_type

PREFIXES: Final = frozenset(
    ["parameters", "tables", "items", "score", "grade", "pay", "carry", "actions", "period", "history", "uses"]
)
"""What the language itself names; nothing else can be named so."""
_READABLE: Final = frozenset(["items", "score", "grade", "pay", "carry", "actions"])
"""Sections whose steps are read by their dotted names."""
METHODS_OF_EVENTS: Final = frozenset(["all", "exists", "exists_one", "filter", "map"])
"""Methods whose first argument names an event."""
PERIOD: Final = {"start": DATE, "end": DATE, "days": integer_type(1, 366)}
FUNCTIONS: Final = (
    "abs",
    "add_days",
    "add_workdays",
    "at",
    "between",
    "count_in",
    "date",
    "day",
    "days",
    "days_within",
    "decimal",
    "greatest",
    "greatest_in",
    "has",
    "hours_between",
    "int",
    "is_workday",
    "least",
    "least_in",
    "mean_in",
    "minutes_between",
    "month",
    "months_between",
    "next",
    "nth",
    "pool",
    "previous",
    "quotient",
    "rank",
    "require",
    "round",
    "size",
    "streak",
    "sum_in",
    "sum_to",
    "workdays",
    "workhours",
    "workminutes",
    "year",
)
"""What can be called by name."""


@frozen
class FactName:
    type: Type
    optional: bool = False


@frozen
class DerivedMember:
    """What an expression can read of an event beside its fields, and what it stands for."""

    build: Callable[[str, Place], Syntax]
    """Takes the name of the event, and the place of the expression."""
    clause: str = ""
    """What it is about, for people."""
    written: tuple[Syntax, ...] = ()
    """The parts of it that an author wrote."""


@define
class Scope:
    """Everything that has a name. `steps` grows as steps are compiled, in the order of their references."""

    facts: Mapping[str, FactName]
    values: frozenset[str]
    """Names of `[values]`, which are read bare."""
    events: Mapping[str, Mapping[str, FactName]]
    """The fields of events, and of decisions of other policies, which are named `uses.x`."""
    parameters: Mapping[str, Type]
    tables: Mapping[str, BandTable]
    history: Mapping[str, Type]
    """Values of earlier periods that can be read, by their names: `score.total`, `grade`, `items.x`, `pay.x`."""
    defined: Mapping[str, StepId]
    """The names of all steps that there will be."""
    documents: Mapping[str, str]
    """Names of sources to `id@version`, so that a program does not depend on where its files lie."""
    groups: Mapping[str, Group] = field(factory=dict)
    steps: dict[StepId, Type] = field(factory=dict)
    bounded: dict[StepId, tuple[str, Type] | None] = field(factory=dict)
    """For each step that is compiled the largest number under it that a `max` can bound, for advice."""
    calendars: Mapping[str, Calendar] = field(factory=dict)
    dated_values: Mapping[str, Sequence[tuple[date, Constant]]] = field(factory=dict)
    """The values of each parameter, with the day on which each comes into force; ascending."""
    keyed_tables: Mapping[str, Mapping[str, str]] = field(factory=dict)
    """Tables by a text and a number: for each text the table of its bands."""
    keys: Mapping[str, Sequence[str]] = field(factory=dict)
    """The fields that make a row of a table of events unique."""
    operators: Mapping[str, Operator] = field(factory=dict)
    """Of plugins."""
    derived: Mapping[str, Mapping[str, DerivedMember]] = field(factory=dict)
    """By table of events what can be read of an event beside its fields, by its dotted name."""
    broken: frozenset[str] = frozenset()
    """Tables of which it is not known what can be read beside their fields; that has been reported."""
    uses: frozenset[str] = frozenset()
    """The names by which other policies are used, also those that cannot be."""
    single: Mapping[str, str] = field(factory=dict)
    """Of the tables `uses.x` those that have one decision: the policy that it is of."""

    def place(self, place: Place) -> Location:
        """A place in a policy text, as a program knows it."""
        return self.relocate(place.location)

    def relocate(self, location: Location) -> Location:
        return Location(self.documents.get(location.source, location.source), location.line, location.column)

    def bare(self) -> list[str]:
        """What needs no prefix."""
        return [*self.facts, *self.values, *(name for name in ("grade",) if name in self.defined)]

    def sections(self) -> dict[str, list[str]]:
        """What can follow each prefix."""
        members: dict[str, list[str]] = {"parameters": list(self.parameters), "period": list(PERIOD)}
        for step in self.defined.values():
            if step.section in _READABLE and step.name and not step.role:
                members.setdefault(step.section, []).append(step.name)
        return members


def dotted_name(syntax: Syntax) -> str | None:
    """`a`, `a.b`, `a.b.c` as text; None for anything else."""
    match syntax:
        case Name(name):
            return name
        case Select(base, member):
            before = dotted_name(base)
            return before and f"{before}.{member}"
        case _:
            return None


def parse_history_index(syntax: Syntax) -> tuple[int, str] | None:
    """The parts of `history[1].score.total`: how long ago, and what."""
    path = []
    while isinstance(syntax, Select):
        path.append(syntax.member)
        syntax = syntax.base
    match syntax:
        case Index(Name(name), index) if name == HISTORY:
            value = getattr(index, "value", None)
            return (value if type(value) is int else 0), ".".join(reversed(path))
        case _:
            return None


def find_step_name(name: str, scope: Scope) -> StepId | None:
    """The step that a name of the language reads; None if it reads none.

    Steps that the language makes for itself, such as the condition of a pay line, have no name that can be written.
    """
    if name in scope.values:
        return StepId("values", name)
    step = scope.defined.get(name)
    return step if step is not None and step.section in _READABLE and not step.role else None


def find_past_name(name: str, scope: Scope) -> str | None:
    """What the history calls what a name reads; values that are results are read bare. None if it has none of it."""
    kept = StepId("values", name) if name in scope.values else name
    return kept if kept in scope.history else None


def find_references(syntax: Syntax, scope: Scope) -> Iterator[tuple[StepId, Place]]:
    """The steps that an expression reads, with the places where it says so."""
    if parse_history_index(syntax):
        return
    name = dotted_name(syntax)
    step = find_step_name(name, scope) if name else None
    for member in _find_derived(name, scope) if name else ():
        for written in member.written:
            yield from ((read, syntax.place) for read, _ in find_references(written, scope))
    if step:
        yield step, syntax.place
    elif isinstance(syntax, Method) and syntax.arguments:
        yield from find_references(syntax.base, scope)
        # the first argument of a comprehension names its variable
        names_variable = len(syntax.arguments) > 1 and syntax.method in METHODS_OF_EVENTS
        for argument in syntax.arguments[1:] if names_variable else syntax.arguments:
            yield from find_references(argument, scope)
    else:
        for part in children(syntax):
            yield from find_references(part, scope)


def _find_derived(name: str, scope: Scope) -> Iterator[DerivedMember]:
    """What a dotted name can mean of an event of any table: which one it is, the name does not say."""
    member = name.partition(".")[2]
    yield from (members[member] for members in scope.derived.values() if member in members)
