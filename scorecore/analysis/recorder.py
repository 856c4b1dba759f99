"""Remembers what the reference evaluator sees while it evaluates an expression."""

from attrs import define, evolve, field

from scorecore.evaluate.reference.closures import compile_closure
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.observer import Row
from scorecore.language.expressions import Expression, Lookup
from scorecore.program.steps import EntryRule
from scorecore.values.unknown import Maybe


@define
class ValueRecorder:
    """An observer that keeps the value of every node, for each event that it was evaluated for."""

    values: dict[tuple[int, int | None], Maybe] = field(factory=dict)
    """By the identity of the node, and that of the row of the event, None for none."""

    def saw(self, node: Expression, event: Row | None, value: Maybe) -> None:
        self.values[id(node), None if event is None else id(event)] = value

    def looked_up(self, lookup: Lookup, key: Maybe, event: Row | None) -> None:
        """The key and the value of a lookup are nodes."""

    def posted(self, rule: EntryRule, event: Row | None) -> None:
        """An expression makes no entries."""

    def value(self, node: Expression, event: Row | None = None) -> Maybe | None:
        """The value of a node; None where it was not evaluated."""
        return self.values.get((id(node), None if event is None else id(event)))


def record_values(environment: Environment, expression: Expression, event: Row | None = None) -> ValueRecorder:
    """Evaluate an expression, of an event if there is one, and remember all that is seen. Runs inside EXACT."""
    recorder = ValueRecorder()
    compile_closure(expression, observed=True)(evolve(environment, observer=recorder), event, None)
    return recorder
