"""Expressions: syntax, names, types and bounds: SC201 to SC257, SC273 and SC274."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

BROKEN_NAME: Final = DiagnosticKind("", "")
"""Never shown: the name leads to a part that has a problem of its own."""

UNEXPECTED: Final = DiagnosticKind(
    "SC201",
    "`{text}` is not expected here",
    (
        "write `{instead}`",
        "write `{name}`, whose label this is",
        "write `{field}` after the name of an event, as in e.{field}; this is its label",
        "put `{word}` in quotes if it is a text; names consist of ASCII letters, digits and _",
        "remove or complete what is marked",
    ),
)
EXPRESSION_ENDS: Final = DiagnosticKind(
    "SC202", "the expression ends too early", ("complete it, or remove its last operator",)
)
EXPRESSION_TOO_LONG: Final = DiagnosticKind(
    "SC203",
    "the expression has {length} characters; the limit is {limit}",
    ("split it into smaller [values]",),
)
EXPRESSION_TOO_DEEP: Final = DiagnosticKind(
    "SC204",
    "the expression is nested more than {limit} levels deep",
    ("split it into smaller [values]",),
)
NOT_IN_POLICIES: Final = DiagnosticKind(
    "SC205",
    "`{what}` is valid CEL, but policies cannot use it",
    ("write `{instead}`", "see the language reference for alternatives"),
)
RESERVED_WORD: Final = DiagnosticKind(
    "SC206", "`{word}` is a reserved word", ("write `{instead}`", "choose another name")
)
NUMBER_TOO_LARGE: Final = DiagnosticKind("SC207", "the number `{number}` is too large")
TOO_MANY_PLACES: Final = DiagnosticKind("SC208", "`{number}` has too many decimal places (maximum {places})")
NOT_FINITE: Final = DiagnosticKind("SC209", "`{number}` is not a finite number")
BAD_ESCAPE: Final = DiagnosticKind(
    "SC210", "`{escape}` is not a valid escape sequence", ("write \\\\ for a backslash",)
)
WRONG_OPERANDS: Final = DiagnosticKind("SC220", "`{operator}` cannot be applied to {types}", ("write {instead}",))
BAD_PLACES: Final = DiagnosticKind(
    "SC221", "{places} is not a valid number of decimal places", ("write a number from 0 to 12",)
)
BAD_MODE: Final = DiagnosticKind("SC222", "`{mode}` is not a rounding mode", ("the modes are {modes}",))
ALWAYS_ZERO: Final = DiagnosticKind("SC223", "the divisor is always zero")
INT_DIVISION: Final = DiagnosticKind(
    "SC224",
    "`/` cannot divide one integer by another",
    ("write `decimal(a) / b` for the exact quotient, or `quotient(a, b)` for the whole one",),
)
WRONG_TYPE: Final = DiagnosticKind(
    "SC225", "expected {expected}, found {found}", ("write {instead}, which leaves out the decimal places",)
)
INT_REMAINDER: Final = DiagnosticKind(
    "SC226",
    "policies cannot use `%`, because CEL's remainder takes the sign of the dividend",
    ("write {percentage} if it is a percentage, or a - b * quotient(a, b)", "write a - b * quotient(a, b)"),
)
TOO_LARGE: Final = DiagnosticKind(
    "SC227",
    "this can reach {magnitude}, which is too large to be held exactly",
    (
        "`{name}` may be as large as {most}; give it a smaller `max`",
        "use smaller numbers, or divide before multiplying",
    ),
)
UNKNOWN_NAME: Final = DiagnosticKind("SC230", "`{name}` is not defined", ("did you mean `{nearest}`?",))
UNKNOWN_FUNCTION: Final = DiagnosticKind("SC231", "unknown function `{name}`", ("did you mean `{nearest}`?",))
WRONG_COUNT: Final = DiagnosticKind(
    "SC232", "wrong number of operands for `{name}`: expected {expected}, found {found}"
)
TABLE_ALONE: Final = DiagnosticKind(
    "SC233",
    "`{name}` is a table of events, not a value",
    ("query it: {name}.size(), {name}.exists(x, …)",),
)
EVENT_ALONE: Final = DiagnosticKind("SC234", "`{name}` is an event, not a value", ("its fields are {fields}",))
LIST_ALONE: Final = DiagnosticKind(
    "SC235",
    "a list is not a value",
    ("query it: .size(), .exists(x, …), .map(x, …).sum()",),
)
NOT_A_LIST: Final = DiagnosticKind("SC236", "`in` needs a list of constants", ("write in [1, 2]",))
NOT_CONSTANT: Final = DiagnosticKind("SC237", "expected a constant")
NO_MEMBER: Final = DiagnosticKind("SC238", "this has no named parts")
NOT_A_DATE: Final = DiagnosticKind("SC239", "`{text}` is not a date", ('write date("2024-01-31")',))
NEVER_ABSENT: Final = DiagnosticKind(
    "SC240",
    "`has` applies only to what may be absent: an optional fact, or a value of an earlier period",
    ("declare `{fact}` with `optional = true`, or leave `has` out", "leave `has` out"),
)
NESTED: Final = DiagnosticKind(
    "SC241",
    "queries of events and earlier periods cannot be nested",
    ("define the inner query under [values], and use its name",),
)
SHADOWS: Final = DiagnosticKind(
    "SC242", "`{name}` already means something else", ("choose another name for the event",)
)
NO_VARIABLE: Final = DiagnosticKind("SC243", "expected a name for the event", ("write .filter(x, x.field > 0)",))
SUM_OF_WHAT: Final = DiagnosticKind(
    "SC244", "events cannot be added up, only a number from each", ("write .map(x, x.field).sum()",)
)
NOT_AMONG: Final = DiagnosticKind(
    "SC245",
    "`{text}` is not one of the texts that can occur here",
    ("did you mean `{nearest}`?", "the texts are {among}"),
)
NO_RATE: Final = DiagnosticKind("SC246", "only a marginal table has a rate, and `{name}` is not marginal")
BAD_AGO: Final = DiagnosticKind(
    "SC247",
    "the number of periods ago must be a whole number from 1 to {most}",
    ("write ago = {preceding} for the preceding period", "write history[1].score.total for the preceding period"),
)
NOT_IN_HISTORY: Final = DiagnosticKind(
    "SC248",
    "`{name}` is not kept for later periods",
    ("did you mean `{nearest}`?", "these are kept: {known}; a value is kept as well if it says `result`"),
)
NEEDLESS_MAP: Final = DiagnosticKind("SC249", "`.map` does not change the number of events", ("leave it out: .size()",))
NOT_EVENTS: Final = DiagnosticKind(
    "SC250", "`{name}` applies only to tables of events, after `.filter` and `.map` in that order"
)
STREAK_OF_NOTHING: Final = DiagnosticKind(
    "SC251",
    "this reads nothing that is kept for later periods",
    ("write a condition that can differ from period to period: streak(score.total < 60)",),
)
NOT_A_CLOCK_TIME: Final = DiagnosticKind("SC252", "`{text}` is not a time of day", ('write "17:00"',))
UNKNOWN_CALENDAR: Final = DiagnosticKind(
    "SC253", "unknown calendar `{name}`", ("did you mean `{nearest}`?", "declare it under [calendars.{name}]")
)
NO_HOURS: Final = DiagnosticKind(
    "SC254", "the calendar `{name}` has no hours", ('write hours = ["08:30-12:00", "13:30-17:30"]',)
)
NOT_ROUNDED: Final = DiagnosticKind(
    "SC255",
    "this can have more than {places} decimal places and has to be rounded here",
    ("write round(…, 2), or round = 2 in an item, with as many places as the rule names",),
)
VARYING_SUM: Final = DiagnosticKind(
    "SC256",
    "quotients with different divisors cannot be added up over events",
    ("round each: .map(x, round(…, 2)).sum()", "or add up first, and divide the sum"),
)
TOO_MANY_DIGITS: Final = DiagnosticKind(
    "SC257",
    "the exact value of this can need more than {digits} digits",
    ("round part of it: round(…, 6)",),
)
NO_FIELD_OF_EVENT: Final = DiagnosticKind(
    "SC258",
    "the first argument of `{name}` is a field of the event",
    ("read each field by itself: days({name}(c.date, c.date), c.date)",),
)
UNLIKE_QUANTITIES: Final = DiagnosticKind(
    "SC260",
    "`{first}` counts in `{first_unit}`, and `{second}` in `{second_unit}`: they cannot be added or compared",
    ("correct the `unit` that is wrong, or convert: by a rate whose unit is CNY/USD, or a figure such as 100 a day",),
)
UNLIKE_PLAIN: Final = DiagnosticKind(
    "SC261",
    "`{first}` counts in `{first_unit}`, and `{second}` is a plain number: they cannot be added or compared",
    ("give `{second}` the `unit` that it counts in, or multiply it by a figure: 100 for each",),
)
MONEY_BY_MONEY: Final = DiagnosticKind(
    "SC262",
    "`{first}` counts in `{first_unit}`, and `{second}` in `{second_unit}`: money is neither multiplied by money nor "
    "divided by another currency",
    ("a share has the unit %, a rate of exchange a unit such as CNY/USD",),
)
OTHER_QUANTITY: Final = DiagnosticKind(
    "SC263",
    "this counts in `{kind}`, and `{name}` in `{expected}`",
    ("correct the `unit` that is wrong, or convert: by a rate whose unit is CNY/USD, or a figure such as 100 a day",),
)
OTHER_THAN_PLAIN: Final = DiagnosticKind(
    "SC264",
    "this counts in `{kind}`, and `{name}` is a plain number",
    ("correct the `unit` that is wrong, or divide by a figure that counts in `{kind}`",),
)
NO_EVENT_TO_NUMBER: Final = DiagnosticKind(
    "SC273",
    "`{name}` needs an event, but no event has a name here",
    ("use it where an event has a name: in `.filter` and `.map`, or in an item with `each`",),
)
NO_ORDER: Final = DiagnosticKind(
    "SC274", "events cannot be ordered by {found}", ("order them by a date, a time or a number",)
)
