"""Files and tables of facts."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

NO_TABLE: Final = DiagnosticKind(
    "SC401",
    "there is no table `{table}` among the facts",
    ("its file or sheet is named so; found are {found}", "its file or sheet is named so"),
)
NO_COLUMN: Final = DiagnosticKind(
    "SC402",
    "the column `{name}` is missing",
    (
        "it may be headed `{label}`; found is `{nearest}`",
        "it may be headed `{label}`",
        "found is `{nearest}`",
    ),
)
STRAY_COLUMN: Final = DiagnosticKind(
    "SC403", "the column `{heading}` is not used", ("did you mean `{nearest}`?",), warning=True
)
COLUMN_TWICE: Final = DiagnosticKind(
    "SC404", "two columns are headed `{heading}`, or mean the same fact", ("remove one",)
)
BINARY_FLOATS: Final = DiagnosticKind(
    "SC405",
    "the column `{name}` holds binary floats, which are not exact",
    ("write it as decimals or as text",),
)
NO_ID: Final = DiagnosticKind("SC406", "a row without `{name}`", ("every row says whom it is about",))
STRANGER: Final = DiagnosticKind(
    "SC407",
    "`{id}` has no row in `{subject}` for {period}",
    ("its rows here count for nobody ({count} rows)",),
)
NOBODY: Final = DiagnosticKind(
    "SC409",
    "there is nobody to decide about in {period}",
    (
        "of its {rows} rows for the period none was known by then, is in force at its end, and was not withdrawn",
        "the periods in the file are {periods}",
        "the table is empty",
    ),
)
NOT_A_PERIOD: Final = DiagnosticKind("SC411", "`{text}` is not a period of this policy", ("write it like {example}",))
TWO_FILES: Final = DiagnosticKind("SC412", "two files hold the table `{table}`", ("remove one of them",))
UNKNOWN_FORMAT: Final = DiagnosticKind(
    "SC413", "files ending in `{ending}` are not read", ("facts come as .csv, .parquet, .jsonl or .xlsx",)
)
NOT_AN_OBJECT: Final = DiagnosticKind("SC414", "the line is no JSON object", ("write one {{ … }} in each line",))
LINE_WITHOUT_TABLE: Final = DiagnosticKind(
    "SC415", "the line does not say to which table it belongs", ('add "table": "…"',)
)
NO_SHEET_NAME: Final = DiagnosticKind(
    "SC417",
    "no sheet of a workbook can be named `{name}`",
    ("give the table a label of at most 31 characters without [ ] : * ? / \\, or a shorter name",),
)
NO_ENCODING: Final = DiagnosticKind(
    "SC416", "there is no encoding `{encoding}`", ("common ones are utf-8 and gb18030",)
)
NOTHING_WITHDRAWN: Final = DiagnosticKind(
    "SC418",
    "a withdrawn row, and no other row has its key",
    ("let the row stay that is taken back, and add one with the same key that is withdrawn, and since when",),
    warning=True,
)
MOVED: Final = DiagnosticKind(
    "SC419",
    "the event of {day} is replaced by one of {other} with the same key, which became known later",
    ("if these are two events, give each a key of its own",),
    warning=True,
)
UNREADABLE: Final = DiagnosticKind("SC410", "the file cannot be read: {reason}")
