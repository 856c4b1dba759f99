"""Facts that a program hands over: SC440 to SC442."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

FLOAT_GIVEN: Final = DiagnosticKind(
    "SC440",
    "`{name}` is the binary float {value}, which is not exact",
    (
        'write Decimal("{exact}") or "{exact}"; JSON is read with json.loads(text, parse_float=Decimal)',
        "write None where there is no value",
    ),
)
NOT_IN_FORCE: Final = DiagnosticKind(
    "SC441",
    "`{policy}` is not in force on {day}, the last day of {period}",
    ("it is in force from {start} to {end}", "it is in force from {start} on"),
)
NOT_A_FRAME: Final = DiagnosticKind(
    "SC442",
    "the table `{table}` is of type `{type}`, which is not a frame",
    ("give a Polars, Arrow or pandas table with a row for each subject or event",),
)
EXPECTED_OBJECT: Final = DiagnosticKind(
    "SC447",
    "expected names with their values, found `{found}`",
    ('write them as an object: {{"name": "value"}}; with Python as a dict',),
)
EXPECTED_ROWS: Final = DiagnosticKind(
    "SC448",
    "expected a list of rows, found `{found}`",
    ('write [{{"name": "value"}}, …], also where there is a single row; [] if there is none',),
)
