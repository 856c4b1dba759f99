"""What a policy declares before it decides anything: parameters, tables, calendars, and the facts that it is given."""

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import frozen

from scorecore.language.cel.syntax import Syntax
from scorecore.policy.parts import Part, key

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Figure: TypeAlias = bool | int | Decimal | str | date
"""What an author writes for a value; quotients come from arithmetic alone."""


@frozen(kw_only=True)
class Bounds(Part):
    min: Syntax | None = key("least value; may read parameters and `previous`", default=None)
    max: Syntax | None = key("greatest value; may read parameters and `previous`", default=None)
    binding: bool = key("true refuses a value outside the bounds, false only warns", default=True)


@frozen(kw_only=True)
class Dated(Part):
    from_: date = key("first day on which the value is in force")
    is_: Figure = key("the value")


@frozen(kw_only=True)
class ParameterDeclaration(Part):
    """`[parameters.<name>]`: a figure that may change without the rule changing."""

    label: str = key("name for display", default="")
    type: Literal["decimal", "int", "string", "bool", "date"] = key("type of the value")
    unit: str = key("unit, such as CNY or %; unlike ones are neither added nor compared", default="")
    values: tuple[Dated, ...] = key("the dated values; the one in force on the period's last day counts", default=())
    prorate: bool = key("weigh the values by the days of the period on which each is in force", default=False)
    bounds: Bounds | None = key("the bounds of a value", default=None)


@frozen(kw_only=True)
class BandDeclaration(Part):
    of: Decimal | str | None = key(
        "the text that this row is for: of `exact`, or of another kind with bands for each text; or the number from "
        "which on it counts, in a table by two numbers",
        default=None,
    )
    from_: Decimal | None = key("where the band begins", default=None)
    is_: Decimal | str = key("value, amount or rate of the band; a text where the table gives texts")
    up_to: Decimal | None = key("where the last band ends; default: nowhere", default=None)


@frozen(kw_only=True)
class DatedBands(Part):
    from_: date = key("first day on which the bands are in force")
    bands: tuple[BandDeclaration, ...] = key("the bands, in order")


@frozen(kw_only=True)
class BandTableDeclaration(Part):
    """`[tables.<name>]`: a value that depends on a band."""

    label: str = key("name for display", default="")
    unit: str = key("unit, such as CNY or %; unlike ones are neither added nor compared", default="")
    kind: Literal["marginal", "whole", "interpolated", "exact"] = key(
        "marginal: slice by slice; whole: the band's value; interpolated: in between two; exact: by text"
    )
    type: Literal["decimal", "string"] = key(
        "type of what it gives; `string` for `whole` and `exact` only", default="decimal"
    )
    edge: Literal["lower", "upper"] | None = key(
        "whether a value on an edge belongs to the band that begins (lower) or ends (upper) there",
        default=None,
    )
    open: bool = key("a branch may replace it", default=False)
    bounds: Bounds | None = key("the bounds of the value of every band", default=None)
    edges: Bounds | None = key("the bounds of the start of every band", default=None)
    bands: tuple[BandDeclaration, ...] = key("the bands, in order", default=())
    versions: tuple[DatedBands, ...] = key("dated bands, instead of `bands`", default=())


@frozen(kw_only=True)
class Covers(Part):
    from_: date = key("first day that the calendar covers")
    to: date = key("last day that it covers")


@frozen(kw_only=True)
class CalendarDeclaration(Part):
    """`[calendars.<name>]`: which days are worked, and at what hours. Days that it does not cover are unknown."""

    label: str = key("name for display", default="")
    same_as: str = key(
        "the policy, as `id@version`, that has the calendar of this name; what is written here as well holds instead",
        default="",
    )
    days: tuple[Weekday, ...] = key(
        "the days of the week that are worked, `mon` to `sun`", default=("mon", "tue", "wed", "thu", "fri")
    )
    covers: Covers | None = key("the days that it covers", default=None)
    holidays: tuple[date, ...] = key("days off besides those outside `days`", default=())
    workdays: tuple[date, ...] = key("working days besides those in `days`", default=())
    hours: tuple[str, ...] = key("the hours of a working day, such as `08:30-12:00`, in their order", default=())
    open: bool = key("a branch may change it", default=False)


@frozen(kw_only=True)
class FactDeclaration(Part):
    """A field of a fact table."""

    type: Literal["decimal", "int", "string", "bool", "date", "timestamp"] = key("type of the fact")
    among: tuple[str, ...] | None = key("the only texts that are allowed here", default=None)
    unit: str = key("unit; money has 2 places", default="")
    min: Decimal | None = key("least value", default=None)
    max: Decimal | None = key("greatest value", default=None)
    places: int | None = key("decimal places", default=None)
    optional: bool = key("may be left out; `has(x)` asks whether it is there", default=False)
    kept: bool = key(
        "for people, or for policies that gather these decisions: nothing in this policy has to read it", default=False
    )
    fixed: bool = key(
        "a person cannot change it, as with age or branch; `explain --why-not` leaves it as it is",
        default=False,
    )
    label: str = key("name for display; files may use it as a heading", default="")
    open: bool = key("a branch may change it", default=False)


@frozen(kw_only=True)
class EventsDeclaration(Part):
    """`[facts.<name>]` for events: any number for each subject and period."""

    label: str = key("name for display; files may use it as the name of a sheet", default="")
    dated_by: str = key("the date or timestamp that puts an event into a period; default: all rows count", default="")
    common: bool = key(
        "its rows belong to nobody, as rates and prices do, and are read by everybody; its file has no column of ids",
        default=False,
    )
    shared: bool = key("an event may give points under more than one item", default=False)
    fixed: bool = key(
        "a person cannot change it, as with age or branch; `explain --why-not` leaves it as it is",
        default=False,
    )
    shown: tuple[str, ...] = key(
        "fields that explanations show beside an event, such as who decided it, under which clause and until when",
        default=(),
    )
    open: bool = key("a branch may change it", default=False)
    fields: dict[str, FactDeclaration] = key("the fields of an event")
    key: tuple[str, ...] = key("the fields that identify an event")
