"""The table of operators: each stands here once, with its types, one value and a column of values."""

from typing import Final

from scorecore.operators import arithmetic, clock, dates, logic, rounding, text, worktime
from scorecore.operators.operator import EXACT, STICKY, Column, Operator, Undefined, Unfit, table

TABLE: Final = table(
    arithmetic.OPERATORS,
    rounding.OPERATORS,
    logic.OPERATORS,
    text.OPERATORS,
    dates.OPERATORS,
    clock.OPERATORS,
    worktime.OPERATORS,
)

__all__ = ["EXACT", "STICKY", "TABLE", "Column", "Operator", "Undefined", "Unfit"]
