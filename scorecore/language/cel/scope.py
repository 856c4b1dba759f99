"""What an expression can name, and the order that this gives."""

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import define, field, frozen

from scorecore.diagnostics.source import Location
from scorecore.language.bands import BandTable
from scorecore.language.cel.macros import Operator
from scorecore.language.cel.syntax import (
    Call,
    Index,
    Method,
    Name,
    Place,
    Select,
    Syntax,
    children,
)
from scorecore.language.expressions import HISTORY
from scorecore.language.groups import Group
from scorecore.program.model import GroupStep, Step
from scorecore.values.calendar import Calendar
from scorecore.values.types import DATE, Type, integer_type

PREFIXES: Final = frozenset(
    ["parameters", "tables", "items", "score", "grade", "pay", "carry", "actions", "period", "history", "uses"]
)
"""What the language itself names; nothing else can be named so."""
PERIOD: Final = {"start": DATE, "end": DATE, "days": integer_type(1, 366)}
FUNCTIONS: Final = (
    "abs",
    "add_days",
    "add_workdays",
    "at",
    "count_in",
    "date",
    "day",
    "days",
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
    "nth",
    "pool",
    "quotient",
    "rank",
    "require",
    "round",
    "size",
    "streak",
    "sum_in",
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
    defined: frozenset[str]
    """The names of all steps that there will be."""
    documents: Mapping[str, str]
    """Names of sources to `id@version`, so that a program does not depend on where its files lie."""
    groups: Mapping[str, Group] = field(factory=dict)
    steps: dict[str, Type] = field(factory=dict)
    made: dict[str, Step | GroupStep] = field(factory=dict)
    """Group values, and the steps they are computed from, that the expressions so far have asked for."""
    calendars: Mapping[str, Calendar] = field(factory=dict)
    operators: Mapping[str, Operator] = field(factory=dict)
    """Of plugins."""
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
        """What can stand without a prefix."""
        return [*self.facts, *self.values, *(name for name in ("grade",) if name in self.defined)]

    def sections(self) -> dict[str, list[str]]:
        """What can stand behind each prefix."""
        found: dict[str, list[str]] = {"parameters": list(self.parameters), "period": list(PERIOD)}
        for name in self.defined:
            section, _, member = name.partition(".")
            if section in {"items", "score", "pay", "carry", "actions"} and member and "." not in member:
                found.setdefault(section, []).append(member)
        return found


def dotted_name(of: Syntax) -> str | None:
    """`a`, `a.b`, `a.b.c` as text; None for anything else."""
    match of:
        case Name(name):
            return name
        case Select(base, member):
            before = dotted_name(base)
            return before and f"{before}.{member}"
        case _:
            return None


def parse_history_index(of: Syntax) -> tuple[int, str] | None:
    """The parts of `history[1].score.total`: how long ago, and what."""
    path = []
    while isinstance(of, Select):
        path.append(of.member)
        of = of.base
    match of:
        case Index(Name(name), index) if name == HISTORY:
            value = getattr(index, "value", None)
            return (value if type(value) is int else 0), ".".join(reversed(path))
        case _:
            return None


def find_step_name(name: str, scope: Scope) -> str | None:
    """The step that a name of the language reads; None if it reads none."""
    if name in scope.values:
        return f"values.{name}"
    return name if name in scope.defined and not name.startswith("values.") else None


def find_references(of: Syntax, scope: Scope) -> Iterator[tuple[str, Place]]:
    """The steps that an expression reads, with the places where it says so."""
    if parse_history_index(of):
        return
    name = dotted_name(of)
    found = find_step_name(name, scope) if name else None
    if found:
        yield found, of.place
    elif isinstance(of, Method) and of.arguments:
        yield from find_references(of.base, scope)
        # the first argument of a comprehension names its variable
        for argument in of.arguments[1:] if len(of.arguments) > 1 else of.arguments:
            yield from find_references(argument, scope)
    elif isinstance(of, Call):
        for argument in of.arguments:
            yield from find_references(argument, scope)
    else:
        for part in children(of):
            yield from find_references(part, scope)
