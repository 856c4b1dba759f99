"""Further nodes of expressions: what depends on other rows than the event that is looked at; tables by two numbers."""

from typing import Final

from attrs import field, frozen

from scorecore.language.expressions import ByText, EventFold, Expression, Lookup, Nth


@frozen
class SumTo(Nth):
    """The sum of a number of the events that count, up to and including the one that is looked at."""

    body: Expression = field(kw_only=True)


@frozen
class Neighbour(Nth):
    """A field of the event before the one that is looked at, or of the next, among those that count."""

    name: str = field(kw_only=True)
    is_next: bool = field(kw_only=True)


@frozen
class KeyedField(Expression):
    """A field of the row of `table` in which the fields `key_names` have these values."""

    table: str
    name: str
    key_names: tuple[str, ...]
    keys: tuple[Expression, ...]


@frozen
class LatestField(KeyedField):
    """A field of the row that is the last one up to the last of the keys: what is in force on a day."""


@frozen
class GreatestOver(EventFold):
    """The greatest of what each event has: a number, a date or a timestamp."""

    body: Expression


@frozen
class LeastOver(EventFold):
    """The least of what each event has."""

    body: Expression


FIRST: Final = "[]"
"""After the name of a table by two numbers, that of the table in which the first is looked up."""


def find_first(node: ByText) -> Expression:
    """What is written first in a table by two values: the text, or the first number."""
    match node.text:
        case Lookup(table=table, key=key) if table == f"{node.table}{FIRST}":
            return key
    return node.text
