"""Expressions: syntax, names, types, bounds."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

UNEXPECTED: Final = DiagnosticKind(
    "SC201",
    "`{text}` is not expected here",
    ("write `{instead}`", "write the name that has the label `{label}`", "remove or complete what is under the mark"),
)
EXPRESSION_ENDS: Final = DiagnosticKind(
    "SC202", "the expression ends where more is expected", ("complete it, or remove its last operator",)
)
EXPRESSION_TOO_LONG: Final = DiagnosticKind(
    "SC203",
    "the expression has {length} characters; the limit is {limit}",
    ("split it into several [values]",),
)
EXPRESSION_TOO_DEEP: Final = DiagnosticKind(
    "SC204",
    "the expression has more than {limit} parts inside each other",
    ("split it into several [values]",),
)
NOT_IN_POLICIES: Final = DiagnosticKind(
    "SC205",
    "`{what}` is CEL, but not for policies",
    ("see the language reference for what can be said instead",),
)
RESERVED_WORD: Final = DiagnosticKind("SC206", "`{word}` is a reserved word", ("choose another name",))
NUMBER_TOO_LARGE: Final = DiagnosticKind("SC207", "`{number}` is too large a number")
TOO_MANY_PLACES: Final = DiagnosticKind("SC208", "`{number}` has more than {places} digits behind the point")
NOT_FINITE: Final = DiagnosticKind("SC209", "`{number}` is not a number")
BAD_ESCAPE: Final = DiagnosticKind("SC210", "`{escape}` is not an escape", ("write \\\\ for a backslash",))
WRONG_OPERANDS: Final = DiagnosticKind("SC220", "`{operator}` does not take {types}")
BAD_PLACES: Final = DiagnosticKind("SC221", "{places} is not a number of places", ("write 0 to 12",))
BAD_MODE: Final = DiagnosticKind("SC222", "`{mode}` is not a way of rounding", ("the ways are {modes}",))
ALWAYS_ZERO: Final = DiagnosticKind("SC223", "the divisor is always zero")
INT_DIVISION: Final = DiagnosticKind(
    "SC224",
    "`/` between two integers",
    ("write `decimal(a) / b` for the exact quotient, `quotient(a, b)` for the whole one",),
)
WRONG_TYPE: Final = DiagnosticKind("SC225", "{expected} is expected here, this is {found}")
INT_REMAINDER: Final = DiagnosticKind(
    "SC226",
    "`%` is not for policies: CEL's remainder takes the sign of the dividend",
    ("write a - b * quotient(a, b)",),
)
TOO_LARGE: Final = DiagnosticKind(
    "SC227",
    "this can reach {magnitude}, more than can be held exactly",
    ("`{name}` may be up to {most}: give it a smaller `max`",),
)
UNKNOWN_NAME: Final = DiagnosticKind("SC230", "`{name}` is not defined", ("did you mean `{nearest}`?",))
UNKNOWN_FUNCTION: Final = DiagnosticKind("SC231", "there is no function `{name}`", ("did you mean `{nearest}`?",))
WRONG_COUNT: Final = DiagnosticKind("SC232", "`{name}` takes {expected} operands, not {found}")
NO_EVENT_TO_NUMBER: Final = DiagnosticKind(
    "SC273",
    "`nth` numbers events, and no event is looked at here",
    ("use it where an event has a name: in `.filter` and `.map`, or in an item with `each`",),
)
NO_ORDER: Final = DiagnosticKind(
    "SC274", "events cannot be put in order by {found}", ("name a date, a time or a number of them",)
)
NO_GROUP: Final = DiagnosticKind(
    "SC270", "there is no group `{name}`", ("did you mean `{nearest}`?", "declare it under [groups.{name}]")
)
NO_TIES: Final = DiagnosticKind(
    "SC271",
    "the group `{name}` does not say which place equals have",
    ('add `ties` to [groups.{name}]: "first", "last", "dense", "mean" or "hold"',),
)
POOL_TOO_FINE: Final = DiagnosticKind(
    "SC272",
    "an amount with {places} digits behind the point cannot be divided to {wanted}",
    ("write round(…, {wanted})",),
)
TABLE_ALONE: Final = DiagnosticKind(
    "SC233",
    "`{name}` is a table of events, not a value",
    ("ask it something: {name}.size(), {name}.exists(x, …)",),
)
EVENT_ALONE: Final = DiagnosticKind("SC234", "`{name}` is an event, not a value", ("its fields are {fields}",))
LIST_ALONE: Final = DiagnosticKind(
    "SC235", "a list is not a value", ("ask it something: .size(), .exists(x, …), .map(x, …).sum()",)
)
NOT_A_LIST: Final = DiagnosticKind("SC236", "`in` needs a list of constants", ("write in [1, 2]",))
NOT_CONSTANT: Final = DiagnosticKind("SC237", "a constant is expected here")
NO_MEMBER: Final = DiagnosticKind("SC238", "this has no parts that could be named")
NOT_A_CLOCK_TIME: Final = DiagnosticKind("SC252", "`{text}` is not a time of day", ('write "17:00"',))
UNKNOWN_CALENDAR: Final = DiagnosticKind(
    "SC253", "there is no calendar `{name}`", ("did you mean `{nearest}`?", "declare it under [calendars.{name}]")
)
NO_HOURS: Final = DiagnosticKind(
    "SC254", "the calendar `{name}` has no hours", ('write hours = ["08:30-12:00", "13:30-17:30"]',)
)
NOT_A_DATE: Final = DiagnosticKind("SC239", "`{text}` is not a date", ('write date("2024-01-31")',))
NEVER_ABSENT: Final = DiagnosticKind(
    "SC240",
    "`has` asks for what may be absent: an optional fact, or a value of an earlier period",
    ("declare the fact `optional = true`, or leave `has` out",),
)
NESTED: Final = DiagnosticKind(
    "SC241",
    "events and earlier periods cannot be asked about inside each other",
    ("name the inner question under [values], and use its name",),
)
SHADOWS: Final = DiagnosticKind(
    "SC242", "`{name}` means something else already", ("choose another name for the event",)
)
NO_VARIABLE: Final = DiagnosticKind(
    "SC243", "the name for an event is expected here", ("write .filter(x, x.field > 0)",)
)
SUM_OF_WHAT: Final = DiagnosticKind(
    "SC244", "events cannot be added up, only a number of each", ("write .map(x, x.field).sum()",)
)
NEEDLESS_MAP: Final = DiagnosticKind("SC249", "`.map` does not change how many there are", ("leave it out: .size()",))
NOT_EVENTS: Final = DiagnosticKind(
    "SC250", "`{name}` can be asked of tables of events only, after `.filter` and `.map` in that order"
)
NOT_AMONG: Final = DiagnosticKind(
    "SC245",
    "`{text}` is not one of the texts that may stand there",
    ("did you mean `{nearest}`?", "they are {among}"),
)
NO_RATE: Final = DiagnosticKind("SC246", "only a marginal table has a rate, and `{name}` is none")
BAD_AGO: Final = DiagnosticKind(
    "SC247",
    "how many periods ago is a whole number from 1 to {most}",
    ("write history[1].score.total for the preceding period",),
)
NOT_IN_HISTORY: Final = DiagnosticKind(
    "SC248", "`{name}` is not kept of earlier periods", ("did you mean `{nearest}`?", "kept are {known}")
)
STREAK_OF_NOTHING: Final = DiagnosticKind(
    "SC251",
    "this reads nothing that is kept of earlier periods",
    ("write a condition that may differ from period to period: streak(score.total < 60)",),
)
BROKEN_NAME: Final = DiagnosticKind("", "")
"""Never shown: the name leads to a part that has a problem of its own."""
