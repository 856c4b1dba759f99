"""The plugin contract: what a plugin may bring, and how plugins are found. `contract` is the part to read."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

from scorecore.cel.macros import Operator
from scorecore.hooks.contract import (
    CONTRACT,
    GROUP,
    Check,
    Entry,
    Hooks,
    ItemContext,
    Outside,
    Parameters,
    Plugins,
    Scorer,
    hookimpl,
)
from scorecore.hooks.loading import load_scorers

__all__ = [
    "CONTRACT",
    "GROUP",
    "Check",
    "Entry",
    "Hooks",
    "ItemContext",
    "Operator",
    "Outside",
    "Parameters",
    "Plugins",
    "Scorer",
    "hookimpl",
    "installed",
    "load_scorers",
]


def installed() -> Iterator[EntryPoint]:
    """The plugins that are installed in this environment, by name."""
    return iter(sorted(entry_points(group=GROUP), key=lambda one: one.name))
