"""The month as a whole: what nobody reads, who is missing, what has changed, what is odd: SC450 to SC467."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

UNUSED_TABLE: Final = DiagnosticKind(
    "SC450",
    "the table `{table}` is not used",
    ("did you mean `{nearest}`?", "the policy uses {tables}"),
    warning=True,
)
UNUSED_FILE: Final = DiagnosticKind(
    "SC451",
    "the file is not read",
    (
        "a workbook is not read with the files of a folder; to read it alone, write --facts {workbook}",
        "in a folder, facts are files ending in .csv, .parquet, .jsonl or .ndjson",
    ),
    warning=True,
)
UNUSED_COLUMNS: Final = DiagnosticKind(
    "SC452",
    "{count} columns are not used: {headings}",
    warning=True,
    singular="{count} column is not used: {headings}",
    count="count",
)
EVENTS_OUTSIDE: Final = DiagnosticKind(
    "SC453",
    "{count} rows are dated outside {period} ({days}), and are not counted",
    ("if they belong to {period}, correct the dates; or decide the period to which they belong",),
    warning=True,
    singular="{count} row is dated outside {period} ({days}), and is not counted",
    count="count",
)
ALL_FACTS_THE_SAME: Final = DiagnosticKind(
    "SC454",
    "all facts of {period} are the same as those of {before}",
    ("check that this is not the file of {before}",),
    warning=True,
)
NOBODY_OF_LAST_PERIOD: Final = DiagnosticKind(
    "SC455",
    "nobody of {before} ({count} people) is among those of {period}",
    ("check that the file is complete, and that ids are written as in {before}",),
    warning=True,
    singular="nobody of {before} ({count} person) is among those of {period}",
    count="count",
)
MANY_NEW: Final = DiagnosticKind(
    "SC456",
    "{count} of {people} people were not there in {before}: {who}",
    ("check that ids are written as in {before}",),
    warning=True,
)
LEFT_IN_PERIOD: Final = DiagnosticKind(
    "SC457",
    "the row of `{id}` is valid until {day} and not to the end of {period}, so nothing is decided",
    ("to assess the days before, let the row be valid to the end of the period, and give the days worked as a fact",),
    warning=True,
)
NAMES_NOBODY: Final = DiagnosticKind(
    "SC458",
    "`{name}` is `{id}`, and `{id}` has no row in `{subject}` for {period}",
    ("did you mean `{nearest}`?", "correct the id; or leave the cell empty if nobody is meant"),
)
NET_PAY_NEGATIVE: Final = DiagnosticKind(
    "SC459",
    "the net pay of `{id}` is {amount}",
    ("hold the pay with [[holds]], limit the deductions, or carry the rest to the next period with [carry]",),
    warning=True,
)
TO_PAY_NEGATIVE: Final = DiagnosticKind(
    "SC460",
    "after corrections of earlier periods, {amount} is to be paid to `{id}`",
    ("agree with the person on how the rest is paid back",),
    warning=True,
)
RATING_BEYOND_SCALE: Final = DiagnosticKind(
    "SC461",
    "the rating `{label}` of `{id}` is {value}, which is beyond the scale",
    ("correct the rating; bounds of the fact in the policy (min, max) refuse such a cell",),
    warning=True,
)
HISTORY_EMPTY: Final = DiagnosticKind(
    "SC462",
    "the table of earlier decisions is empty, which does not mean that there were none",
    ("fill it in; or remove it, and say --no-history if nothing was decided before",),
    warning=True,
)
BEGINNING_MISSING: Final = DiagnosticKind(
    "SC463",
    "nothing is known of the time before {first}, where facts begin; results of {count} people wait for it",
    ("supply earlier decisions with --history, or use --no-history if there are none",),
    warning=True,
    singular="nothing is known of the time before {first}, where facts begin; results of {count} person wait for it",
    count="count",
)
GROUPS_ALIKE: Final = DiagnosticKind(
    "SC464",
    "`{name}`: the group `{text}` ({count} people) is spelled nearly like the group `{other}`",
    ("write both alike if they are the same group",),
    warning=True,
    singular="`{name}`: the group `{text}` ({count} person) is spelled nearly like the group `{other}`",
    count="count",
)
GROUPS_OF_ONE: Final = DiagnosticKind(
    "SC465",
    "{count} groups by `{name}` have only one member: {groups}",
    ("check how these names are written; somebody alone in a group has the first place in it",),
    warning=True,
    singular="{count} group by `{name}` has only one member: {groups}",
    count="count",
)
UNREAD_FOLDER: Final = DiagnosticKind(
    "SC466",
    "the folder is not read, though it has facts (files: {count})",
    ("facts are the files of one folder: name this one with --facts, or move its files",),
    warning=True,
)
HISTORY_NOT_BEFORE: Final = DiagnosticKind(
    "SC467",
    "the row is for {text}, which is not before {period}, and is not read",
    ("correct the period if it is an earlier one, also in rows {rows}", "correct the period if it is an earlier one"),
    warning=True,
)
NO_POLICY_FOR: Final = DiagnosticKind(
    "SC468",
    "`{name}` is `{text}`, for which there is no policy; there are policies for {texts}",
    ("did you mean `{nearest}`?", "correct the cell, or name a policy for `{text}` in `policies`"),
)
NEARLY_ASKED: Final = DiagnosticKind(
    "SC469",
    "`{name}` is `{text}`, which is written nearly like `{other}`, and the policy asks for that",
    (
        "write `{other}` if it is meant, also in rows {rows}",
        "write `{other}` if it is meant; a list of texts in the policy (among) refuses any other",
    ),
    warning=True,
)
NOT_ASSESSED: Final = DiagnosticKind(
    "SC474",
    "`{id}` is not assessed: {conditions} does not hold",
    ("nothing is decided, as `applies` in [policy] says; if that is wrong, correct the facts of `{id}`",),
    warning=True,
)
LEFT_OUT_OF_HISTORY: Final = DiagnosticKind(
    "SC475",
    "{count} people have facts for {before}, and no decision among the earlier ones: {who}",
    ("supply their decisions as well: without them, their balances and streaks begin as if they were new",),
    warning=True,
    singular="{count} person has facts for {before}, and no decision among the earlier ones: {who}",
    count="count",
)
