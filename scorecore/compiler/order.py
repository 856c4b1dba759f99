"""The order in which steps are built: each after those it reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from scorecore.compiler.define import Definition
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.cel.scope import Scope, find_references
from scorecore.language.cel.syntax import Place
from scorecore.values.step_id import EXCLUDED


def order_definitions(
    definitions: Iterable[Definition], scope: Scope, diagnostics: Diagnostics
) -> Iterator[Definition]:
    """Definitions so that each comes after those it reads; a circle has a diagnostic and is cut."""
    by_name: dict[str, Definition] = {definition.name: definition for definition in definitions}
    graph: dict[str, dict[str, None]] = {
        name: dict.fromkeys((*definition.reads, *(read for read, _ in _written_reads(definition, scope))))
        for name, definition in by_name.items()
    }
    while True:
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            _report_circle(circle, by_name, scope, diagnostics)
            graph[circle[0]].pop(circle[1])
        else:
            return (by_name[name] for name in order if name in by_name)


def _written_reads(definition: Definition, scope: Scope) -> Iterator[tuple[str, Place]]:
    for syntax in definition.syntax:
        yield from find_references(syntax, scope)


def _report_circle(
    circle: Sequence[str], by_name: Mapping[str, Definition], scope: Scope, diagnostics: Diagnostics
) -> None:
    """Name a circle from the part that comes first in the file, where it reads the next."""
    names = circle[:-1]
    start = min(range(len(names)), key=lambda number: by_name[names[number]].place)
    definitions = [by_name[name] for name in (*names[start:], *names[:start], names[start])]
    shown = [definition.name for definition in definitions if definition.name != EXCLUDED]
    path = " → ".join(name.name if name.section == "values" else name for name in shown)
    first, following = definitions[:2]
    places = (place for name, place in _written_reads(first, scope) if name == following.name)
    place = next(places, Place(first.place))
    diagnostics.add(catalogue.CIRCLE, place.location, place.length, path=path)
