"""Databases: facts from them, and results into them: SC480 to SC487."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

DATABASE_UNCLEAR: Final = DiagnosticKind(
    "SC480", "the database is named by one of the keys `url`, `environment` and `file`", ("write exactly one of them",)
)
NOT_A_URL: Final = DiagnosticKind(
    "SC481",
    "there is no URL of a database here",
    (
        "set the environment variable `{name}`, such as to postgresql://hr@db.example/hr",
        "write it like postgresql://hr@db.example/hr",
    ),
)
NO_DRIVER: Final = DiagnosticKind(
    "SC482",
    "no plugin is installed for the database {database}",
    ("install it: pip install 'scorecore[{extra}]'", "these databases can be used: {known}"),
)
DATABASE_UNREADABLE: Final = DiagnosticKind("SC483", "the database cannot be read: {reason}")
MORE_THAN_ONE_PERIOD: Final = DiagnosticKind(
    "SC484",
    "the query of `{table}` asks for one period, but this command decides more than one",
    ("name one period; or select the rows of all periods, without parameters",),
)
COLUMN_UNREADABLE: Final = DiagnosticKind(
    "SC485",
    "the column `{name}` has the type {type}, which cannot be read exactly",
    ("convert it in the query: cast({name} as text), or as numeric for a number",),
)
DATABASE_NOT_WRITTEN: Final = DiagnosticKind(
    "SC486", "the results cannot be written: {reason}", ("nothing was changed in the database",)
)
RESULT_TABLE_UNFIT: Final = DiagnosticKind(
    "SC487",
    "the table `{table}` in the database does not fit the results: it has the columns {columns}, and not {name} {type}",
    ("rename that table, or write to another database or schema; nothing was changed",),
)
