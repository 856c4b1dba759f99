"""What a policy means as a whole."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

EMPTY_BOUNDS: Final = DiagnosticKind("SC301", "nothing lies between {low} and {high}", ("mend `min` or `max`",))
BOUND_TOO_FINE: Final = DiagnosticKind(
    "SC302",
    "`{key}` = {value} has more than {places} digits behind the point",
    ("declare more `places`, or a rounder bound",),
)
BOUND_TOO_LARGE: Final = DiagnosticKind("SC303", "the bounds go beyond {limit}", ("give smaller ones",))
KEY_NOT_FOR: Final = DiagnosticKind("SC304", "`{key}` is not for the type {type}", ("leave it out",))
AMONG_REPEATS: Final = DiagnosticKind("SC305", "a text stands twice in `among`, or none at all")
LABEL_TWICE: Final = DiagnosticKind(
    "SC306", "the label `{label}` is also that of `{name}`", ("a heading in a file must lead to one field",)
)
NO_FIELD: Final = DiagnosticKind("SC307", "`{name}` is not a field of `{table}`", ("did you mean `{nearest}`?",))
KEY_OPTIONAL: Final = DiagnosticKind("SC308", "`{name}` is part of the key and cannot be optional")
NO_KEY: Final = DiagnosticKind(
    "SC309", "`{table}` has no key", ("name the fields that make an event one, such as a date or a number",)
)
NOT_DATED: Final = DiagnosticKind(
    "SC310", "`{name}` puts the events into a period; it must be a date or timestamp, and not optional"
)
NOT_ASCENDING: Final = DiagnosticKind(
    "SC311", "{later} does not come after {earlier}", ("put them into ascending order",)
)
LATE_START: Final = DiagnosticKind(
    "SC312",
    "nothing is in force before {first}, but the policy is, from {effective}",
    ("add an earlier value",),
)
VALUE_UNFIT: Final = DiagnosticKind("SC313", "`{value}` is not of the type {type}")
BANDS_TWICE: Final = DiagnosticKind("SC314", "a table has either `bands` or dated `versions`", ("leave one out",))
NO_EDGE: Final = DiagnosticKind(
    "SC315",
    "the table `{table}` does not say to which band an edge belongs",
    ('write edge = "lower" if it belongs to the band that begins there, "upper" if to the one that ends there',),
)
NO_BANDS: Final = DiagnosticKind(
    "SC316", "the table `{table}` has no bands", ("add them, or leave them to the branch: open = true",)
)
BAND_BEGINS: Final = DiagnosticKind("SC317", "a band of a table of kind {kind} begins with `{key}`")
BAD_END: Final = DiagnosticKind(
    "SC318",
    "`up_to` = {value} does not end the last band",
    ("it stands in the last band only, above its `from`",),
)
NOT_COVERING: Final = DiagnosticKind(
    "SC360",
    "the calendar `{name}` does not say which days it covers",
    ("write covers = {{ from = 2024-01-01, to = 2024-12-31 }}, or leave it to the branch: open = true",),
)
COVERS_TOO_MUCH: Final = DiagnosticKind("SC361", "a calendar covers at most {limit} days, this one {count}")
DAY_UNCOVERED: Final = DiagnosticKind(
    "SC362", "{day} is not among the days that the calendar covers", ("mend it, or `covers`",)
)
DAY_TWICE: Final = DiagnosticKind("SC363", "{day} is named twice", ("a day is free or worked; name it once",))
BAD_HOURS: Final = DiagnosticKind(
    "SC364",
    "`{text}` is not a span of hours after the one before it",
    ('write spans in their order: hours = ["08:30-12:00", "13:30-17:30"]',),
)
CIRCLE: Final = DiagnosticKind("SC320", "each of these needs the next: {path}", ("break the circle",))
ROUND_FIRST: Final = DiagnosticKind(
    "SC321", "the balance has {places} digits behind the point, this has more", ("write round(…, {places})",)
)
NO_EVENTS: Final = DiagnosticKind(
    "SC322",
    "there is no table of events `{name}`",
    ("did you mean `{nearest}`?", "declare it under [facts.{name}]"),
)
ACCOUNT_TOO_LARGE: Final = DiagnosticKind(
    "SC323",
    "the points of {times} entries could be more than can be held exactly",
    ("give the facts in it a smaller `max`",),
)
TOTAL_TOO_FINE: Final = DiagnosticKind(
    "SC324",
    "{value} has more than {places} digits behind the point, and the total has not",
    ("give it fewer digits, or [score] round more",),
)
OPENS_OUTSIDE: Final = DiagnosticKind(
    "SC325", "`opens` = {value} is outside {low} to {high}", ("mend it, or the `min` and `max` of the balance",)
)
NEGATIVE_POINTS: Final = DiagnosticKind(
    "SC326",
    "an item reaches from 0 to its `points`, and {points} is below 0",
    ('an item that only takes away has points = "open"',),
)
POINTS_DO_NOT_CLOSE: Final = DiagnosticKind(
    "SC330", "the points of the items add up to {total}, not to {out_of}", ("mend the points, or `out_of`",)
)
POINTS_DO_NOT_CLOSE_FOR: Final = DiagnosticKind(
    "SC331",
    "where {case}, the points of the items that apply add up to {total}, not to {out_of}",
    ("mend the points, `out_of`, or the conditions",),
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
    "the grade `{id}` does not begin below `{higher}`, which stands before it",
    ("put them in order, the highest first",),
)
NO_SCORE: Final = DiagnosticKind("SC336", "grades need a score, and there are no items", ("add [[items]]",))
BEYOND_BOUND: Final = DiagnosticKind(
    "SC340",
    "{value} is beyond the bound {key} = {bound}",
    ("it is set by: {authority}", "ask the owner of the parent policy"),
)
BEYOND_ADVICE: Final = DiagnosticKind(
    "SC341", "{value} is beyond the advised {key} = {bound}", ("it is advised by: {authority}",), warning=True
)
LEFT_OPEN: Final = DiagnosticKind(
    "SC342",
    "`{name}` is left to the branch",
    ("a file that extends this policy sets it; only then can it decide",),
    warning=True,
)
UNKNOWN_TARGET: Final = DiagnosticKind(
    "SC343",
    "`{name}` is nothing that could be held",
    ("did you mean `{nearest}`?", "name what the decision has, such as score.total, grade, pay or pay.<id>"),
)
NET_TOO_LARGE: Final = DiagnosticKind(
    "SC344",
    "all lines together could be more than can be held exactly",
    ("give the facts in them a smaller `max`",),
)
BAD_CLOSING_DAY: Final = DiagnosticKind(
    "SC345", "a month cannot close on day {day}", ("write 1 to 28; left out, it closes on its last day",)
)
ENDS_BEFORE: Final = DiagnosticKind("SC346", "{to} is before {start}", ("mend `effective`",))
NO_USED: Final = DiagnosticKind(
    "SC128",
    "the policy `{name}` is not here",
    ("did you mean `{nearest}`?", "put its file into the same folder, or name the folder: --parents DIR"),
)
USES_CIRCLE: Final = DiagnosticKind("SC124", "each of these uses the next: {path}", ("break the circle",))
USED_BROKEN: Final = DiagnosticKind(
    "SC125",
    "the policy `{name}` cannot decide, so nothing can be read of it",
    ("check it: it has problems of its own, or is left open to a branch",),
)
USED_PERIOD: Final = DiagnosticKind(
    "SC126",
    "periods of `{name}` are written {theirs}, those of this policy {ours}",
    ('for shorter periods write periods = "within"',),
)
CONTRADICTION: Final = DiagnosticKind(
    "SC388", "nothing lies between min = {low} and max = {high}", ("mend one of the two",)
)
NEVER_HOLDS: Final = DiagnosticKind(
    "SC389", "this never holds, whatever the facts", ("mend it, or leave its part out",), warning=True
)
ROW_OUT_OF_REACH: Final = DiagnosticKind(
    "SC390",
    "nothing that `{table}` is asked for reaches this row: {reached}",
    ("mend it, or leave the row out",),
    warning=True,
)
NO_ROW: Final = DiagnosticKind(
    "SC391",
    "`{table}` has no row for `{text}`, which is unknown then",
    ("add a row for it; or leave it so, if a person shall decide it",),
    warning=True,
)
NO_GATHER: Final = DiagnosticKind(
    "SC384", "`{name}` is no text among the facts that `{policy}` reads", ("did you mean `{nearest}`?",)
)
USED_UNLIKE: Final = DiagnosticKind(
    "SC385",
    "`{name}` is not about the same subjects and periods as `{other}`",
    ("policies that are gathered together have one subject and one period",),
)
ONE_OF: Final = DiagnosticKind("SC386", "`{name}` needs either `{first}` or `{second}`", ("leave one of them out",))
TOGETHER: Final = DiagnosticKind(
    "SC387", "`{first}` and `{second}` are given together, or neither", ("add the other, or leave both out",)
)
NO_MATCH: Final = DiagnosticKind(
    "SC127", "`{name}` is no text among the facts of the subject", ("did you mean `{nearest}`?",)
)
NO_MORE_OF: Final = DiagnosticKind(
    "SC347",
    "there can be no more of `{name}`: it is neither a table of events nor a number among the facts",
    ("did you mean `{nearest}`?",),
)
NO_NUMBER: Final = DiagnosticKind(
    "SC348", "`{name}` is no number that the policy decides", ("did you mean `{nearest}`?",)
)
NOT_READ: Final = DiagnosticKind(
    "SC350",
    "`{name}` is read by nothing",
    ("leave it out, or read it; files may have columns that are no facts of the policy",),
    warning=True,
)
POINTS_OUT_OF_REACH: Final = DiagnosticKind(
    "SC351",
    "the item has {points} points, but cannot give more than {most}",
    ("mend its points, or what it gives",),
    warning=True,
)
GRADE_OUT_OF_REACH: Final = DiagnosticKind(
    "SC352",
    "no total gives the grade `{id}`: totals are between {low} and {high}",
    ("mend `from`, or leave the grade out",),
    warning=True,
)
COUNTED_TWICE: Final = DiagnosticKind(
    "SC353",
    "an event of `{table}` can give points here and under `{other}`",
    ("tell them apart by `where`; or, if it is meant, write `shared = true` in [facts.{table}]",),
    warning=True,
)

NO_GROUP_FACT: Final = DiagnosticKind(
    "SC381", "`{name}` is no fact of the subject", ("did you mean `{nearest}`?", "groups are made by a fact")
)
GROUP_UNFIT: Final = DiagnosticKind(
    "SC382", "`{name}` is of the type {type}, which makes no groups", ("groups are made by text, int or bool",)
)

ALWAYS_COLLIDE: Final = DiagnosticKind(
    "SC383",
    "whenever `{first}` holds, `{second}` does too, so that the value is never known then",
    ("say when one goes before the other: when = '… && !(…)'",),
)
