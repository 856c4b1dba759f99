"""The plugin contract: what a plugin may bring, and how plugins are found. `contract` is the part to read."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

from scorecore.language.cel.macros import Operator
from scorecore.plugins.contract import (
    CONTRACT,
    GROUP,
    Check,
    Entry,
    ExternalHook,
    Hooks,
    ItemContext,
    NamedValue,
    Parameters,
    Plugins,
    Scorer,
    hookimpl,
)
from scorecore.plugins.loading import load_scorers

__all__ = [
    "CONTRACT",
    "GROUP",
    "Check",
    "Entry",
    "ExternalHook",
    "Hooks",
    "ItemContext",
    "NamedValue",
    "Operator",
    "Parameters",
    "Plugins",
    "Scorer",
    "hookimpl",
    "installed",
    "load_scorers",
]


def installed() -> Iterator[EntryPoint]:
    """The plugins that are installed in this environment, by name; those of one name by what they load."""
    return iter(sorted(entry_points(group=GROUP), key=lambda entry_point: (entry_point.name, entry_point.value)))
