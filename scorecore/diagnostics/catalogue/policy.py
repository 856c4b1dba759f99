"""What a policy means as a whole: declarations, points, grades, pay, bounds for branches: SC301 to SC398."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

EMPTY_BOUNDS: Final = DiagnosticKind("SC301", "no value lies between {low} and {high}", ("correct `min` or `max`",))
BOUND_TOO_FINE: Final = DiagnosticKind(
    "SC302",
    "`{key}` = {value} has too many decimal places (maximum {places})",
    ("declare more `places`, or a bound with fewer decimal places",),
)
BOUND_TOO_LARGE: Final = DiagnosticKind("SC303", "the bounds exceed {limit}", ("use smaller bounds",))
KEY_NOT_FOR: Final = DiagnosticKind("SC304", "`{key}` does not apply to the type {type}", ("leave it out",))
AMONG_REPEATS: Final = DiagnosticKind("SC305", "`among` repeats a text, or is empty")
LABEL_TWICE: Final = DiagnosticKind(
    "SC306",
    "the label `{label}` is already the label of `{name}`",
    ("the heading of a column must identify one field",),
)
NO_FIELD: Final = DiagnosticKind("SC307", "`{name}` is not a field of `{table}`", ("did you mean `{nearest}`?",))
KEY_OPTIONAL: Final = DiagnosticKind("SC308", "`{name}` is part of the key and cannot be optional")
NO_KEY: Final = DiagnosticKind(
    "SC309", "`{table}` has no key", ("name the fields that identify an event, such as a date or a number",)
)
NOT_DATED: Final = DiagnosticKind(
    "SC310", "`{name}` assigns events to periods; it must be a date or timestamp, and not optional"
)
NOT_ASCENDING: Final = DiagnosticKind(
    "SC311", "{later} does not come after {earlier}", ("put them in ascending order",)
)
LATE_START: Final = DiagnosticKind(
    "SC312",
    "no value is in force before {first}, but the policy is in force from {effective}",
    ("add an earlier value",),
)
VALUE_UNFIT: Final = DiagnosticKind("SC313", "`{value}` is not of the type {type}")
BANDS_TWICE: Final = DiagnosticKind(
    "SC314", "a table has either `bands` or dated `versions`, not both", ("leave one out",)
)
NO_EDGE: Final = DiagnosticKind(
    "SC315",
    "the table `{table}` does not say which band an edge belongs to",
    ('write edge = "lower" if it belongs to the band that starts there, "upper" if to the one that ends there',),
)
NO_BANDS: Final = DiagnosticKind(
    "SC316", "the table `{table}` has no bands", ("add bands, or leave them to the branch: open = true",)
)
BAND_BEGINS: Final = DiagnosticKind("SC317", "a band in a table of kind {kind} must start with `{key}`")
BAD_END: Final = DiagnosticKind(
    "SC318",
    "`up_to` = {value} does not end the last band",
    ("only the last band has `up_to`, and it must be above its `from`",),
)
OF_MIXED: Final = DiagnosticKind(
    "SC319", "`of` is {value} here and {first} elsewhere in the table", ("write a text everywhere, or a number",)
)
CIRCLE: Final = DiagnosticKind("SC320", "these depend on each other in a cycle: {path}", ("break the cycle",))
ROUND_FIRST: Final = DiagnosticKind(
    "SC321", "this has more decimal places than the balance ({places})", ("write round(…, {places})",)
)
NO_EVENTS: Final = DiagnosticKind(
    "SC322",
    "unknown table of events `{name}`",
    ("did you mean `{nearest}`?", "declare it under [facts.{name}]"),
)
ACCOUNT_TOO_LARGE: Final = DiagnosticKind(
    "SC323",
    "the sum of the points could be too large to be held exactly (number of entries: {times})",
    ("give the facts in it a smaller `max`",),
)
TOTAL_TOO_FINE: Final = DiagnosticKind(
    "SC324",
    "{value} has more decimal places than the total ({places})",
    ("give it fewer decimal places, or the total more: [score] round",),
)
OPENS_OUTSIDE: Final = DiagnosticKind(
    "SC325",
    "`opens` = {value} is outside {low} to {high}",
    ("correct it, or the `min` and `max` of the balance",),
)
NEGATIVE_POINTS: Final = DiagnosticKind(
    "SC326",
    "an item gives from 0 to its `points`, so these cannot be {points}",
    ('for an item that only deducts, write points = "open"',),
)
POINTS_DO_NOT_CLOSE: Final = DiagnosticKind(
    "SC330",
    "the points of the items add up to {total}, not to {out_of}",
    ("correct the points, or `out_of`",),
)
POINTS_DO_NOT_CLOSE_FOR: Final = DiagnosticKind(
    "SC331",
    "where {case}, the points of the items that apply add up to {total}, not to {out_of}",
    ("correct the points, `out_of`, or the conditions",),
)
TOO_MANY_CASES: Final = DiagnosticKind(
    "SC332",
    "the conditions can hold together in more than {most} ways, too many to check",
    ("use fewer different conditions",),
)
NO_LOWEST: Final = DiagnosticKind(
    "SC333", "totals below `{id}` have no grade", ('the last grade needs from = "lowest"',)
)
NO_LOWEST_FOR: Final = DiagnosticKind(
    "SC334",
    "where {case}, totals below `{id}` have no grade",
    ('the last grade that applies needs from = "lowest"',),
)
GRADE_OUT_OF_ORDER: Final = DiagnosticKind(
    "SC335",
    "the grade `{id}` does not start below `{higher}`, which precedes it",
    ("list the grades from the highest to the lowest",),
)
NO_SCORE: Final = DiagnosticKind("SC336", "grades need a score, but there are no items", ("add [[items]]",))
BEYOND_BOUND: Final = DiagnosticKind(
    "SC340",
    "{value} is beyond the bound {key} = {bound}",
    ("it is set by: {authority}", "ask the owner of `{parent}`", "correct the value, or the bound"),
)
BEYOND_ADVICE: Final = DiagnosticKind(
    "SC341", "{value} is beyond the recommended {key} = {bound}", ("it is recommended by: {authority}",), warning=True
)
LEFT_OPEN: Final = DiagnosticKind(
    "SC342",
    "`{name}` is left to the branch",
    ("nothing can be decided until a file that extends this policy sets it",),
    warning=True,
)
UNKNOWN_TARGET: Final = DiagnosticKind(
    "SC343",
    "`{name}` cannot be held",
    ("did you mean `{nearest}`?", "name a part of the decision, such as score.total, grade, pay or pay.<id>"),
)
NET_TOO_LARGE: Final = DiagnosticKind(
    "SC344",
    "the sum of all pay lines could be too large to be held exactly",
    ("give the facts in them a smaller `max`",),
)
BAD_CLOSING_DAY: Final = DiagnosticKind(
    "SC345",
    "a month cannot close on day {day}",
    ("write a day from 1 to 28; if it is left out, a month closes on its last day",),
)
ENDS_BEFORE: Final = DiagnosticKind("SC346", "{to} is before {start}", ("correct `effective`",))
NO_MORE_OF: Final = DiagnosticKind(
    "SC347",
    "there cannot be more of `{name}`: it is neither a table of events nor a number among the facts",
    ("did you mean `{nearest}`?",),
)
NO_NUMBER: Final = DiagnosticKind(
    "SC348", "`{name}` is not a number that the policy decides", ("did you mean `{nearest}`?",)
)
NO_PAY_LINE: Final = DiagnosticKind("SC349", "there is no pay line `{name}`", ("did you mean `{nearest}`?",))
NOT_READ: Final = DiagnosticKind(
    "SC350",
    "`{name}` is never used",
    ("use it or leave it out; files may have columns that are not facts of the policy",),
    warning=True,
)
POINTS_OUT_OF_REACH: Final = DiagnosticKind(
    "SC351",
    "the item has `points` = {points}, but cannot give more than {most}",
    ("correct its points, or what it gives",),
    warning=True,
)
GRADE_OUT_OF_REACH: Final = DiagnosticKind(
    "SC352",
    "no total gives the grade `{id}`: totals are between {low} and {high}",
    ("correct `from`, or leave the grade out",),
    warning=True,
)
COUNTED_TWICE: Final = DiagnosticKind(
    "SC353",
    "the same event of `{table}` can give points here and under `{other}`",
    ("separate the events with `where`; if this is intended, write `shared = true` in [facts.{table}]",),
    warning=True,
)
LOCKED_HOLD: Final = DiagnosticKind(
    "SC354",
    "no fact can release the hold `{name}`",
    (
        (
            "it reads no fact, or always holds: add a fact that is filled in when somebody has decided, such as "
            "`&& !has(approved_by)`"
        ),
    ),
    warning=True,
)
UNNAMED_WAIVER: Final = DiagnosticKind(
    "SC355",
    "`{table}` does not say who waived this and under which clause",
    ("add the optional texts waived_by and clause; list them in `shown` of [facts.{table}], or ask for them here",),
    warning=True,
)
MEASURED_HOLD: Final = DiagnosticKind(
    "SC356",
    "the hold `{name}` reads only what was counted, so no decision can release it",
    (
        (
            "add a fact that is filled in when somebody has decided, such as `&& !has(approved_by)`; if nobody "
            "is to decide, write `applies`"
        ),
    ),
    warning=True,
)
NOT_COVERING: Final = DiagnosticKind(
    "SC360",
    "the calendar `{name}` does not say which days it covers",
    ("write covers = {{ from = 2024-01-01, to = 2024-12-31 }}, or leave it to the branch: open = true",),
)
COVERS_TOO_MUCH: Final = DiagnosticKind("SC361", "a calendar covers at most {limit} days; this one covers {count}")
DAY_UNCOVERED: Final = DiagnosticKind(
    "SC362", "{day} is not among the days that the calendar covers", ("correct it, or `covers`",)
)
DAY_TWICE: Final = DiagnosticKind(
    "SC363", "{day} is listed twice", ("a day is either a day off or a working day; list it once",)
)
BAD_HOURS: Final = DiagnosticKind(
    "SC364",
    "`{text}` is not a span of hours that follows the one before it",
    ('write the spans in order: hours = ["08:30-12:00", "13:30-17:30"]',),
)
NO_CALENDAR_TO_TAKE: Final = DiagnosticKind(
    "SC365",
    "`{policy}` lists no calendar `{name}`",
    ("the calendars that it lists: {known}", "name the policy that has its days; both calendars have the same name"),
)
ASKED_ONCE: Final = DiagnosticKind(
    "SC366",
    "`{name}` is asked of this period alone, and not of the others of the streak",
    ("count an action that has the whole condition: streak(actions.x); if this period alone is meant, use a value",),
    warning=True,
)
ALWAYS_COLLIDE: Final = DiagnosticKind(
    "SC383",
    "whenever `{first}` holds, so does `{second}`, and the value is then never known",
    ("say which takes precedence: when = '… && !(…)'",),
)
NO_GATHER: Final = DiagnosticKind(
    "SC384", "`{name}` is not a text fact that `{policy}` reads", ("did you mean `{nearest}`?",)
)
USED_UNLIKE: Final = DiagnosticKind(
    "SC385",
    "`{name}` does not have the same subjects and periods as `{other}`",
    ("policies that are gathered together have one subject and one period",),
)
ONE_OF: Final = DiagnosticKind("SC386", "`{name}` needs either `{first}` or `{second}`", ("leave one of them out",))
TOGETHER: Final = DiagnosticKind(
    "SC387", "`{first}` and `{second}` must be given together", ("add the other, or leave both out",)
)
CONTRADICTION: Final = DiagnosticKind(
    "SC388", "no value lies between min = {low} and max = {high}", ("correct one of them",)
)
NEVER_HOLDS: Final = DiagnosticKind(
    "SC389", "this never holds, whatever the facts", ("correct it, or remove what depends on it",), warning=True
)
ROW_OUT_OF_REACH: Final = DiagnosticKind(
    "SC390",
    "no lookup in `{table}` reaches this row (values looked up: {reached})",
    ("correct it, or leave the row out",),
    warning=True,
)
NO_ROW: Final = DiagnosticKind(
    "SC391",
    "`{table}` has no row for `{text}`, so its value is unknown",
    ("add a row for it, or leave it as it is if a person should decide",),
    warning=True,
)
BAND_GAP: Final = DiagnosticKind(
    "SC392",
    "no band of `{table}` covers {gap}, so its value is unknown there",
    (
        'an edge belongs to the band that ends there: write edge = "lower", or begin the first band below {edge}',
        "add a band, or give what is looked up a `min` or `max`; leave it as it is if a person should decide",
    ),
    warning=True,
)
RUNNING_IS_LATE: Final = DiagnosticKind(
    "SC393",
    "while there is no `{name}` this holds, even before the deadline has passed",
    (
        "write !has({name}) && {passed} instead of !has({name})",
        "besides !has({name}), test whether the deadline has passed by period.end",
    ),
    warning=True,
)
PAID_EVERY_PERIOD: Final = DiagnosticKind(
    "SC394",
    "`{name}` depends on no date, so it is paid again in every period in which the subject has a row",
    ('if it is due once, say when, such as when = "{when}"; if it is due in every period, write when = "true"',),
    warning=True,
)
SHARED_PLACES: Final = DiagnosticKind(
    "SC395",
    'members with equal values share a place in the group `{group}` (ties = "{ties}"), so this can hold for more '
    "people than there are places",
    ('with ties = "{better}" it never does; or rank by a number in which no two are equal',),
    warning=True,
)
TOO_MANY_VALUE_ROWS: Final = DiagnosticKind(
    "SC396",
    "`{name}` has {count} rows; the limit is {limit}",
    ("what depends on a number or a text belongs in a table: [tables.x]",),
)
BAD_DEPTH: Final = DiagnosticKind(
    "SC397",
    "`depth` is {depth}; it can be 1 to {most}, and above 1 only where `gather` names a subject of the same kind",
    ('write gather = "…", the fact of a `{subject}` that names another `{subject}`',),
)
DEPTH_TAKEN: Final = DiagnosticKind(
    "SC398",
    "`{policy}` has a fact `depth`, which is the name of the level",
    ("give the fact another name",),
)
NO_TIME_TO_OBJECT: Final = DiagnosticKind("SC399", "`{name}` is a number of days from 1 to {limit}")
