"""Files and tables of facts: SC401 to SC445."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

NO_TABLE: Final = DiagnosticKind(
    "SC401",
    "table `{table}` not found among the facts",
    ("give its file or sheet this name; found: {found}", "give its file or sheet this name"),
)
NO_COLUMN: Final = DiagnosticKind(
    "SC402",
    "the column `{name}` is missing",
    (
        "its heading may also be `{label}`; found: `{nearest}`",
        "its heading may also be `{label}`",
        "found: `{nearest}`",
    ),
)
STRAY_COLUMN: Final = DiagnosticKind(
    "SC403", "the column `{heading}` is not used", ("did you mean `{nearest}`?",), warning=True
)
COLUMN_TWICE: Final = DiagnosticKind(
    "SC404",
    "two columns have the heading `{heading}`, or mean the same fact",
    ("remove one, or put the second table on a sheet of its own; the other is {place}", "remove one"),
)
BINARY_FLOATS: Final = DiagnosticKind(
    "SC405",
    "the column `{name}` holds binary floating-point numbers, which are not exact",
    ("store it as decimals or as text",),
)
NO_ID: Final = DiagnosticKind("SC406", "the row has no `{name}`", ("every row must say which subject it is about",))
STRANGER: Final = DiagnosticKind(
    "SC407",
    "`{id}` has no row in `{subject}` for {period}",
    (
        "its rows here are not counted (number of rows: {count}); is `{nearest}` meant?",
        "its rows here are not counted (number of rows: {count})",
    ),
)
NOBODY: Final = DiagnosticKind(
    "SC409",
    "there are no subjects in {period}",
    (
        "rows for the period: {rows}, but none that was known by then, in force at its end and not withdrawn",
        "the periods in the file are {periods}",
        "the table `{table}` is empty",
    ),
)
UNREADABLE: Final = DiagnosticKind("SC410", "the file cannot be read: {reason}")
NOT_A_PERIOD: Final = DiagnosticKind(
    "SC411",
    "`{text}` is not a period of this policy",
    ("write it like {example}, also in rows {rows}", "write it like {example}"),
)
TWO_FILES: Final = DiagnosticKind("SC412", "two files or sheets contain the table `{table}`", ("remove one of them",))
UNKNOWN_FORMAT: Final = DiagnosticKind(
    "SC413", "files ending in `{ending}` cannot be read", ("facts come as .csv, .parquet, .jsonl or .xlsx",)
)
NOT_AN_OBJECT: Final = DiagnosticKind("SC414", "the line is not a JSON object", ("write one {{ … }} on each line",))
LINE_WITHOUT_TABLE: Final = DiagnosticKind(
    "SC415", "the line does not say which table it belongs to", ('add "table": "…"',)
)
NO_ENCODING: Final = DiagnosticKind("SC416", "unknown encoding `{encoding}`", ("common ones are utf-8 and gb18030",))
NO_SHEET_NAME: Final = DiagnosticKind(
    "SC417",
    "no sheet of a workbook can be named `{name}`",
    ("give the table a label of at most 31 characters without [ ] : * ? / \\, or a shorter name",),
)
NOTHING_WITHDRAWN: Final = DiagnosticKind(
    "SC418",
    "the row is marked as withdrawn, but no other row has its key",
    ("keep the original row, and add a row with the same key that says since when it is withdrawn",),
    warning=True,
)
MOVED: Final = DiagnosticKind(
    "SC419",
    "the event of {day} is replaced by one of {other} that has the same key and became known later",
    ("if these are two events, give each its own key",),
    warning=True,
)
ROW_WITHOUT_PERIOD: Final = DiagnosticKind(
    "SC420", "the row has no `{name}`", ("in a table with this column, every row must name its period",)
)
READ_AS: Final = DiagnosticKind(
    "SC421",
    "`{name}` is `{value}`, read as {meaning}",
    ("cells of this column are read the same way in rows {rows}",),
    warning=True,
)
HEADING_READ_AS: Final = DiagnosticKind("SC422", "the heading `{heading}` is read as `{meaning}`", warning=True)
PERIOD_COLUMN_UNCLEAR: Final = DiagnosticKind(
    "SC423",
    "the column `{heading}` may contain the period of each row, but it is not read",
    ("if it does, give it the heading `{period}`; if not, say more in its heading, such as {example}",),
)
ID_CASE: Final = DiagnosticKind(
    "SC424",
    "`{id}` and `{other}` (at {place}) differ only by capital letters",
    ("write both alike if they are the same; if not, give one of them another id",),
)
PERIOD_COLUMN_NEEDED: Final = DiagnosticKind(
    "SC425",
    "rows of `{table}` would count in each of {count} periods, because no column names their period",
    ("add a column `{period}`",),
)
TABS_BETWEEN_CELLS: Final = DiagnosticKind("SC426", "cells are separated by tabs, and are read that way", warning=True)
OTHER_SEPARATOR: Final = DiagnosticKind(
    "SC427", "cells are separated by `{sign}`", ("save the file as CSV with commas between cells, or as .xlsx",)
)
SHORT_ROWS: Final = DiagnosticKind(
    "SC428",
    "{count} rows have fewer cells than there are headings; the others count as empty: {rows}",
    warning=True,
    singular="{count} row has fewer cells than there are headings; the others count as empty: {rows}",
    count="count",
)
FOLDED_ROWS: Final = DiagnosticKind(
    "SC429",
    "{count} rows go over more than one line, because a cell in quotes does: {rows}",
    ("if this is not meant, a quote is missing or is one too many",),
    warning=True,
    singular="{count} row goes over more than one line, because a cell in quotes does: {rows}",
    count="count",
)
ROWS_ABOVE_HEADINGS: Final = DiagnosticKind(
    "SC430",
    "{count} rows above the headings are not read: `{text}`",
    warning=True,
    singular="{count} row above the headings is not read: `{text}`",
    count="count",
)
CELLS_WITHOUT_HEADING: Final = DiagnosticKind(
    "SC431",
    "{count} cells have no heading above them and are not read: {cells}",
    ("write a heading above them, or remove them; in a .csv file a number such as 1,000 must be quoted",),
    warning=True,
    singular="{count} cell has no heading above it and is not read: {cells}",
    count="count",
)
TOTAL_ROW: Final = DiagnosticKind(
    "SC432",
    "the row of `{text}` looks like a total, a remark or headings, and is not counted",
    ("if it is a person, give them an id that does not read like a total",),
    warning=True,
)
HIDDEN_ROWS: Final = DiagnosticKind(
    "SC433",
    "{count} rows are hidden, but are counted: {rows}",
    ("remove them if they should not count",),
    warning=True,
    singular="{count} row is hidden, but is counted: {rows}",
    count="count",
)
HIDDEN_COLUMNS: Final = DiagnosticKind(
    "SC434",
    "{count} columns are hidden, but are read: {columns}",
    ("remove them if they should not count",),
    warning=True,
    singular="{count} column is hidden, but is read: {columns}",
    count="count",
)
HIDDEN_SHEET: Final = DiagnosticKind(
    "SC435", "the sheet is hidden, but is read", ("remove it if it should not count",), warning=True
)
MERGED_CELLS: Final = DiagnosticKind(
    "SC436",
    "{count} ranges of cells are merged; what each shows counts for every row and column in it: {ranges}",
    ("if it should count only once, unmerge the cells",),
    warning=True,
    singular="{count} range of cells is merged; what it shows counts for every row and column in it: {ranges}",
    count="count",
)
UNSEEN_WORKBOOK: Final = DiagnosticKind(
    "SC437",
    "in files ending in `{ending}`, errors, formulas, formats and hidden rows cannot be seen, so the file is not read",
    ("open it in your spreadsheet program and save as .xlsx",),
)
UNKNOWN_UNIT: Final = DiagnosticKind(
    "SC438", "`{unit}` is not a unit", ("units are {units}; or write the number to multiply by, such as 10000",)
)
COMMON_WITH_IDS: Final = DiagnosticKind(
    "SC443",
    "`{table}` belongs to nobody, but its file has the column `{heading}`, which says whose a row is",
    ("remove the column, or leave out `common` in the policy",),
)
COMMON_TOO_LARGE: Final = DiagnosticKind(
    "SC444",
    "`{table}` has {rows} rows, which would be beside each of {count} subjects; the limit is {limit} in all",
    ("give it `dated_by`, so that only the rows of the period count, or leave out rows that nobody reads",),
)
STRAY_QUOTES: Final = DiagnosticKind(
    "SC445",
    "{count} rows have a quote inside a cell that does not begin with one; it is part of the text: {rows}",
    ("a quote that encloses a cell must directly follow a comma",),
    warning=True,
    singular="{count} row has a quote inside a cell that does not begin with one; it is part of the text: {rows}",
    count="count",
)
COMMENTED_CELLS: Final = DiagnosticKind(
    "SC446",
    "{count} cells have comments, which are not read: {cells}",
    ("what is to count must be in the cell itself",),
    warning=True,
    singular="{count} cell has a comment, which is not read: {cells}",
    count="count",
)
STRUCK_CELLS: Final = DiagnosticKind(
    "SC449",
    "{count} cells are struck through, but are read: {cells}",
    ("delete what should not count",),
    warning=True,
    singular="{count} cell is struck through, but is read: {cells}",
    count="count",
)
