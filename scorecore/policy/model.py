"""A policy as its author wrote it: one class for each part of the file, one field for each key, in their usual order.

A trailing underscore keeps a key apart from a Python keyword (`from_` is the key `from`). The language reference in
`docs/` is made from this module, so a field's `about` is written for authors. What every part has is in `parts`, what a
policy declares of its inputs in `inputs`, its values in `values`; all of it is found here.
"""

from datetime import date
from decimal import Decimal
from typing import Final, Literal

import attrs
from attrs import frozen

from scorecore.language.cel.syntax import Syntax
from scorecore.policy.inputs import (
    BandDeclaration,
    BandTableDeclaration,
    Bounds,
    CalendarDeclaration,
    Covers,
    Dated,
    DatedBands,
    EventsDeclaration,
    FactDeclaration,
    ParameterDeclaration,
    Weekday,
)
from scorecore.policy.matters import ClockDeclaration, MatterDeclaration, StageDeclaration
from scorecore.policy.objections import ObjectionsDeclaration
from scorecore.policy.parts import HIDDEN, Part, hidden, key
from scorecore.policy.toml import TomlTable
from scorecore.policy.values import ValueDeclaration, ValueException, ValueRow

__all__ = [
    "HIDDEN",
    "ITEM_KEYS",
    "SIGNS",
    "ActionDeclaration",
    "BandDeclaration",
    "BandTableDeclaration",
    "Bounds",
    "CalendarDeclaration",
    "CarryDeclaration",
    "ClockDeclaration",
    "Covers",
    "Dated",
    "DatedBands",
    "Effective",
    "EventsDeclaration",
    "FactDeclaration",
    "GradeDeclaration",
    "GroupDeclaration",
    "HoldDeclaration",
    "ItemDeclaration",
    "MatterDeclaration",
    "MonotoneDeclaration",
    "ObjectionsDeclaration",
    "Open",
    "ParameterDeclaration",
    "Part",
    "PayDeclaration",
    "PayKind",
    "PeriodKind",
    "Periods",
    "Policy",
    "PolicyHeader",
    "ScoreDeclaration",
    "SilenceDeclaration",
    "SilenceKind",
    "StageDeclaration",
    "TextDeclaration",
    "UsesDeclaration",
    "ValueDeclaration",
    "ValueException",
    "ValueRow",
    "VetoDeclaration",
    "Weekday",
    "hidden",
    "key",
]


@frozen(kw_only=True)
class Effective(Part):
    from_: date = key("first day on which this version is in force")
    to: date | None = key("last day on which it is in force", default=None)


PeriodKind = Literal["week", "half-month", "month", "quarter", "half-year", "year"]


@frozen(kw_only=True)
class Periods(Part):
    every: PeriodKind = key("how often the policy decides")
    closes: int = key("day of the month on which a period ends, 1 to 28; default: the last day", default=0)


@frozen(kw_only=True)
class PolicyHeader(Part):
    """`[policy]`."""

    id: str = key("name of the policy, such as `galaxy.broker`")
    version: str = key("name of this version, such as `2024.1`")
    title: str = key("title for display")
    extends: str = key("the policy that this one overlays, as `id@version`", default="")
    status: Literal["in force", "draft", "illustrative"] = key(
        "what the figures are: `illustrative` ones are invented", default="in force"
    )
    subject: str = key("who or what is assessed: the fact table with one row each")
    subject_label: str = key("heading under which files may have the subject's id, such as `工号`", default="")
    applies: Syntax | None = key("who is assessed; default: everybody. About others nothing is decided", default=None)
    period: Periods = key('week, half-month, month, quarter, half-year or year; or { every = "month", closes = 25 }')
    text: str = key("file with the written rule, beside this one: `.txt`, `.md` or `.docx`", default="")
    text_digest: str = key(
        "the text as it was when the policy was written; `scorecore trace --pin` sets it", default=""
    )
    effective: Effective = key("from when, and until when, this version is in force; the period's last day decides")
    currency: str = key("unit of money, such as `CNY`", default="")
    assumptions: tuple[str, ...] = key("what was assumed where the written rule is silent", default=())
    checks: tuple[str, ...] = key("house rules that the policy must follow; plugins provide them", default=())
    plugins: dict[str, str] = key(
        "plugins whose version is pinned, by the names of their packages; another version is refused", factory=dict
    )


@frozen(kw_only=True)
class GroupDeclaration(Part):
    """`[groups.<name>]`: who is looked at together, for `rank(x, "<name>")` and its like."""

    by: str = key("the fact that members of one group share; default: everybody is one group", default="")
    held: Literal["wait", "exclude"] = key(
        "while a member's value is unknown: `wait`, all members wait; `exclude`, such members are left out"
    )
    ties: Literal["first", "last", "dense", "mean", "hold"] | None = key(
        "how ties are ranked, for `rank`: the better rank (1, 1, 3), the worse (2, 2, 3), without gaps (1, 1, 2), "
        "the mean (1.5, 1.5, 3), or unknown (`hold`)",
        default=None,
    )
    label: str = key("name for display", default="")
    open: bool = key("a branch may change it", default=False)


@frozen(kw_only=True)
class ItemDeclaration(Part):
    """`[[items]]`: a part of the score. Its other keys are the scorer's own."""

    id: str = key("name of the item")
    label: str = key("name for display", default="")
    points: Decimal | Literal["open"] = key(
        "the most it can give, from 0 up; `open` for items that add and deduct without limit"
    )
    when: Syntax | None = key("whom the item applies to; default: everyone", default=None)
    scorer: str = key("the scorer that turns the item's other keys into entries")
    round: int | None = key("decimal places of the points of each entry", default=None)
    open: bool = key("a branch may replace it", default=False)
    rest: TomlTable = hidden()


@frozen(kw_only=True)
class VetoDeclaration(Part):
    when: Syntax = key("when it applies")
    total: Decimal = key("the total is at most this")
    reason: str = key("reason for display")


@frozen(kw_only=True)
class ScoreDeclaration(Part):
    """`[score]`: how the items become the total."""

    label: str = key("name of the total for display", default="")
    out_of: Decimal | None = key("what the points of the items that apply must add up to", default=None)
    round: int = key("decimal places of the total", default=2)
    mode: str = key("rounding mode", default="half_up")
    min: Decimal | None = key("the total is at least this", default=None)
    max: Decimal | None = key("the total is at most this", default=None)
    veto: tuple[VetoDeclaration, ...] = key("conditions that cap the total, whatever was earned", default=())
    open: bool = key("a branch may change it", default=False)


@frozen(kw_only=True)
class GradeDeclaration(Part):
    """`[[grades]]`: read off the rounded total, from the highest to the lowest."""

    id: str = key("name of the grade")
    label: str = key("name for display", default="")
    when: Syntax | None = key("whom the grade applies to; default: everyone", default=None)
    from_: Decimal | Literal["lowest"] = key("least total of the grade; `lowest` for the last")
    open: bool = key("a branch may change it", default=False)


ITEM_KEYS: Final = frozenset(
    field.name.rstrip("_") for field in attrs.fields(ItemDeclaration) if not field.metadata.get(HIDDEN)
)
"""Keys of an item that are the same for every scorer; a scorer cannot have a key of such a name."""


PayKind = Literal["earning", "reward", "fine", "deduction", "reserve", "draw", "release", "adjustment"]
SIGNS: dict[str, int] = {
    "earning": 1,
    "reward": 1,
    "fine": -1,
    "deduction": -1,
    "reserve": -1,
    "draw": 1,
    "release": 1,
    "adjustment": 1,
}
"""What a line of each kind does to net pay. Only an adjustment may be negative itself."""


@frozen(kw_only=True)
class PayDeclaration(Part):
    """`[[pay]]`: a line of the pay slip."""

    id: str = key("name of the line")
    label: str = key("name for display", default="")
    kind: PayKind = key("the kind of line, which gives the sign")
    when: Syntax | None = key("whom the line applies to; default: everyone", default=None)
    amount: Syntax = key("the amount; only an adjustment may be negative")
    round: int = key("decimal places of the amount", default=2)
    mode: str = key("rounding mode", default="half_up")
    open: bool = key("a branch may replace it", default=False)


@frozen(kw_only=True)
class CarryDeclaration(Part):
    """`[carry.<name>]`: a balance that goes from one period into the next."""

    label: str = key("name for display", default="")
    unit: str = key("unit; money has 2 places", default="")
    min: Decimal | None = key("least balance", default=None)
    max: Decimal | None = key("greatest balance", default=None)
    places: int | None = key("decimal places", default=None)
    opens: Decimal = key("balance of a subject without an earlier period")
    closes: Syntax = key("balance at the end of the period")
    open: bool = key("a branch may change it", default=False)


@frozen(kw_only=True)
class HoldDeclaration(Part):
    """`[[holds]]`: nothing is decided until a person with the authority has spoken."""

    id: str = key("name of the hold")
    when: Syntax = key("when it holds")
    of: tuple[str, ...] = key("what it holds, such as `pay.commission`; default: everything", default=())
    reason: str = key("reason for display")
    refer: str = key("who decides", default="")
    open: bool = key("a branch may change it", default=False)


@frozen(kw_only=True)
class ActionDeclaration(Part):
    """`[[actions]]`: what the decision proposes about the subject."""

    id: str = key("name of the action")
    label: str = key("name for display", default="")
    when: Syntax = key("when it is proposed")
    reason: str = key("reason for display")
    open: bool = key("a branch may change it", default=False)


@frozen(kw_only=True)
class UsesDeclaration(Part):
    """`[uses.<name>]`: decisions of another policy, read as `uses.<name>.…`."""

    policy: str = key("the other policy, as `id@version`", default="")
    policies: dict[str, str] = key(
        "instead of `policy`, if branches have their own policies: the policy for each text of `by`", factory=dict
    )
    by: str = key("with `policies`: the fact of the other subject that says which of them decides it", default="")
    match: str = key("the fact that names the other subject, such as the department; default: the same id", default="")
    gather: str = key(
        "in the other direction: the fact of the other subjects that names this one; their decisions are a list",
        default="",
    )
    depth: int = key(
        "with `gather`, how many levels below this one are gathered: 2 for those who name somebody who names this one "
        "as well; the field `depth` says the level",
        default=1,
    )
    periods: Literal["same", "within"] = key(
        "`same`: its decision of the same period; `within`: those of its periods within this one, as a list",
        default="same",
    )
    last: int = key(
        "instead of `periods`: how many of its periods are read as a list, up to the end of this one; 12 for a mean "
        "over a year",
        default=0,
    )


@frozen(kw_only=True)
class MonotoneDeclaration(Part):
    """`[[monotone]]`: what more of a fact or of events never does; `scorecore test` proves it, or searches."""

    more: str = key("a table of events, or a fact that is a number")
    of: tuple[str, ...] = key("the results that are meant, such as `score.total`")
    never: Literal["raises", "lowers"] = key("what the results never do when there is more of it")


SilenceKind = Literal[
    "purpose", "definition", "organization", "process", "judgement", "discretion", "incomplete", "elsewhere"
]


@frozen(kw_only=True)
class SilenceDeclaration(Part):
    """`[[text.silent]]`: clauses of the written rule that no part carries out; `authority` names them."""

    kind: SilenceKind = key(
        "why: `purpose`, `definition`, `organization` (who does what), `process` (steps without figures), `judgement` "
        "and `discretion` (a person finds or decides), `incomplete` (the text lacks it), `elsewhere` (another rule has "
        "it)"
    )
    figures: tuple[str, ...] = key(
        "the figures of these clauses that no part needs, as the text writes them; default: the clauses are silent",
        default=(),
    )
    reason: str = key("reason for display", default="")
    refer: str = key("who decides; needed where the clauses have figures", default="")


@frozen(kw_only=True)
class TextDeclaration(Part):
    """`[text]`: what the policy does not take from its written rule."""

    silent: tuple[SilenceDeclaration, ...] = key("clauses that no part carries out", default=())


@frozen(kw_only=True)
class BoundedDeclaration(Part):
    """`[[bounded]]`: between what bounds results always lie; `scorecore test` proves it, or searches."""

    of: tuple[str, ...] = key("the results that are meant, such as `pay.bonus`")
    min: Decimal | None = key("what they never fall below", default=None)
    max: Decimal | None = key("what they never exceed", default=None)


@frozen(kw_only=True)
class PaidOnceDeclaration(Part):
    """`[[paid_once]]`: lines that pay nothing again for the same facts; `scorecore test` proves it, or searches."""

    of: tuple[str, ...] = key("the pay lines that are meant, such as `pay.bonus`")


@frozen(kw_only=True)
class Open(Part):
    """`[open]`: where a branch may add parts of its own."""

    parameters: bool = key("new parameters", default=False)
    tables: bool = key("new tables", default=False)
    calendars: bool = key("new calendars", default=False)
    facts: bool = key("new facts", default=False)
    matters: bool = key("new matters", default=False)
    values: bool = key("new values", default=False)
    groups: bool = key("new groups", default=False)
    items: bool = key("new items", default=False)
    grades: bool = key("new grades", default=False)
    pay: bool = key("new pay lines", default=False)
    carry: bool = key("new balances", default=False)
    holds: bool = key("new holds", default=False)
    actions: bool = key("new actions", default=False)
    laxer: bool | None = key(
        "whether a branch may be laxer: `false` fails its test, `true` says nothing; default: the test notes it",
        default=None,
    )


@frozen(kw_only=True)
class Policy(Part):
    """A whole policy file, its parents merged in."""

    policy: PolicyHeader = key("what the policy is")
    parameters: dict[str, ParameterDeclaration] = key("figures that a branch may set within bounds", factory=dict)
    tables: dict[str, BandTableDeclaration] = key("values that depend on bands", factory=dict)
    calendars: dict[str, CalendarDeclaration] = key("which days are worked, and at what hours", factory=dict)
    subject: dict[str, FactDeclaration] = hidden()
    events: dict[str, EventsDeclaration] = hidden()
    matters: dict[str, MatterDeclaration] = key("the stages that events go through, and their deadlines", factory=dict)
    uses: dict[str, UsesDeclaration] = key("decisions of other policies", factory=dict)
    values: dict[str, ValueDeclaration] = key("named intermediate values", factory=dict)
    groups: dict[str, GroupDeclaration] = key("which subjects are considered together", factory=dict)
    items: tuple[ItemDeclaration, ...] = key("the parts of the score", default=())
    score: ScoreDeclaration | None = key("how the items become the total", default=None)
    grades: tuple[GradeDeclaration, ...] = key("the grades", default=())
    pay: tuple[PayDeclaration, ...] = key("the lines of the pay slip", default=())
    carry: dict[str, CarryDeclaration] = key("balances that are carried from period to period", factory=dict)
    holds: tuple[HoldDeclaration, ...] = key("what waits for a person", default=())
    actions: tuple[ActionDeclaration, ...] = key("what is proposed", default=())
    monotone: tuple[MonotoneDeclaration, ...] = key("what more of a fact or of events never does", default=())
    bounded: tuple[BoundedDeclaration, ...] = key("between what bounds results always lie", default=())
    paid_once: tuple[PaidOnceDeclaration, ...] = key(
        "which pay lines pay nothing again in the next period for the same facts", default=()
    )
    objections: ObjectionsDeclaration | None = key("how people object to a decision", default=None)
    open: Open | None = key("where a branch may add", default=None)
    text: TextDeclaration | None = key("what is not taken from the written rule", default=None)
