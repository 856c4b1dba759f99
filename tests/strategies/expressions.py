"""How expressions of each kind are written."""

from collections.abc import Mapping
from typing import Final

from scorecore.values.types import TypeKind
from strategies import days, decimals, integers, texts, times, truths
from strategies.writer import Forms

FORMS: Final[Mapping[TypeKind, Forms]] = {
    TypeKind.DECIMAL: (decimals.leaf, decimals.FORMS),
    TypeKind.INT: (integers.leaf, integers.FORMS),
    TypeKind.BOOL: (truths.leaf, truths.FORMS),
    TypeKind.STRING: (texts.leaf, texts.FORMS),
    TypeKind.DATE: (days.leaf, days.FORMS),
    TypeKind.TIMESTAMP: (times.leaf, times.FORMS),
}
