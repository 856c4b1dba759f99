"""What scorers write for functions of the language that have no sign in Python."""

from scorecore.diagnostics.source import Snippet
from scorecore.language.cel.syntax import Call, Index, Liftable, LiteralSyntax, Name, Place, Select, Syntax


def call(function: str, first: Syntax, *others: Liftable) -> Call:
    """`function(first, …)`: any function of the language or of a plugin by its name.

    `call("days", joined, left)`; over a group `call("rank", points, "branch")`, and
    `call("pool", amount, weight, "branch", 2)`.
    """
    return Call(function, (first, *map(first.lift, others)), first.place)


def require(condition: Syntax, value: Liftable, reason: str) -> Call:
    """`require(condition, value, reason)`: the value where the condition holds; else it is held for this reason."""
    return Call("require", (condition, condition.lift(value), condition.lift(reason)), condition.place)


def history(ago: int, result: str, place: Place) -> Syntax:
    """`history[ago].result`: a result of an earlier period, such as `history(1, "score.total", item.place)`.

    It is held where that period was not decided; `call("has", …)` says whether it was.
    """
    return _dotted(Index(Name("history", place), LiteralSyntax(ago, place), place), result.split("."))


def events(each: Snippet) -> Syntax:
    """The events of the table that a key names: `events(self.each).filter("e", self.where).size()`."""
    head, *others = each.text.split(".")
    return _dotted(Name(head, Place(each.locate(0), len(each.text))), others)


def _dotted(base: Syntax, names: list[str]) -> Syntax:
    for name in names:
        base = Select(base, name, base.place)
    return base
