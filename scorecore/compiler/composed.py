"""What a scorer composed of an item's keys: a mistake in it that no author wrote names the scorer."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics, Rejected
from scorecore.diagnostics.source import Snippet
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.syntax import Syntax, children
from scorecore.language.expressions import Expression
from scorecore.policy.model import ItemDeclaration
from scorecore.policy.structure import expression
from scorecore.policy.toml import Node, TomlArray, TomlScalar, TomlTable
from scorecore.values.types import Type, TypeKind


def resolve_composed(
    resolver: Resolver, syntax: Syntax, expect: TypeKind | None, item: ItemDeclaration
) -> Expression | None:
    """A typed expression of an entry; None with a diagnostic, which names the scorer unless the author wrote it."""
    trial = Diagnostics()
    resolved = evolve(resolver, diagnostics=trial).resolve(syntax, expect=expect)
    if len(trial):
        written = list(_written_expressions(item.rest))
        is_own = syntax in written
        own = set(map(str, trial)) if is_own else set(_diagnose_parts(resolver, syntax, written))
        for diagnostic in trial:
            is_composed = str(diagnostic) not in own
            resolver.diagnostics.take(evolve(diagnostic, scorer=item.scorer) if is_composed else diagnostic)
    return resolved


def check_composed_end(resolver: Resolver, points: Expression, syntax: Syntax, item: ItemDeclaration) -> bool:
    """Whether points can be kept exactly; if not, the diagnostic names the scorer unless the author wrote them."""
    trial = Diagnostics()
    is_exact = evolve(resolver, diagnostics=trial).check_end(points, syntax.place)
    _pass_on(trial, resolver, item, is_own=syntax in _written_expressions(item.rest))
    return is_exact


def report_no_events(resolver: Resolver, events: Snippet, item: ItemDeclaration) -> None:
    """An entry for each event of a table that there is not; names the scorer unless the author wrote the table."""
    trial, name = Diagnostics(), events.text
    trial.add(catalogue.NO_EVENTS, events.locate(0), len(name), name=name, **suggest(name, resolver.scope.events))
    _pass_on(trial, resolver, item, is_own=any(scalar.value == name for scalar in _walk_scalars(item.rest)))


def report_too_large(resolver: Resolver, points: Syntax, times: int, item: ItemDeclaration) -> None:
    """Points that an account cannot hold; names the scorer unless the author wrote them."""
    trial, place = Diagnostics(), points.place
    trial.add(catalogue.ACCOUNT_TOO_LARGE, place.location, place.length, times=times)
    written = list(_written_expressions(item.rest))
    parts = [evolve(resolver, diagnostics=Diagnostics()).resolve(part) for part in _list_parts(points, written)]
    _pass_on(trial, resolver, item, is_own=any(part and not _fits(part.type, times) for part in parts))


def _fits(points: Type, times: int) -> bool:
    """Whether a sum of so many can be held."""
    return not points.is_number or evolve(points, low=points.low * times, high=points.high * times).fits


def _list_parts(syntax: Syntax, written: Sequence[Syntax]) -> Iterator[Syntax]:
    """The largest parts of an expression that the author wrote."""
    if syntax in written:
        yield syntax
    else:
        for part in children(syntax):
            yield from _list_parts(part, written)


def _pass_on(diagnostics: Diagnostics, resolver: Resolver, item: ItemDeclaration, *, is_own: bool) -> None:
    for diagnostic in diagnostics:
        resolver.diagnostics.take(diagnostic if is_own else evolve(diagnostic, scorer=item.scorer))


def _diagnose_parts(resolver: Resolver, syntax: Syntax, written: Sequence[Syntax]) -> Iterator[str]:
    """What is wrong with the parts of an expression that the author wrote, each alone."""
    for part in _list_parts(syntax, written):
        alone = Diagnostics()
        evolve(resolver, diagnostics=alone).resolve(part)
        yield from map(str, alone)


def _written_expressions(node: Node) -> Iterator[Syntax]:
    """The expressions in the keys of an item."""
    for scalar in _walk_scalars(node):
        with suppress(Rejected):  # a text that is not an expression
            yield expression(scalar)


def _walk_scalars(node: Node) -> Iterator[TomlScalar]:
    if isinstance(node, TomlScalar):
        yield node
    elif isinstance(node, TomlArray):
        for element in node.items:
            yield from _walk_scalars(element)
    elif isinstance(node, TomlTable):
        for element in node.entries.values():
            yield from _walk_scalars(element)
