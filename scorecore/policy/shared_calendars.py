"""Calendars that a policy takes from another one of its firm: `same_as` of [calendars.<name>]."""

from collections.abc import Mapping
from typing import Final

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.diagnostics.suggest import suggest
from scorecore.policy.toml import TomlScalar, TomlTable, is_unreadable, read_toml

_KEY: Final = "same_as"


def take_calendars(tree: TomlTable, policies: Mapping[str, Source], diagnostics: Diagnostics) -> list[Source]:
    """Give the calendars of a text the days of the policies that they name; the texts of these policies.

    What a calendar says itself, such as its hours, it keeps. One that cannot be found keeps its `same_as`.
    """
    lenders: list[Source] = []
    calendars = tree.get("calendars")
    for name, calendar in calendars.entries.items() if isinstance(calendars, TomlTable) else ():
        reference = calendar.get(_KEY) if isinstance(calendar, TomlTable) else None
        if not isinstance(calendar, TomlTable) or not isinstance(reference, TomlScalar) or is_unreadable(reference):
            continue
        lent = _find_calendar(name, reference, policies, diagnostics)
        if lent is not None:
            del calendar.entries[_KEY]
            calendar.entries = lent.entries | calendar.entries
            calendar.keys = lent.keys | calendar.keys
            lenders.append(policies[str(reference.value)])
    return lenders


def _find_calendar(
    name: str, reference: TomlScalar, policies: Mapping[str, Source], diagnostics: Diagnostics
) -> TomlTable | None:
    """The calendar of a name that another policy lists itself; None with a problem."""
    policy = reference.value
    if not isinstance(policy, str):
        return None  # which the check of its type reports
    span = reference.snippet.locate(0), len(policy)
    if policy not in policies:
        diagnostics.add(catalogue.NO_PARENT, *span, name=policy, **suggest(policy, policies))
        return None
    tree = read_toml(policies[policy], Diagnostics(), leaves_out=True)
    listed = tree.get("calendars") if tree else None
    own = {
        other: calendar
        for other, calendar in (listed.entries.items() if isinstance(listed, TomlTable) else ())
        if isinstance(calendar, TomlTable) and _KEY not in calendar.entries
    }
    if name not in own:
        known = {"known": ", ".join(f"`{other}`" for other in own)} if own else {}
        diagnostics.add(catalogue.NO_CALENDAR_TO_TAKE, *span, policy=policy, name=name, **known)
    return own.get(name)
