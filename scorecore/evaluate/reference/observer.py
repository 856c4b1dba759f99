"""What watches a decision being made: coverage and explanations learn here what happened, and evaluate nothing."""

from collections.abc import Mapping
from typing import Any, Protocol

from scorecore.language.expressions import Expression, Lookup
from scorecore.program.steps import EntryRule
from scorecore.values.unknown import Maybe

Row = Mapping[str, Any]
"""A row of events or of history: values by field; None where an optional field is absent, Unknown where it is bad."""


class Observer(Protocol):
    """Told by the reference evaluator, in the order in which it evaluates.

    Nodes that the language puts in the place of sugar are not reported; the sugar is, and what its author wrote in it.
    A branch that is not taken, or an operand that cannot change the result any more, is not evaluated.
    """

    def saw(self, node: Expression, event: Row | None, value: Maybe) -> None:
        """`node` has a value; `event` is the event, or earlier period, that it is about."""

    def looked_up(self, lookup: Lookup, key: Maybe, event: Row | None) -> None:
        """A band table was asked for a key."""

    def posted(self, rule: EntryRule, event: Row | None) -> None:
        """A rule has made an entry."""
