"""What a file of cases may contain.

[defaults]                                   # facts that cases share; a case overrides them key by key
period = "2024-05"
person = { role = "broker", volume = 1_000_000 }

[[case]]
name   = "two missed meetings cost four points"
meetings = [ { date = 2024-05-06, attended = false }, { date = 2024-05-13, attended = false } ]
expect = { items = { rules = 6 }, total = 96, grade = "A" }
"""

from decimal import Decimal

from attrs import frozen

from scorecore.policy.model import Part, hidden, key
from scorecore.policy.toml import TomlTable
from scorecore.values.types import Value


@frozen(kw_only=True)
class ExpectedEntry(Part):
    item: str = key("the item, or `score`")
    reason: str = key("its code")
    points: Decimal = key("its points")
    quantity: Decimal | None = key("its quantity", default=None)
    event: str = key("the key of the event that it rests on", default="")


@frozen(kw_only=True)
class Expected(Part):
    """What a case expects. What it does not name may be anything, but nothing else may be held."""

    assessed: bool = key("whether the subject is assessed at all; if not, nothing else is expected", default=True)
    items: dict[str, Decimal] = key("points by item", factory=dict)
    total: Decimal | None = key("the total", default=None)
    grade: str | None = key("the grade", default=None)
    pay: dict[str, Decimal] = key("amounts by line, and `net`; a line that does not apply is 0", factory=dict)
    net: Decimal | None = key("net pay", default=None)
    carry: dict[str, Decimal] = key("closing balances", factory=dict)
    values: dict[str, Value] = key("intermediate values by name", factory=dict)
    actions: tuple[str, ...] | None = key("the actions that are proposed", default=None)
    held: tuple[str, ...] = key("what is held, such as `pay.commission`; all of it, and nothing else", default=())
    because: tuple[str, ...] | None = key("the codes of the reasons for which something is held", default=None)
    entries: tuple[ExpectedEntry, ...] | None = key("all entries of the items that they name", default=None)


@frozen(kw_only=True)
class OtherSubject(Part):
    """Another subject. Its other keys are its facts, as in a case; what it leaves out is taken from the defaults."""

    id: str = key("its id; default: its number in the list", default="")
    times: int = key("the number of identical subjects", default=1)
    rest: TomlTable = hidden()


@frozen(kw_only=True)
class Case(Part):
    """Its other keys are facts: the subject's, tables of events, `history`, and decisions of policies that are used."""

    name: str = key("the sentence that the case proves")
    expect: Expected = key("the expected results")
    period: str | None = key("the period, such as 2024-05", default=None)
    source: str = key("where the figures come from", default="")
    id: str = key("the subject's id; default: the name of the case", default="")
    others: tuple[OtherSubject, ...] | None = key("the other subjects, for what depends on a group", default=None)
    groups: dict[str, Value] = key(
        "instead of `others`: group values, by their names in `scorecore expand`", factory=dict
    )
    missing: tuple[str, ...] = key("tables that do not exist at all", default=())
    rest: TomlTable = hidden()


@frozen(kw_only=True)
class CaseDefaults(Part):
    period: str | None = key("the period of cases that do not name one", default=None)
    others: tuple[OtherSubject, ...] = key("the other subjects, in cases that do not list them", default=())
    rest: TomlTable = hidden()


@frozen(kw_only=True)
class CaseFile(Part):
    """`<policy>.cases.toml`."""

    case: tuple[Case, ...] = key("the cases")
    defaults: CaseDefaults | None = key("facts that cases share", default=None)
