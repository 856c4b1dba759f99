"""How expressions of each kind are written."""

from collections.abc import Mapping
from typing import Final

from scorecore.types import Kind
from strategies import days, decimals, integers, texts, times, truths
from strategies.writer import Forms

FORMS: Final[Mapping[Kind, Forms]] = {
    Kind.DECIMAL: (decimals.leaf, decimals.FORMS),
    Kind.INT: (integers.leaf, integers.FORMS),
    Kind.BOOL: (truths.leaf, truths.FORMS),
    Kind.STRING: (texts.leaf, (None, None, texts.either, texts.earlier, *(texts.looked_up,) * 4)),
    Kind.DATE: (days.leaf, days.FORMS),
    Kind.TIMESTAMP: (times.leaf, times.FORMS),
}
