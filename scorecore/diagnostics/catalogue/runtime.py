"""Why a value is unknown when a subject is decided: SC501 to SC539, SC546 to SC549, SC551 to SC554."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

DIVISOR_IS_ZERO: Final = DiagnosticKind("SC501", "the divisor is zero")
NO_BAND: Final = DiagnosticKind("SC502", "no band covers {value}")
NEGATIVE: Final = DiagnosticKind("SC503", "the amount would be {value}; it cannot be negative")
OUT_OF_BOUNDS: Final = DiagnosticKind("SC504", "{value} is outside {low} to {high}")
ABSENT: Final = DiagnosticKind("SC505", "`{name}` is not given")
NO_PERIOD: Final = DiagnosticKind(
    "SC506",
    "there is no decision from {ago} periods ago",
    singular="there is no decision from {ago} period ago",
    count="ago",
)
NOT_DECIDED: Final = DiagnosticKind("SC507", "`{name}` was not decided in that period")
ABSENT_OF: Final = DiagnosticKind("SC508", "in `{table}`, {key} has no `{name}`")
NO_SUCH_DAY: Final = DiagnosticKind("SC509", "the day is outside the years 1 to 9999")
FACT_MISSING: Final = DiagnosticKind("SC510", "`{name}` is missing")
TABLE_MISSING: Final = DiagnosticKind(
    "SC511", "the table `{table}` is missing; an empty table would mean that there were no events"
)
FACT_UNFIT: Final = DiagnosticKind(
    "SC512",
    "`{name}` is `{value}`, which is not a valid {type}",
    (
        "leave the cell empty if there is none: `{nothing}` is not read",
        "write {proposal} if that is meant",
        "write it like {example}",
    ),
)
FACT_OUTSIDE: Final = DiagnosticKind("SC513", "`{name}` is {value}, outside {low} to {high}")
FACT_TOO_FINE: Final = DiagnosticKind(
    "SC514", "`{name}` is {value}, which has too many decimal places (maximum {places})"
)
FACT_NOT_AMONG: Final = DiagnosticKind(
    "SC515", "`{name}` is `{value}`, which is not one of {among}", ("did you mean `{nearest}`?",)
)
FACT_TOO_LONG: Final = DiagnosticKind("SC516", "`{name}` has {length} characters; the limit is {limit}")
KEY_REPEATED: Final = DiagnosticKind(
    "SC517",
    "in `{table}`, {key} occurs twice",
    ("`{matter}` has one row for each matter; what is done a second time needs a stage of its own",),
)
KEY_BROKEN: Final = DiagnosticKind("SC518", "in `{table}`, a row without a valid `{name}` cannot be assigned")
TOO_MANY_ROWS: Final = DiagnosticKind("SC519", "`{table}` has {count} rows; the limit is {limit}")
HELD: Final = DiagnosticKind("SC520", "{reason}")
HELD_REFERRED: Final = DiagnosticKind("SC521", "{reason} (referred to {refer})")
SUBJECT_TWICE: Final = DiagnosticKind(
    "SC522", "{id} occurs twice in this period", ("one row for each period is right; the others are in rows {rows}",)
)
NOT_COVERED: Final = DiagnosticKind("SC523", "the calendar `{name}` does not cover {day}, only {first} to {last}")
CALENDAR_ENDS: Final = DiagnosticKind(
    "SC524", "the calendar `{name}` covers {first} to {last}, which is not long enough"
)
VALID_BACKWARDS: Final = DiagnosticKind(
    "SC525", "`{name}` is {value}, which is before {start}, when the row becomes valid"
)
HISTORY_MISSING: Final = DiagnosticKind(
    "SC526",
    "the decisions of earlier periods are not known; supply them with --history, or use --no-history if there are none",
)
ERROR_CELL: Final = DiagnosticKind(
    "SC527",
    "`{name}` is the error {value} of a spreadsheet",
    ("correct the formula in this cell, or enter the value",),
)
FORMULA_WITHOUT_RESULT: Final = DiagnosticKind(
    "SC528",
    "`{name}` is a formula, and the file does not contain its result",
    ("open the file in your spreadsheet program and save it, or enter the value",),
)
GATHERS_ITSELF: Final = DiagnosticKind(
    "SC529",
    "`{name}` leads from `{id}` back to `{id}`, through {path}",
    ("correct the one that should name somebody else, or nobody",),
)
NOTHING_USED: Final = DiagnosticKind("SC530", "there is no decision of `{policy}`")
LONE_DASH: Final = DiagnosticKind(
    "SC531", "`{name}` is `{value}`, which may mean zero or nothing", ("write 0, or leave the cell empty",)
)
DIGITS_LOST: Final = DiagnosticKind(
    "SC532",
    "`{name}` is `{value}`, a number of which a spreadsheet has kept only the first digits",
    ("format the column as text, and type the digits again",),
)
PERCENT_UNCLEAR: Final = DiagnosticKind(
    "SC533",
    "`{name}` is `{value}`, and the policy does not say that this fact is in percent",
    ('write {share} or {percent}, whichever is meant; or give the fact unit = "%" in the policy',),
)
OTHER_UNIT: Final = DiagnosticKind(
    "SC534",
    "`{name}` is `{value}`, and the fact is in {unit}",
    ("write the number in {unit}, without `{sign}`",),
)
TEXT_TOO_LONG: Final = DiagnosticKind("SC535", "the text would have {length} characters; the limit is {limit}")
NO_ROW_WITH_KEY: Final = DiagnosticKind("SC536", "in `{table}`, there is no row with the key {key}")
BEFORE_FIRST: Final = DiagnosticKind("SC537", "`{name}` has no value before {first}")
NO_EXTREME: Final = DiagnosticKind("SC538", "in `{table}`, there is no row to take the value from")
NO_ROWS_FOR: Final = DiagnosticKind("SC539", "`{name}` has rows for these texts only: {texts}")
NO_ROW_HOLDS: Final = DiagnosticKind(
    "SC540",
    "none of the rows holds",
    ("add the row that is missing, or write in `is` what the value is where no row holds",),
)
SAME_ORDER: Final = DiagnosticKind(
    "SC546",
    "in `{table}`, {key} and {others} have the same place in the order: {order}",
    ("record the time of each, or order them by something in which they differ",),
)
UNRATED: Final = DiagnosticKind("SC547", "there is no rating by {name}")
TOO_FEW_RATINGS: Final = DiagnosticKind("SC548", "fewer than {least} of the {parts} ratings have been given")
COLLIDE: Final = DiagnosticKind("SC549", "these hold at once, and only one of them can count: {first}; {second}")
EXCLUDED: Final = DiagnosticKind("SC551", "not assessed: `{condition}` does not hold")
NO_NEIGHBOUR: Final = DiagnosticKind(
    "SC552",
    "in `{table}`, there is no row before {key} in the order",
    ("ask first whether there is one: has(previous(…)) ? … : …",),
)
NO_NEXT: Final = DiagnosticKind(
    "SC553",
    "in `{table}`, there is no row after {key} in the order",
    ("ask first whether there is one: has(next(…)) ? … : …",),
)
NO_ROW_UP_TO: Final = DiagnosticKind("SC554", "in `{table}`, there is no row for {key}, nor one before it")
TABLE_REFUSED: Final = DiagnosticKind("SC555", "the table `{table}` could not be read ({code} at {place})")
