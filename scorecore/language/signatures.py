"""What expressions can call, as authors write it, with what it gives: for the reference and for editors."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from scorecore.language.cel.macros import Operator
from scorecore.language.operators import OPERATORS, CoreOperator

IN_PROGRAMS_ONLY: Final = ("round_product", "round_quotient", "not_negative", "within")
"""Operators that authors do not write."""


class Signature(NamedTuple):
    name: str
    written: str
    """As in the reference; alternatives are separated by `, `."""
    gives: str


METHODS: Final = (
    Signature("has", "`has(x)`", "whether an optional fact, or a value of an earlier period, is there"),
    Signature("between", "`between(x, a, b)`", "whether a value is at least `a` and at most `b`"),
    Signature(
        "days_within", "`days_within(from, to)`", "the days of a span, both ends counted, that lie in the period"
    ),
    Signature("filter", "`t.filter(e, …)`", "the events that meet a condition, to be counted or added up"),
    Signature("size", "`t.size()`, `t.filter(e, …).size()`", "the number of events"),
    Signature("sum", "`t.map(e, …).sum()`", "the sum of a number from each event"),
    Signature(
        "max",
        "`t.map(e, …).max()`, `.min()`",
        "the greatest, or the least, number, date or timestamp; unknown without events",
    ),
    Signature("mean", "`t.map(e, …).mean()`", "the exact mean of a number; unknown without events"),
    Signature("row", "`t.row(key).field`", "a field of the row that has this key; unknown without such a row"),
    Signature(
        "on",
        "`t.on(d).field`",
        "a field of the row in force on a day: the last one up to it, by the last field of the key",
    ),
    Signature("on", "`parameters.x.on(d)`", "a parameter as it is in force on a day"),
    Signature("exists", "`t.exists(e, …)`", "whether an event meets the condition"),
    Signature("all", "`t.all(e, …)`", "whether every event meets the condition"),
    Signature("exists_one", "`t.exists_one(e, …)`", "whether exactly one event meets the condition"),
    Signature("history", "`history[1].x`", "a value of an earlier period, by the number of periods ago"),
    Signature("uses", "`uses.d.x`", "a value that another policy decided"),
    Signature("streak", "`streak(…)`", "for how many periods in a row, this one included, the condition has held"),
)
"""Questions about events, earlier periods and other policies."""
GROUPS: Final = (
    Signature(
        "rank",
        '`rank(x, "g")`',
        'the rank of `x` in the group: 1 is the greatest; `rank(-x, "g")` ranks the least first',
    ),
    Signature("rank", '`rank(x, y, "g")`', "the same; `y`, and further values, rank those whose `x` is equal"),
    Signature("sum_in", '`sum_in(x, "g")`, `mean_in(x, "g")`', "the sum, or the mean, of `x` over all members"),
    Signature(
        "greatest_in", '`greatest_in(x, "g")`, `least_in(x, "g")`', "the greatest, or the least, `x` of all members"
    ),
    Signature("count_in", '`count_in(condition, "g")`', "the number of members that meet a condition"),
    Signature(
        "pool",
        '`pool(amount, weight, "g", 2)`',
        "the share of an amount by weight, to 2 places; all shares add up to the amount",
    ),
)
"""Functions of all members of a group."""
NUMBERS: Final = (
    Signature(
        "nth",
        "`nth(order)`",
        "the number of an event, from 1, in the order of a date, a time or a number; none for ties",
    ),
    Signature("nth", "`nth(by, order)`", "the same among the events that have the same `by`"),
    Signature("nth", "`nth(by, order, condition)`", "the same among those of them that meet a condition"),
    Signature("nth", "`nth(order, condition)`", "the same among all that meet a condition"),
    Signature(
        "nth",
        "`nth([first, second])`",
        "an order by more than one value: the second decides where the first is the same",
    ),
    Signature(
        "sum_to",
        "`sum_to(x, order)`",
        "the sum of `x` of the events up to and including this one; as for `nth` also with `by`",
    ),
    Signature(
        "previous",
        "`previous(x.field, order)`",
        "the field of the event before this one in the order; as for `nth` also with `by` and a condition",
    ),
    Signature("next", "`next(x.field, order)`", "the field of the event after this one"),
)
"""Functions of one event that depend on the others."""


def list_operators() -> Iterator[CoreOperator]:
    """The operators and functions that authors write."""
    for operator in OPERATORS.values():
        if not operator.name.startswith("round_") and operator.name not in IN_PROGRAMS_ONLY:
            yield operator


def find_signatures(name: str, operators: Mapping[str, Operator]) -> Iterator[tuple[str, str]]:
    """How a function or method is written, and what it gives; of a plugin's operator too."""
    if name in operators:
        yield f"`{operators[name].signature}`", operators[name].summary
    for operator in list_operators():
        if operator.name == name and operator.signature.find(f"{name}(") >= 0:
            yield f"`{operator.signature}`", operator.summary
    for row in (*METHODS, *GROUPS, *NUMBERS):
        if row.name == name or f"{name}(" in row.written:
            yield row.written, row.gives
