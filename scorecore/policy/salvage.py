"""What is kept of a policy with problems, so that all of it is checked in one run; and problems that only follow."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, get_args

from attrs import define, field

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location, Snippet, Source
from scorecore.language.cel.syntax import Syntax
from scorecore.policy.model import PeriodKind, Policy
from scorecore.policy.toml import Node, TomlArray, TomlScalar, TomlTable, is_unreadable


@define
class Salvage:
    """What is kept of a tree that does not fit as a whole.

    An unknown key is passed over, a part of a list or map that does not fit is left out, and an expression that cannot
    be read is `Unparsed`.
    """

    diagnostics: Diagnostics = field(factory=Diagnostics)
    expressions: list[Syntax] = field(factory=list)
    """Those of parts that were left out."""
    is_complete: bool = True
    """Whether no part was left out."""


_TABLES: Final = ("parameters", "tables", "calendars", "groups", "carry", "uses", "values")
_STATES: Final = ("late", "in_time", "running", "overdue", "due", "reached", "in_period", "lacking", "stage", "open")
"""What is read of matters by names of its own."""
_LISTS: Final = ("items", "pay", "holds", "actions", "grades")
_BARE: Final = frozenset({"calendars", "groups", "values"})
"""Sections whose names are used without a prefix."""
_CITING: Final = frozenset(
    [
        catalogue.UNKNOWN_NAME,
        catalogue.NO_GROUP,
        catalogue.UNKNOWN_CALENDAR,
        catalogue.NO_EVENTS,
        catalogue.NO_FIELD,
        catalogue.NO_GROUP_FACT,
        catalogue.NO_MATCH,
        catalogue.UNKNOWN_TARGET,
        catalogue.NOT_IN_HISTORY,
        catalogue.NO_MORE_OF,
        catalogue.NO_NUMBER,
    ]
)
"""Problems with a name that leads nowhere."""


def list_part_names(tree: TomlTable, subject: str) -> set[str]:
    """The names of the parts that a text has, whether or not they fit."""
    names = set[str]()
    for section in _TABLES:
        names |= _with_section(section, _keys(tree.get(section)))
    for section in _LISTS:
        parts = tree.get(section)
        ids = (
            (part.get("id") for part in parts.items if isinstance(part, TomlTable))
            if isinstance(parts, TomlArray)
            else ()
        )
        names |= _with_section(section, (node.value for node in ids if isinstance(node, TomlScalar)))
        names |= _WHOLE[section] if isinstance(parts, TomlArray) and section in _WHOLE else set()
    names |= {*_keys(tree.get("facts")), *_keys(tree.get("facts", subject))}
    for table in _keys(tree.get("matters")):
        names |= {f"matters.{table}.{state}" for state in _STATES}
    for table in _keys(tree.get("facts")):
        names |= {f"{table}.{name}" for name in _keys(tree.get("facts", table, "fields"))}
    return names


_WHOLE: Final = {"items": {"score.total"}, "grades": {"grade"}}
"""What there is as soon as a section has a part."""


def _list_policy_names(policy: Policy) -> set[str]:
    """The names of the parts that a policy has."""
    names = {*policy.subject, *policy.events, policy.policy.subject}
    names |= {f"{table}.{name}" for table, events in policy.events.items() for name in events.fields}
    names |= {f"matters.{table}.{state}" for table in policy.matters for state in _STATES}
    for section in _TABLES:
        names |= _with_section(section, getattr(policy, section))
    for section in _LISTS:
        parts = getattr(policy, section)
        names |= _with_section(section, (part.id for part in parts))
        names |= _WHOLE.get(section, set()) if parts else set()
    return names


def _keys(node: Node | None) -> Iterable[str]:
    return node.entries if isinstance(node, TomlTable) else ()


def _with_section(section: str, names: Iterable[object]) -> set[str]:
    listed = list(map(str, names))
    return {f"{section}.{name}" for name in listed} | (set(listed) if section in _BARE else set())


def find_broken_names(names: set[str], policy: Policy) -> frozenset[str]:
    """Of the names that a text has, those of parts that were left out."""
    return frozenset(names - _list_policy_names(policy))


def drop_consequences(diagnostics: Iterable[Diagnostic], broken: frozenset[str]) -> Iterator[Diagnostic]:
    """The diagnostics without those that only say that a part was left out, which has been reported."""
    fields = {name.rpartition(".")[2] for name in broken}
    inside = tuple(f"{name}." for name in broken)
    is_score_lost = not broken.isdisjoint({"items", "score.total"})
    for diagnostic in diagnostics:
        name = diagnostic.params.get("name", "")
        is_broken = name in broken or name.rpartition(".")[2] in fields or name.startswith(inside)
        follows = diagnostic.kind is catalogue.NO_SCORE and is_score_lost
        if not follows and not (diagnostic.kind in _CITING and is_broken):
            yield diagnostic


def make_header(tree: TomlTable, subject: str, source: Source) -> TomlTable:
    """A `[policy]` with which the rest can be checked: with the period and the currency of the text, and else blank."""
    header = tree.get("policy")
    location = header.location if header else tree.location
    period, currency = (_text(tree.get("policy", key)) for key in ("period", "currency"))
    texts = dict.fromkeys(("id", "version", "title"), "") | {"subject": subject, "currency": currency}
    texts["period"] = period if period in get_args(PeriodKind) else "month"
    entries: dict[str, Node] = {key: _make_scalar(text, location, source) for key, text in texts.items()}
    start = _make_scalar(date.max, location, source)  # no dated value begins too late
    entries["effective"] = TomlTable(location, {"from": start}, {"from": location})
    return TomlTable(location, entries, dict.fromkeys(entries, location))


def _text(node: Node | None) -> str:
    if not isinstance(node, TomlScalar) or is_unreadable(node):
        return ""
    return node.value if isinstance(node.value, str) else ""


def _make_scalar(value: str | date, location: Location, source: Source) -> TomlScalar:
    text = str(value)
    return TomlScalar(value, location, Snippet(text, source, (0,) * (len(text) + 1)), 1)
