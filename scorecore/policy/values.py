"""What a policy says of its intermediate values."""

from decimal import Decimal
from typing import Literal

from attrs import frozen

from scorecore.language.cel.syntax import Syntax
from scorecore.policy.parts import Part, key


@frozen(kw_only=True)
class ValueException(Part):
    when: Syntax = key("when the exception holds")
    is_: Syntax = key("what the value is then")
    label: str = key("what the exception is, for display")


@frozen(kw_only=True)
class ValueRow(Part):
    """A row of `[values.<name>]`, as a decision table has it."""

    when: Syntax = key("when the row holds")
    is_: Syntax = key("what the value is then, or what is added")
    label: str = key("what the row is, for display", default="")


@frozen(kw_only=True)
class ValueDeclaration(Part):
    """`[values.<name>]`: an intermediate value with a name."""

    is_: Syntax | None = key(
        "the expression; with `rows` what it is where no row holds (default: unknown; 0 of a sum)", default=None
    )
    exceptions: tuple[ValueException, ...] = key(
        "when it is something else; while two of them hold, it is unknown", default=()
    )
    rows: tuple[ValueRow, ...] = key("instead of `exceptions`: the rows of a decision table", default=())
    hit: Literal["unique", "first", "any", "sum"] | None = key(
        "with `rows`, which of those that hold count: the only one (`unique`: two leave it unknown), the first, any "
        "(they must say the same), or their sum",
        default=None,
    )
    result: Literal["decimal", "int", "string", "bool", "date", "timestamp"] | None = key(
        "its type, if it is a result of the decision: shown and recorded, read by later periods and other policies",
        default=None,
    )
    label: str = key("name for display", default="")
    unit: str = key("unit of a number; of a result also its places and bounds", default="")
    min: Decimal | None = key("of a number that is a result: below it the value is unknown", default=None)
    max: Decimal | None = key("of a number that is a result: above it the value is unknown", default=None)
    places: int | None = key("of a number that is a result: its decimal places", default=None)
    open: bool = key("a branch may replace it", default=False)
