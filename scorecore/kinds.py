"""Every kind of problem, in one place: code, sentence, advice.

Sentences are lower case and without a full stop; the author's words stand in backticks. Each code has a folder in
`tests/problems/` with the exact output in both languages.
"""

from typing import Final

from scorecore.problems import Kind

# SC0, the text of a file
NOT_TEXT: Final = Kind(
    "SC001",
    "the file is not {encoding} text (byte {byte} at offset {offset})",
    ("save it as UTF-8, or say how it is written: --encoding {other}", "save it as UTF-8"),
)
TOO_LONG: Final = Kind(
    "SC002",
    "the file has {length} characters; a policy has at most {limit}",
    ("facts belong into tables of their own, not into the policy",),
)
NOT_TOML: Final = Kind(
    "SC003",
    "not valid TOML: {reason}",
    ("text stands in quotes that end in the same line; a key is made of ASCII letters, digits, _ and -",),
)
TOO_DEEP: Final = Kind("SC004", "brackets are nested too deeply", ())

# SC1, the shape of a policy
UNKNOWN_KEY: Final = Kind("SC101", "`{key}` is not a key here", ("did you mean `{nearest}`?", "the keys are {keys}"))
MISSING_KEY: Final = Kind("SC102", "the key `{key}` is missing")
EXPECTED_TABLE: Final = Kind("SC103", "a table is expected here, not `{found}`", ("write [name] or {{ key = value }}",))
EXPECTED_LIST: Final = Kind("SC104", "a list is expected here, not `{found}`", ("write [ … ]",))
EXPECTED_TEXT: Final = Kind("SC105", "text is expected here, not `{found}`", ('put it into quotes: "…"',))
EXPECTED_NUMBER: Final = Kind("SC106", "a number is expected here, not `{found}`", ("write it without quotes",))
EXPECTED_WHOLE: Final = Kind("SC107", "a whole number is expected here, not `{found}`")
EXPECTED_BOOL: Final = Kind("SC108", "true or false is expected here, not `{found}`", ("write it without quotes",))
EXPECTED_DATE: Final = Kind("SC109", "a date is expected here, not `{found}`", ("write it without quotes: 2024-01-31",))
EXPECTED_VALUE: Final = Kind("SC110", "a single value is expected here, not `{found}`")
EXPECTED_CHOICE: Final = Kind("SC111", "`{found}` is not one of {choices}", ("did you mean `{nearest}`?",))
EXPECTED_EXPRESSION: Final = Kind(
    "SC112", "an expression is expected here, not `{found}`", ('put it into quotes: "…"',)
)
BAD_NAME: Final = Kind(
    "SC113",
    "`{name}` cannot be a name",
    ("names are ASCII letters, digits and _, and begin with a letter; the label may be any text",),
)
PREFIX_NAME: Final = Kind(
    "SC114", "`{name}` is a prefix of the language and cannot name anything else", ("choose another name",)
)
NAMED_TWICE: Final = Kind("SC115", "`{name}` is named twice", ("the first one stands in line {first}",))
NO_SUBJECT_TABLE: Final = Kind(
    "SC116",
    "there is no fact table for the subject `{subject}`",
    ("did you mean `{nearest}`?", "declare its facts under [facts.{subject}]"),
)
NO_PARENT: Final = Kind(
    "SC120",
    "the policy `{name}` is not here",
    ("did you mean `{nearest}`?", "put its file into the same folder, or name the folder: --parents DIR"),
)
PARENT_CIRCLE: Final = Kind("SC121", "`{name}` extends itself", ())
NOT_OPEN: Final = Kind(
    "SC122",
    "`{path}` is not open to change",
    ("it is set by: {authority}", "ask the owner of the parent policy"),
)
NOT_IN_PARENT: Final = Kind(
    "SC123",
    "`{path}` is not in the parent, which does not allow new ones",
    ("did you mean `{nearest}`?", "the parent would have to say [open] {section} = true"),
)

# SC2, expressions
UNEXPECTED: Final = Kind(
    "SC201",
    "`{text}` is not expected here",
    ("write `{instead}`", "write the name that has the label `{label}`", "remove or complete what is under the mark"),
)
EXPRESSION_ENDS: Final = Kind(
    "SC202", "the expression ends where more is expected", ("complete it, or remove its last operator",)
)
EXPRESSION_TOO_LONG: Final = Kind(
    "SC203",
    "the expression has {length} characters; the limit is {limit}",
    ("split it into several [values]",),
)
EXPRESSION_TOO_DEEP: Final = Kind(
    "SC204",
    "the expression has more than {limit} parts inside each other",
    ("split it into several [values]",),
)
NOT_IN_POLICIES: Final = Kind(
    "SC205",
    "`{what}` is CEL, but not for policies",
    ("see the language reference for what can be said instead",),
)
RESERVED_WORD: Final = Kind("SC206", "`{word}` is a reserved word", ("choose another name",))
NUMBER_TOO_LARGE: Final = Kind("SC207", "`{number}` is too large a number")
TOO_MANY_PLACES: Final = Kind("SC208", "`{number}` has more than {places} digits behind the point")
NOT_FINITE: Final = Kind("SC209", "`{number}` is not a number")
BAD_ESCAPE: Final = Kind("SC210", "`{escape}` is not an escape", ("write \\\\ for a backslash",))
WRONG_OPERANDS: Final = Kind("SC220", "`{operator}` does not take {types}")
BAD_PLACES: Final = Kind("SC221", "{places} is not a number of places", ("write 0 to 12",))
BAD_MODE: Final = Kind("SC222", "`{mode}` is not a way of rounding", ("the ways are {modes}",))
ALWAYS_ZERO: Final = Kind("SC223", "the divisor is always zero")
INT_DIVISION: Final = Kind(
    "SC224",
    "`/` between two integers",
    ("write `decimal(a) / b` for the exact quotient, `quotient(a, b)` for the whole one",),
)
WRONG_TYPE: Final = Kind("SC225", "{expected} is expected here, this is {found}")
INT_REMAINDER: Final = Kind(
    "SC226",
    "`%` is not for policies: CEL's remainder takes the sign of the dividend",
    ("write a - b * quotient(a, b)",),
)
TOO_LARGE: Final = Kind(
    "SC227",
    "this can reach {magnitude}, more than can be held exactly",
    ("`{name}` may be up to {most}: give it a smaller `max`",),
)
UNKNOWN_NAME: Final = Kind("SC230", "`{name}` is not defined", ("did you mean `{nearest}`?",))
UNKNOWN_FUNCTION: Final = Kind("SC231", "there is no function `{name}`", ("did you mean `{nearest}`?",))
WRONG_COUNT: Final = Kind("SC232", "`{name}` takes {expected} operands, not {found}")
NO_EVENT_TO_NUMBER: Final = Kind(
    "SC273",
    "`nth` numbers events, and no event is looked at here",
    ("use it where an event has a name: in `.filter` and `.map`, or in an item with `each`",),
)
NO_ORDER: Final = Kind(
    "SC274", "events cannot be put in order by {found}", ("name a date, a time or a number of them",)
)
NO_GROUP: Final = Kind(
    "SC270", "there is no group `{name}`", ("did you mean `{nearest}`?", "declare it under [groups.{name}]")
)
NO_TIES: Final = Kind(
    "SC271",
    "the group `{name}` does not say which place equals have",
    ('add `ties` to [groups.{name}]: "first", "last", "dense", "mean" or "hold"',),
)
POOL_TOO_FINE: Final = Kind(
    "SC272",
    "an amount with {places} digits behind the point cannot be divided to {wanted}",
    ("write round(…, {wanted})",),
)
TABLE_ALONE: Final = Kind(
    "SC233",
    "`{name}` is a table of events, not a value",
    ("ask it something: {name}.size(), {name}.exists(x, …)",),
)
EVENT_ALONE: Final = Kind("SC234", "`{name}` is an event, not a value", ("its fields are {fields}",))
LIST_ALONE: Final = Kind(
    "SC235", "a list is not a value", ("ask it something: .size(), .exists(x, …), .map(x, …).sum()",)
)
NOT_A_LIST: Final = Kind("SC236", "`in` needs a list of constants", ("write in [1, 2]",))
NOT_CONSTANT: Final = Kind("SC237", "a constant is expected here")
NO_MEMBER: Final = Kind("SC238", "this has no parts that could be named")
NOT_A_CLOCK_TIME: Final = Kind("SC252", "`{text}` is not a time of day", ('write "17:00"',))
UNKNOWN_CALENDAR: Final = Kind(
    "SC253", "there is no calendar `{name}`", ("did you mean `{nearest}`?", "declare it under [calendars.{name}]")
)
NO_HOURS: Final = Kind("SC254", "the calendar `{name}` has no hours", ('write hours = ["08:30-12:00", "13:30-17:30"]',))
NOT_A_DATE: Final = Kind("SC239", "`{text}` is not a date", ('write date("2024-01-31")',))
NEVER_ABSENT: Final = Kind(
    "SC240",
    "`has` asks for what may be absent: an optional fact, or a value of an earlier period",
    ("declare the fact `optional = true`, or leave `has` out",),
)
NESTED: Final = Kind(
    "SC241",
    "events and earlier periods cannot be asked about inside each other",
    ("name the inner question under [values], and use its name",),
)
SHADOWS: Final = Kind("SC242", "`{name}` means something else already", ("choose another name for the event",))
NO_VARIABLE: Final = Kind("SC243", "the name for an event is expected here", ("write .filter(x, x.field > 0)",))
SUM_OF_WHAT: Final = Kind(
    "SC244", "events cannot be added up, only a number of each", ("write .map(x, x.field).sum()",)
)
NEEDLESS_MAP: Final = Kind("SC249", "`.map` does not change how many there are", ("leave it out: .size()",))
NOT_EVENTS: Final = Kind(
    "SC250", "`{name}` can be asked of tables of events only, after `.filter` and `.map` in that order"
)
NOT_AMONG: Final = Kind(
    "SC245",
    "`{text}` is not one of the texts that may stand there",
    ("did you mean `{nearest}`?", "they are {among}"),
)
NO_RATE: Final = Kind("SC246", "only a marginal table has a rate, and `{name}` is none")
BAD_AGO: Final = Kind(
    "SC247",
    "how many periods ago is a whole number from 1 to {most}",
    ("write history[1].score.total for the preceding period",),
)
NOT_IN_HISTORY: Final = Kind(
    "SC248", "`{name}` is not kept of earlier periods", ("did you mean `{nearest}`?", "kept are {known}")
)
STREAK_OF_NOTHING: Final = Kind(
    "SC251",
    "this reads nothing that is kept of earlier periods",
    ("write a condition that may differ from period to period: streak(score.total < 60)",),
)
BROKEN_NAME: Final = Kind("", "")
"""Never shown: the name leads to a part that has a problem of its own."""

# SC3, what a policy means
EMPTY_BOUNDS: Final = Kind("SC301", "nothing lies between {low} and {high}", ("mend `min` or `max`",))
BOUND_TOO_FINE: Final = Kind(
    "SC302",
    "`{key}` = {value} has more than {places} digits behind the point",
    ("declare more `places`, or a rounder bound",),
)
BOUND_TOO_LARGE: Final = Kind("SC303", "the bounds go beyond {limit}", ("give smaller ones",))
KEY_NOT_FOR: Final = Kind("SC304", "`{key}` is not for the type {type}", ("leave it out",))
AMONG_REPEATS: Final = Kind("SC305", "a text stands twice in `among`, or none at all")
LABEL_TWICE: Final = Kind(
    "SC306", "the label `{label}` is also that of `{name}`", ("a heading in a file must lead to one field",)
)
NO_FIELD: Final = Kind("SC307", "`{name}` is not a field of `{table}`", ("did you mean `{nearest}`?",))
KEY_OPTIONAL: Final = Kind("SC308", "`{name}` is part of the key and cannot be optional")
NO_KEY: Final = Kind(
    "SC309", "`{table}` has no key", ("name the fields that make an event one, such as a date or a number",)
)
NOT_DATED: Final = Kind(
    "SC310", "`{name}` puts the events into a period; it must be a date or timestamp, and not optional"
)
NOT_ASCENDING: Final = Kind("SC311", "{later} does not come after {earlier}", ("put them into ascending order",))
LATE_START: Final = Kind(
    "SC312",
    "nothing is in force before {first}, but the policy is, from {effective}",
    ("add an earlier value",),
)
VALUE_UNFIT: Final = Kind("SC313", "`{value}` is not of the type {type}")
BANDS_TWICE: Final = Kind("SC314", "a table has either `bands` or dated `versions`", ("leave one out",))
NO_EDGE: Final = Kind(
    "SC315",
    "the table `{table}` does not say to which band an edge belongs",
    ('write edge = "lower" if it belongs to the band that begins there, "upper" if to the one that ends there',),
)
NO_BANDS: Final = Kind(
    "SC316", "the table `{table}` has no bands", ("add them, or leave them to the branch: open = true",)
)
BAND_BEGINS: Final = Kind("SC317", "a band of a table of kind {kind} begins with `{key}`")
BAD_END: Final = Kind(
    "SC318",
    "`up_to` = {value} does not end the last band",
    ("it stands in the last band only, above its `from`",),
)
NOT_COVERING: Final = Kind(
    "SC360",
    "the calendar `{name}` does not say which days it covers",
    ("write covers = {{ from = 2024-01-01, to = 2024-12-31 }}, or leave it to the branch: open = true",),
)
COVERS_TOO_MUCH: Final = Kind("SC361", "a calendar covers at most {limit} days, this one {count}")
DAY_UNCOVERED: Final = Kind("SC362", "{day} is not among the days that the calendar covers", ("mend it, or `covers`",))
DAY_TWICE: Final = Kind("SC363", "{day} is named twice", ("a day is free or worked; name it once",))
BAD_HOURS: Final = Kind(
    "SC364",
    "`{text}` is not a span of hours after the one before it",
    ('write spans in their order: hours = ["08:30-12:00", "13:30-17:30"]',),
)
CIRCLE: Final = Kind("SC320", "each of these needs the next: {path}", ("break the circle",))
ROUND_FIRST: Final = Kind(
    "SC321", "the balance has {places} digits behind the point, this has more", ("write round(…, {places})",)
)
NO_EVENTS: Final = Kind(
    "SC322",
    "there is no table of events `{name}`",
    ("did you mean `{nearest}`?", "declare it under [facts.{name}]"),
)
ACCOUNT_TOO_LARGE: Final = Kind(
    "SC323",
    "the points of {times} entries could be more than can be held exactly",
    ("give the facts in it a smaller `max`",),
)
TOTAL_TOO_FINE: Final = Kind(
    "SC324",
    "{value} has more than {places} digits behind the point, and the total has not",
    ("give it fewer digits, or [score] round more",),
)
OPENS_OUTSIDE: Final = Kind(
    "SC325", "`opens` = {value} is outside {low} to {high}", ("mend it, or the `min` and `max` of the balance",)
)
NEGATIVE_POINTS: Final = Kind(
    "SC326",
    "an item reaches from 0 to its `points`, and {points} is below 0",
    ('an item that only takes away has points = "open"',),
)
POINTS_DO_NOT_CLOSE: Final = Kind(
    "SC330", "the points of the items add up to {total}, not to {out_of}", ("mend the points, or `out_of`",)
)
POINTS_DO_NOT_CLOSE_FOR: Final = Kind(
    "SC331",
    "where {case}, the points of the items that apply add up to {total}, not to {out_of}",
    ("mend the points, `out_of`, or the conditions",),
)
TOO_MANY_CASES: Final = Kind(
    "SC332",
    "the conditions can hold together in more than {most} ways, too many to check",
    ("use fewer different conditions",),
)
NO_LOWEST: Final = Kind("SC333", "totals below `{id}` have no grade", ('the last grade needs from = "lowest"',))
NO_LOWEST_FOR: Final = Kind(
    "SC334",
    "where {case}, totals below `{id}` have no grade",
    ('the last grade that applies needs from = "lowest"',),
)
GRADE_OUT_OF_ORDER: Final = Kind(
    "SC335",
    "the grade `{id}` does not begin below `{higher}`, which stands before it",
    ("put them in order, the highest first",),
)
NO_SCORE: Final = Kind("SC336", "grades need a score, and there are no items", ("add [[items]]",))
BEYOND_BOUND: Final = Kind(
    "SC340",
    "{value} is beyond the bound {key} = {bound}",
    ("it is set by: {authority}", "ask the owner of the parent policy"),
)
BEYOND_ADVICE: Final = Kind(
    "SC341", "{value} is beyond the advised {key} = {bound}", ("it is advised by: {authority}",), warning=True
)
LEFT_OPEN: Final = Kind(
    "SC342",
    "`{name}` is left to the branch",
    ("a file that extends this policy sets it; only then can it decide",),
    warning=True,
)
UNKNOWN_TARGET: Final = Kind(
    "SC343",
    "`{name}` is nothing that could be held",
    ("did you mean `{nearest}`?", "name what the decision has, such as score.total, grade, pay or pay.<id>"),
)
NET_TOO_LARGE: Final = Kind(
    "SC344",
    "all lines together could be more than can be held exactly",
    ("give the facts in them a smaller `max`",),
)
BAD_CLOSING_DAY: Final = Kind(
    "SC345", "a month cannot close on day {day}", ("write 1 to 28; left out, it closes on its last day",)
)
ENDS_BEFORE: Final = Kind("SC346", "{to} is before {start}", ("mend `effective`",))
NO_USED: Final = Kind(
    "SC128",
    "the policy `{name}` is not here",
    ("did you mean `{nearest}`?", "put its file into the same folder, or name the folder: --parents DIR"),
)
USES_CIRCLE: Final = Kind("SC124", "each of these uses the next: {path}", ("break the circle",))
USED_BROKEN: Final = Kind(
    "SC125",
    "the policy `{name}` cannot decide, so nothing can be read of it",
    ("check it: it has problems of its own, or is left open to a branch",),
)
USED_PERIOD: Final = Kind(
    "SC126",
    "periods of `{name}` are written {theirs}, those of this policy {ours}",
    ('for shorter periods write periods = "within"',),
)
CONTRADICTION: Final = Kind("SC388", "nothing lies between min = {low} and max = {high}", ("mend one of the two",))
NEVER_HOLDS: Final = Kind(
    "SC389", "this never holds, whatever the facts", ("mend it, or leave its part out",), warning=True
)
ROW_OUT_OF_REACH: Final = Kind(
    "SC390",
    "nothing that `{table}` is asked for reaches this row: {reached}",
    ("mend it, or leave the row out",),
    warning=True,
)
NO_ROW: Final = Kind(
    "SC391",
    "`{table}` has no row for `{text}`, which is unknown then",
    ("add a row for it; or leave it so, if a person shall decide it",),
    warning=True,
)
NO_GATHER: Final = Kind(
    "SC384", "`{name}` is no text among the facts that `{policy}` reads", ("did you mean `{nearest}`?",)
)
USED_UNLIKE: Final = Kind(
    "SC385",
    "`{name}` is not about the same subjects and periods as `{other}`",
    ("policies that are gathered together have one subject and one period",),
)
ONE_OF: Final = Kind("SC386", "`{name}` needs either `{first}` or `{second}`", ("leave one of them out",))
TOGETHER: Final = Kind(
    "SC387", "`{first}` and `{second}` are given together, or neither", ("add the other, or leave both out",)
)
NO_MATCH: Final = Kind("SC127", "`{name}` is no text among the facts of the subject", ("did you mean `{nearest}`?",))
NO_MORE_OF: Final = Kind(
    "SC347",
    "there can be no more of `{name}`: it is neither a table of events nor a number among the facts",
    ("did you mean `{nearest}`?",),
)
NO_NUMBER: Final = Kind("SC348", "`{name}` is no number that the policy decides", ("did you mean `{nearest}`?",))
NOT_READ: Final = Kind(
    "SC350",
    "`{name}` is read by nothing",
    ("leave it out, or read it; files may have columns that are no facts of the policy",),
    warning=True,
)
POINTS_OUT_OF_REACH: Final = Kind(
    "SC351",
    "the item has {points} points, but cannot give more than {most}",
    ("mend its points, or what it gives",),
    warning=True,
)
GRADE_OUT_OF_REACH: Final = Kind(
    "SC352",
    "no total gives the grade `{id}`: totals are between {low} and {high}",
    ("mend `from`, or leave the grade out",),
    warning=True,
)
COUNTED_TWICE: Final = Kind(
    "SC353",
    "an event of `{table}` can give points here and under `{other}`",
    ("tell them apart by `where`; or, if it is meant, write `shared = true` in [facts.{table}]",),
    warning=True,
)

NO_GROUP_FACT: Final = Kind(
    "SC381", "`{name}` is no fact of the subject", ("did you mean `{nearest}`?", "groups are made by a fact")
)
GROUP_UNFIT: Final = Kind(
    "SC382", "`{name}` is of the type {type}, which makes no groups", ("groups are made by text, int or bool",)
)

ALWAYS_COLLIDE: Final = Kind(
    "SC383",
    "whenever `{first}` holds, `{second}` does too, so that the value is never known then",
    ("say when one goes before the other: when = '… && !(…)'",),
)

# SC4, fact files
NO_TABLE: Final = Kind(
    "SC401",
    "there is no table `{table}` among the facts",
    ("its file or sheet is named so; found are {found}", "its file or sheet is named so"),
)
NO_COLUMN: Final = Kind(
    "SC402",
    "the column `{name}` is missing",
    (
        "it may be headed `{label}`; found is `{nearest}`",
        "it may be headed `{label}`",
        "found is `{nearest}`",
    ),
)
STRAY_COLUMN: Final = Kind("SC403", "the column `{heading}` is not used", ("did you mean `{nearest}`?",), warning=True)
COLUMN_TWICE: Final = Kind("SC404", "two columns are headed `{heading}`, or mean the same fact", ("remove one",))
BINARY_FLOATS: Final = Kind(
    "SC405",
    "the column `{name}` holds binary floats, which are not exact",
    ("write it as decimals or as text",),
)
NO_ID: Final = Kind("SC406", "a row without `{name}`", ("every row says whom it is about",))
STRANGER: Final = Kind(
    "SC407",
    "`{id}` has no row in `{subject}` for {period}",
    ("its rows here count for nobody ({count} rows)",),
)
NOBODY: Final = Kind(
    "SC409",
    "there is nobody to decide about in {period}",
    (
        "of its {rows} rows for the period none was known by then, is in force at its end, and was not withdrawn",
        "the periods in the file are {periods}",
        "the table is empty",
    ),
)
NOT_A_PERIOD: Final = Kind("SC411", "`{text}` is not a period of this policy", ("write it like {example}",))
TWO_FILES: Final = Kind("SC412", "two files hold the table `{table}`", ("remove one of them",))
UNKNOWN_FORMAT: Final = Kind(
    "SC413", "files ending in `{ending}` are not read", ("facts come as .csv, .parquet, .jsonl or .xlsx",)
)
NOT_AN_OBJECT: Final = Kind("SC414", "the line is no JSON object", ("write one {{ … }} in each line",))
LINE_WITHOUT_TABLE: Final = Kind("SC415", "the line does not say to which table it belongs", ('add "table": "…"',))
NO_SHEET_NAME: Final = Kind(
    "SC417",
    "no sheet of a workbook can be named `{name}`",
    ("give the table a label of at most 31 characters without [ ] : * ? / \\, or a shorter name",),
)
NO_ENCODING: Final = Kind("SC416", "there is no encoding `{encoding}`", ("common ones are utf-8 and gb18030",))
NOTHING_WITHDRAWN: Final = Kind(
    "SC418",
    "a withdrawn row, and no other row has its key",
    ("let the row stay that is taken back, and add one with the same key that is withdrawn, and since when",),
    warning=True,
)
MOVED: Final = Kind(
    "SC419",
    "the event of {day} is replaced by one of {other} with the same key, which became known later",
    ("if these are two events, give each a key of its own",),
    warning=True,
)
UNREADABLE: Final = Kind("SC410", "the file cannot be read: {reason}")

# SC5, why a value is unknown
DIVISOR_IS_ZERO: Final = Kind("SC501", "the divisor is zero")
NO_BAND: Final = Kind("SC502", "no band covers {value}")
NEGATIVE: Final = Kind("SC503", "the amount would be {value}; it cannot be negative")
OUT_OF_BOUNDS: Final = Kind("SC504", "{value} is outside {low} to {high}")
ABSENT: Final = Kind("SC505", "`{name}` is not given")
ABSENT_OF: Final = Kind("SC508", "in `{table}`, {key} has no `{name}`")
NO_PERIOD: Final = Kind("SC506", "there is no decision {ago} periods ago")
NOT_DECIDED: Final = Kind("SC507", "`{name}` was not decided then")
NO_SUCH_DAY: Final = Kind("SC509", "the day lies outside the years 1 to 9999")
NOTHING_USED: Final = Kind("SC530", "there is no decision of `{policy}`")
NOT_COVERED: Final = Kind("SC523", "the calendar `{name}` does not cover {day}, only {first} to {last}")
CALENDAR_ENDS: Final = Kind("SC524", "the calendar `{name}` covers {first} to {last}, which is not long enough")
FACT_MISSING: Final = Kind("SC510", "`{name}` is missing")
TABLE_MISSING: Final = Kind("SC511", "there is no table `{table}`; an empty one would say that there was nothing")
HISTORY_MISSING: Final = Kind(
    "SC526",
    "what was decided in earlier periods is not known; --history gives it, or --no-history says that there was nothing",
)
FACT_UNFIT: Final = Kind("SC512", "`{name}` is `{value}`, which is no {type}")
FACT_OUTSIDE: Final = Kind("SC513", "`{name}` is {value}, outside {low} to {high}")
FACT_TOO_FINE: Final = Kind("SC514", "`{name}` is {value}, with more than {places} digits behind the point")
FACT_NOT_AMONG: Final = Kind("SC515", "`{name}` is `{value}`, which is none of {among}", ("did you mean `{nearest}`?",))
FACT_TOO_LONG: Final = Kind("SC516", "`{name}` has {length} characters; the limit is {limit}")
KEY_REPEATED: Final = Kind("SC517", "in `{table}`, {key} stands twice")
KEY_BROKEN: Final = Kind("SC518", "in `{table}`, a row without a proper `{name}` cannot be placed")
TOO_MANY_ROWS: Final = Kind("SC519", "in `{table}`, there are {count} rows; the limit is {limit}")
SUBJECT_TWICE: Final = Kind("SC522", "{id} stands twice for this period")
VALID_BACKWARDS: Final = Kind("SC525", "`{name}` is {value}, which is before {start}, when the row becomes valid")
COLLIDE: Final = Kind("SC549", "two exceptions hold at once: {first}; {second}")
UNRATED: Final = Kind("SC547", "there is no rating by {name}")
TOO_FEW_RATINGS: Final = Kind("SC548", "fewer than {least} of the {parts} ratings are there")
HELD: Final = Kind("SC520", "{reason}")
HELD_REFERRED: Final = Kind("SC521", "{reason} (referred to {refer})")

GROUP_WAITS: Final = Kind("SC541", "the group `{group}` waits for {count} of its members: {who}")
GROUP_EMPTY: Final = Kind("SC542", "in the group `{group}`, nobody's value is known")
TIED: Final = Kind("SC543", "the place in the group `{group}` is shared with {who}")
SAME_ORDER: Final = Kind(
    "SC546",
    "in `{table}`, {key} and {others} stand at the same place in the order: {order}",
    ("say at what time each was, or number them by something in which they differ",),
)
POOL_DIFFERS: Final = Kind("SC544", "the amount to divide is {value} for {who}, but {other} for {whose}")
POOL_WITHOUT_WEIGHT: Final = Kind("SC545", "in the group `{group}`, all weights are zero: nobody takes the amount")

# SC6, plugins
PLUGIN_BROKEN: Final = Kind(
    "SC601",
    "the plugin does not load: {error}",
    ("mend, update or uninstall it; nothing is decided without it",),
)
PLUGIN_UNFIT: Final = Kind(
    "SC602",
    "the plugin does not fit the contract: {reason}",
    ("mend, update or uninstall it; nothing is decided without it",),
)
PLUGIN_CONTRACT: Final = Kind(
    "SC603",
    "`{name}` is written for contract {theirs}, this is {ours}",
    ("update it, or scorecore",),
)
PLUGIN_TWICE: Final = Kind("SC604", "two plugins bring `{name}`: this one and `{other}`", ("uninstall one of them",))
UNKNOWN_SCORER: Final = Kind(
    "SC605", "there is no scorer `{name}`", ("did you mean `{nearest}`?", "installed are {known}")
)
SCORER_FAILED: Final = Kind(
    "SC606", "the scorer `{name}` failed: {error}", ("this is a fault of the plugin, not of the policy",)
)
SCORER_UNFIT: Final = Kind(
    "SC607",
    "the scorer `{name}` gave something that is no entry: {found}",
    ("this is a fault of the plugin, not of the policy",),
)
SCORER_ENDLESS: Final = Kind(
    "SC608",
    "the scorer `{name}` gives more than {limit} entries",
    ("this is a fault of the plugin, or the item is to be divided into several",),
)
OPERATOR_FAILED: Final = Kind(
    "SC609", "the operator `{name}` failed: {error}", ("this is a fault of the plugin, not of the policy",)
)
OPERATOR_UNFIT: Final = Kind(
    "SC610",
    "the operator `{name}` gave what is not made of its operands: {found}",
    ("this is a fault of the plugin, not of the policy",),
)
MADE_TOO_LARGE: Final = Kind(
    "SC611", "this becomes an expression of more than {limit} parts", ("split it into several [values]",)
)
MADE_TOO_DEEP: Final = Kind(
    "SC616",
    "this becomes an expression of more than {limit} parts inside each other",
    ("split it into several [values]",),
)
UNKNOWN_CHECK: Final = Kind(
    "SC612", "there is no check `{name}`", ("did you mean `{nearest}`?", "installed are {known}", "none is installed")
)
CHECK_FAILED: Final = Kind(
    "SC613", "the check `{name}` failed: {error}", ("this is a fault of the plugin, not of the policy",)
)
READER_FAILED: Final = Kind(
    "SC614", "the reader `{name}` failed: {error}", ("this is a fault of the plugin, or of the file",)
)
RENDERER_FAILED: Final = Kind(
    "SC615", "the layout `{name}` failed: {error}", ("this is a fault of the plugin, not of the decision",)
)

# SC9, what cases do not prove
NO_CASE_ENTRY: Final = Kind("SC900", "no case has the entry `{reason}` of {item}", warning=True)
NO_CASE_BRANCH: Final = Kind("SC901", "in no case is `{condition}` {outcome}", warning=True)
NO_CASE_BAND: Final = Kind("SC902", "no case falls into the band `{band}` of {table}", warning=True)
NO_CASE_GRADE: Final = Kind("SC903", "no case has the grade {grade}", warning=True)
NO_CASE_HOLD: Final = Kind("SC904", "no case is held because: {hold}", warning=True)
NO_CASE_LINE: Final = Kind("SC905", "no case has the line {line}", warning=True)
NO_CASE_ACTION: Final = Kind("SC906", "no case proposes: {action}", warning=True)
NOT_NOTICED: Final = Kind("SC910", "no case notices `{after}` instead of `{before}`", warning=True)
NOT_EXPECTED: Final = Kind(
    "SC911",
    "no case expects what `{after}` instead of `{before}` changes",
    ('the case "{case}" comes out otherwise; it could expect that',),
    warning=True,
)
