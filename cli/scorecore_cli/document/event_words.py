"""What a policy computes over events, in words."""

from collections.abc import Callable
from typing import Protocol

from scorecore.language.expressions import (
    Count,
    EventFold,
    Exists,
    ExistsOne,
    Expression,
    ForAll,
    Nth,
    SumOver,
)
from scorecore.language.rows import GreatestOver, LeastOver, Neighbour, SumTo
from scorecore_cli.document.operator_words import COMPARE, TIGHT
from scorecore_cli.language import _


class Words(Protocol):
    """Who writes the parts."""

    def describe(self, expression: Expression) -> str: ...
    def inside(self, expression: Expression, least: int) -> str: ...
    def name_table(self, name: str) -> str: ...
    def name_column(self, table: str, name: str) -> str: ...


def describe_fold(fold: EventFold, words: Words) -> tuple[str, int]:
    """One value from the events of a table, and how tightly its words hold together."""
    events = words.name_table(fold.table)
    if fold.where is not None:
        events = _("those of {table} for which {condition}", table=events, condition=words.describe(fold.where))
    match fold:
        case Count():
            return _("the number of {events}", events=events), TIGHT
        case SumOver(body=body):
            return _("the sum of {value} over {events}", value=words.inside(body, TIGHT), events=events), TIGHT
        case GreatestOver(body=body):
            return _("the greatest {value} over {events}", value=words.inside(body, TIGHT), events=events), TIGHT
        case LeastOver(body=body):
            return _("the least {value} over {events}", value=words.inside(body, TIGHT), events=events), TIGHT
        case Exists(body=body):
            return _("among {events} there is one for which {rule}", events=events, rule=words.describe(body)), COMPARE
        case ExistsOne(body=body):
            rule = words.describe(body)
            return _("among {events} there is exactly one for which {rule}", events=events, rule=rule), COMPARE
        case ForAll(body=body):
            return _("for all of {events} it holds that {rule}", events=events, rule=words.describe(body)), COMPARE
    raise TypeError(fold)


def describe_numbering(numbering: Nth, words: Words) -> str:
    """Which one an event is among those of its table, or a sum up to it."""
    describe: Callable[[Expression], str] = words.describe
    order = _(", ").join(map(describe, numbering.orders))
    details = [_("in the order of {order}", order=order)]
    if numbering.by is not None:
        details.append(_("apart for each {value}", value=describe(numbering.by)))
    if numbering.where is not None:
        details.append(_("counting those for which {condition}", condition=describe(numbering.where)))
    detail = _(", ").join(details)
    if isinstance(numbering, SumTo):
        return _(
            "the sum of {value} up to this event ({detail})", value=words.inside(numbering.body, TIGHT), detail=detail
        )
    if isinstance(numbering, Neighbour):
        name = words.name_column(numbering.table, numbering.name)
        if numbering.is_next:
            return _("the {value} of the next event ({detail})", value=name, detail=detail)
        return _("the {value} of the event before ({detail})", value=name, detail=detail)
    return _("which of {table} this is ({detail})", table=words.name_table(numbering.table), detail=detail)
