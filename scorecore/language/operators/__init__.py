"""The table of operators: each is defined here once, with its types, one value and a column of values."""

from typing import Final

from scorecore.language.operators import (
    arithmetic,
    clock,
    dates,
    extremes,
    logic,
    rounding,
    text,
    worktime,
)
from scorecore.language.operators.operator import (
    EXACT,
    STICKY,
    ColumnExpression,
    CoreOperator,
    OperandTypeError,
    UndefinedResult,
    build_table,
)

OPERATORS: Final = build_table(
    arithmetic.OPERATORS,
    extremes.OPERATORS,
    rounding.OPERATORS,
    logic.OPERATORS,
    text.OPERATORS,
    dates.OPERATORS,
    clock.OPERATORS,
    worktime.OPERATORS,
)

__all__ = ["EXACT", "OPERATORS", "STICKY", "ColumnExpression", "CoreOperator", "OperandTypeError", "UndefinedResult"]
