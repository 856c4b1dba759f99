"""Why a value is unknown when a subject is decided."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

DIVISOR_IS_ZERO: Final = DiagnosticKind("SC501", "the divisor is zero")
NO_BAND: Final = DiagnosticKind("SC502", "no band covers {value}")
NEGATIVE: Final = DiagnosticKind("SC503", "the amount would be {value}; it cannot be negative")
OUT_OF_BOUNDS: Final = DiagnosticKind("SC504", "{value} is outside {low} to {high}")
ABSENT: Final = DiagnosticKind("SC505", "`{name}` is not given")
ABSENT_OF: Final = DiagnosticKind("SC508", "in `{table}`, {key} has no `{name}`")
NO_PERIOD: Final = DiagnosticKind("SC506", "there is no decision {ago} periods ago")
NOT_DECIDED: Final = DiagnosticKind("SC507", "`{name}` was not decided then")
NO_SUCH_DAY: Final = DiagnosticKind("SC509", "the day lies outside the years 1 to 9999")
NOTHING_USED: Final = DiagnosticKind("SC530", "there is no decision of `{policy}`")
NOT_COVERED: Final = DiagnosticKind("SC523", "the calendar `{name}` does not cover {day}, only {first} to {last}")
CALENDAR_ENDS: Final = DiagnosticKind(
    "SC524", "the calendar `{name}` covers {first} to {last}, which is not long enough"
)
FACT_MISSING: Final = DiagnosticKind("SC510", "`{name}` is missing")
TABLE_MISSING: Final = DiagnosticKind(
    "SC511", "there is no table `{table}`; an empty one would say that there was nothing"
)
HISTORY_MISSING: Final = DiagnosticKind(
    "SC526",
    "what was decided in earlier periods is not known; --history gives it, or --no-history says that there was nothing",
)
FACT_UNFIT: Final = DiagnosticKind("SC512", "`{name}` is `{value}`, which is no {type}")
FACT_OUTSIDE: Final = DiagnosticKind("SC513", "`{name}` is {value}, outside {low} to {high}")
FACT_TOO_FINE: Final = DiagnosticKind("SC514", "`{name}` is {value}, with more than {places} digits behind the point")
FACT_NOT_AMONG: Final = DiagnosticKind(
    "SC515", "`{name}` is `{value}`, which is none of {among}", ("did you mean `{nearest}`?",)
)
FACT_TOO_LONG: Final = DiagnosticKind("SC516", "`{name}` has {length} characters; the limit is {limit}")
KEY_REPEATED: Final = DiagnosticKind("SC517", "in `{table}`, {key} stands twice")
KEY_BROKEN: Final = DiagnosticKind("SC518", "in `{table}`, a row without a proper `{name}` cannot be placed")
TOO_MANY_ROWS: Final = DiagnosticKind("SC519", "in `{table}`, there are {count} rows; the limit is {limit}")
SUBJECT_TWICE: Final = DiagnosticKind("SC522", "{id} stands twice for this period")
VALID_BACKWARDS: Final = DiagnosticKind(
    "SC525", "`{name}` is {value}, which is before {start}, when the row becomes valid"
)
COLLIDE: Final = DiagnosticKind("SC549", "two exceptions hold at once: {first}; {second}")
UNRATED: Final = DiagnosticKind("SC547", "there is no rating by {name}")
TOO_FEW_RATINGS: Final = DiagnosticKind("SC548", "fewer than {least} of the {parts} ratings are there")
HELD: Final = DiagnosticKind("SC520", "{reason}")
HELD_REFERRED: Final = DiagnosticKind("SC521", "{reason} (referred to {refer})")

GROUP_WAITS: Final = DiagnosticKind("SC541", "the group `{group}` waits for {count} of its members: {who}")
GROUP_EMPTY: Final = DiagnosticKind("SC542", "in the group `{group}`, nobody's value is known")
TIED: Final = DiagnosticKind("SC543", "the place in the group `{group}` is shared with {who}")
SAME_ORDER: Final = DiagnosticKind(
    "SC546",
    "in `{table}`, {key} and {others} stand at the same place in the order: {order}",
    ("say at what time each was, or number them by something in which they differ",),
)
POOL_DIFFERS: Final = DiagnosticKind("SC544", "the amount to divide is {value} for {who}, but {other} for {whose}")
POOL_WITHOUT_WEIGHT: Final = DiagnosticKind(
    "SC545", "in the group `{group}`, all weights are zero: nobody takes the amount"
)
