"""Typed expressions: the intermediate representation that programs are made of. It keeps what the author wrote.

Building an expression finds its type, and proves that it fits. `Sugar` is what `scorecore.language.sugar` gives a
meaning in terms of the other nodes; evaluators never need to know it.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from operator import is_
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
from attrs import field, frozen

from scorecore.diagnostics.source import Location
from scorecore.values.step_id import StepId
from scorecore.values.types import Type, Value

if TYPE_CHECKING:
    from scorecore.language.rows import KeyedField, Neighbour

HISTORY: Final = "history"
"""The table of earlier periods: one row each, with `ago` from 1, the latest first."""
AGO: Final = "ago"


@frozen
class Expression:
    """A typed expression; `place` is where the policy says it, and no part of what it means."""

    type: Type
    place: Location = field(eq=False, repr=False)


@frozen
class Constant(Expression):
    """A constant as it is written: an integer that is used as a decimal stays an `int` with a decimal type."""

    value: Value


@frozen
class Read(Expression):
    """A value of the subject and period: a fact, a step, `parameters.x`, `period.x`."""

    name: str


@frozen
class Field(Expression):
    """A field of the event, or of the earlier period, that is being looked at."""

    table: str
    name: str


@frozen
class AccountSoFar(Expression):
    """The points of an account before the entry that reads it. No author can write it."""


@frozen
class Apply(Expression):
    """An operator of the table, on operands and constant options."""

    operator: str
    operands: tuple[Expression, ...]
    options: tuple[Any, ...] = ()


@frozen
class Lookup(Expression):
    """The value of a band table at a number or text."""

    table: str
    key: Expression


@frozen
class Has(Expression):
    """Whether an optional fact, or a value of an earlier period or of another policy, is there."""

    operand: "Read | Field | KeyedField | Neighbour | HistoryAt | DependencyValue"


@frozen
class Nth(Expression):
    """Which one an event is, from 1, among the subject's events of `table` that have the same `by` and meet `where`."""

    table: str
    order: Expression
    by: Expression | None = None
    where: Expression | None = None
    further: tuple[Expression, ...] = ()
    """What puts those into an order that are equal by `order`."""

    @property
    def orders(self) -> tuple[Expression, ...]:
        return (self.order, *self.further)


# over the events of a table


@frozen
class EventFold(Expression):
    """One value from the events of `table` for which `where` holds."""

    table: str
    where: Expression | None


@frozen
class Count(EventFold):
    """How many events there are."""


@frozen
class SumOver(EventFold):
    """The sum of a number of each event."""

    body: Expression


@frozen
class Exists(EventFold):
    """Whether some event meets the condition `body`."""

    body: Expression


@frozen
class ForAll(EventFold):
    """Whether every event meets the condition `body`."""

    body: Expression


@frozen
class ExistsOne(EventFold):
    """Whether exactly one event meets the condition `body`."""

    body: Expression


# over earlier periods, and of other policies


@frozen
class HistoryAt(Expression):
    """The value of `field` so many periods ago."""

    field: Field
    ago: int


@frozen
class Latest(Expression):
    """The latest value of `field` in an earlier period; `default` if there is no earlier period."""

    field: Field
    default: Constant


@frozen
class PrecedingRun(Expression):
    """How many preceding periods without a gap, from the last one back, meet the condition."""

    condition: Expression


@frozen
class DependencyValue(Expression):
    """A value that another policy has decided: `field` in the only row of its table."""

    field: Field


RowsValue = EventFold | HistoryAt | Latest | PrecedingRun | DependencyValue
"""What makes one value from the rows of a table."""


def rows_table(value: RowsValue) -> str:
    """The table whose rows a value is made from."""
    match value:
        case EventFold(table=table) | DependencyValue(field=Field(table=table)):
            return table
    return HISTORY


# sugar: kept as it is written, with its meaning in `scorecore.language.sugar`


@frozen
class Sugar(Expression):
    """An expression that stands for others."""


@frozen
class Widened(Sugar):
    """An integer where a decimal is asked for."""

    operand: Expression


@frozen
class Rate(Sugar):
    """The rate of a marginal table: what it gives at a number, over this number; 0 at 0."""

    lookup: Lookup


@frozen
class ByText(Sugar):
    """What a table by a text and a number gives: the one of `values`, each a lookup or a rate, that is for the text.

    Of a table by two numbers the text is what a table of its own gives for the first.
    """

    table: str
    text: Expression
    texts: tuple[str, ...]
    values: tuple[Expression, ...]


@frozen
class ParameterOn(Sugar):
    """A parameter as it is in force on a day: the last of `values` that begins then or before."""

    name: str
    day: Expression
    starts: tuple[date, ...]
    values: tuple[Constant, ...]


@frozen
class Streak(Sugar):
    """How many periods in a row meet a condition, counted back from and including the current one."""

    now: Expression
    then: Expression
    """The condition over the values of an earlier period."""


@frozen
class ChoiceException:
    """What a value is instead while `when` holds; `clause` names the exception for people."""

    when: Expression
    value: Expression
    clause: str


@frozen
class Choice(Sugar):
    """A value with exceptions: what the only one that holds says, or else `otherwise`; unknown while two hold.

    With `hit` they are the rows of a decision table, and `hit` says which of those that hold count.
    """

    exceptions: tuple[ChoiceException, ...]
    otherwise: Expression | None
    hit: str | None = None


@frozen
class Rung:
    """A grade: reached from a least total on, by those to whom it applies. None: from the lowest, to all."""

    grade: str
    least: Constant | None
    applies: Read | None
    place: Location = field(eq=False, repr=False)


@frozen
class Ladder(Sugar):
    """The first grade, from the highest down, that applies and whose least total is reached."""

    total: Read
    rungs: tuple[Rung, ...]


@frozen
class AppliesIf(Sugar):
    """A value for whom a part of the policy applies; for all others zero, or false."""

    condition: Read
    value: Expression


@frozen
class Guarded(Sugar):
    """A number that is known only within bounds, which the analysis of its parts does not show."""

    operand: Expression
    low: Decimal | None
    """None: it is only not below zero."""
    high: Decimal | None


@frozen
class MatterState(Sugar):
    """What a clock or a stage says of an event, such as `c.reply.late`; `clause` is the label of the clock."""

    table: str
    name: str
    operand: Expression
    clause: str = ""


@frozen
class GroupValue(Sugar):
    """`rank(x, "group")` and its like: a value that depends on all members of the subject's group.

    It is read from the step `step`, whose identity is the meaning of the call.
    """

    function: str
    group: str
    operands: tuple[Expression, ...]
    places: int = 0
    """To which a pool is divided."""
    step: StepId = field(kw_only=True, eq=False)


_Holder = Expression | ChoiceException | Rung
"""What has expressions among its fields."""


def subexpressions(holder: _Holder) -> Iterator[Expression]:
    """The expressions that an expression is directly made of, in the order of its fields."""
    for name in _field_names(type(holder)):
        part = getattr(holder, name)
        for element in part if isinstance(part, tuple) else (part,):
            if isinstance(element, Expression):
                yield element
            elif isinstance(element, ChoiceException | Rung):
                yield from subexpressions(element)


def _field_names(holder: type) -> tuple[str, ...]:
    """The fields that can hold expressions."""
    if holder not in _FIELD_NAMES:
        fields = attrs.fields(holder)
        _FIELD_NAMES[holder] = tuple(field.name for field in fields if field.name not in _PLAIN_FIELDS)
    return _FIELD_NAMES[holder]


_FIELD_NAMES: Final[dict[type, tuple[str, ...]]] = {}
_NAMES: Final = frozenset({"name", "table", "group", "function", "clause", "step", "key_names"})
_PLAIN_FIELDS: Final = _NAMES | {"type", "place", "options", "places", "hit", "starts", "texts"}


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of, outside first."""
    yield expression
    for part in subexpressions(expression):
        yield from walk(part)


def map_subexpressions(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The same expression made of changed parts; the same object where nothing changes."""
    return _map(expression, change)


_T = TypeVar("_T", bound=_Holder)


def _map(holder: _T, change: Callable[[Expression], Expression]) -> _T:
    def changed(part: object) -> object:
        if isinstance(part, Expression):
            return change(part)
        if isinstance(part, tuple):
            elements = tuple(map(changed, part))
            return part if all(map(is_, elements, part)) else elements
        if isinstance(part, ChoiceException | Rung):
            return _map(part, change)
        return part

    changes: dict[str, Any] = {}
    for name in _field_names(type(holder)):
        before = getattr(holder, name)
        after = changed(before)
        if after is not before:
            changes[name] = after
    return attrs.evolve(holder, **changes) if changes else holder


def reads(expression: Expression) -> Iterator[str]:
    """The names of the values of the subject that an expression reads."""
    return (part.name for part in walk(expression) if isinstance(part, Read))


def constant_value(constant: Constant) -> Value:
    """The value that a constant has where it is used."""
    if constant.type.is_decimal and isinstance(constant.value, int):
        return Decimal(constant.value)
    return constant.value
