"""Cells that a spreadsheet could not compute: what is in them is not a value of any type."""

from typing import Final

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind

NO_STORED_RESULT: Final = "#FORMULA?"
"""What the reader of workbooks writes for a formula whose result the file does not have; no spreadsheet shows it."""
ERROR_TEXTS: Final = frozenset(
    (
        *("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!"),
        *("#CONNECT!", "#BLOCKED!", "#UNKNOWN!", "#FIELD!", "#EXTERNAL!", "#BUSY!", "#PYTHON!", "Err:502", "Err:504"),
        *("Err:508", "Err:509", "Err:511", "Err:519", "Err:522", "Err:523"),  # LibreOffice has numbers for some
        NO_STORED_RESULT,
    )
)
"""Texts of cells that spreadsheets show for errors; a CSV file that they write has them too."""


def find_error(text: str) -> tuple[DiagnosticKind, dict[str, str]] | None:
    """What is wrong with a cell that shows an error; None for every other text."""
    if text not in ERROR_TEXTS:
        return None
    if text == NO_STORED_RESULT:
        return catalogue.FORMULA_WITHOUT_RESULT, {}
    return catalogue.ERROR_CELL, {"value": text}
