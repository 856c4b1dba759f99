"""The names of what has a label, for an author who wrote the label."""

from collections.abc import Iterable, Iterator

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.policy.model import Policy


def name_labels(diagnostics: Iterable[Diagnostic], policy: Policy) -> Iterator[Diagnostic]:
    """The diagnostics, those about a word that is a label with the name that it is the label of."""
    names: dict[str, dict[str, str]] = {}
    for diagnostic in diagnostics:
        word = diagnostic.params.get("word")
        if diagnostic.kind is not catalogue.UNEXPECTED or word is None:
            yield diagnostic
            continue
        names = names or {label: {"field": name} for label, name in _list_fields(policy)} | {
            label: {"name": name} for label, name in _list_names(policy)
        }
        yield evolve(diagnostic, params=diagnostic.params | names.get(word, {}))


def _list_names(policy: Policy) -> Iterator[tuple[str, str]]:
    """Labels, each with what an expression writes."""
    yield from ((grade.label, f'grade == "{grade.id}"') for grade in policy.grades)
    for section in ("tables", "parameters", "carry"):
        yield from ((part.label, f"{section}.{name}") for name, part in getattr(policy, section).items())
    for section in ("actions", "pay", "items"):
        yield from ((part.label, f"{section}.{part.id}") for part in getattr(policy, section))
    yield from ((events.label, name) for name, events in policy.events.items())
    yield from ((value.label, name) for name, value in policy.values.items())
    yield from ((fact.label, name) for name, fact in policy.subject.items())


def _list_fields(policy: Policy) -> Iterator[tuple[str, str]]:
    for events in policy.events.values():
        yield from ((fact.label, name) for name, fact in events.fields.items())
