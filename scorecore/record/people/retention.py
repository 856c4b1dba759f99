"""How long people are kept after their last period: data in the record, which an administrator sets.

    [retention]
    years = 5

It is in the record and not in a policy: one key opens everything about a person, whichever policies decided, and so
people are erased as a whole. The last one that was set is in force.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.record.people.operators import Refusal

RETENTION: Final = "retention"
"""The kind of an entry that sets the retention."""
_MONTHS: Final = {"years": 12, "months": 1}
_MOST: Final = 1200
"""How many months a retention may have."""


@frozen
class Retention:
    """For how long after the end of the last period people are kept."""

    unit: str
    """`years` or `months`."""
    count: int

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Retention":
        """Read an entry that was checked."""
        unit = next(unit for unit in _MONTHS if unit in fields)
        return cls(unit, fields[unit])

    @property
    def fields(self) -> dict[str, int]:
        return {self.unit: self.count}

    def due_from(self, ended: date) -> date:
        """The first day on which somebody is due whose last period ended on a day.

        Where a month does not have the day, it is the first day of the next month: nobody is due too early.
        """
        if (date.max - ended).days <= _MOST * 31:
            return date.max
        kept_from = ended + timedelta(days=1)
        year, month = divmod(kept_from.year * 12 + kept_from.month - 1 + self.count * _MONTHS[self.unit], 12)
        last = monthrange(year, month + 1)[1]
        if kept_from.day <= last:
            return date(year, month + 1, kept_from.day)
        return date(year, month + 1, last) + timedelta(days=1)


def check_retention(fields: Any, index: int) -> Refusal | None:  # noqa: ANN401  plain data
    """What is wrong with the retention of a file or an entry, whose `reason` and other fields do not matter."""
    units = [unit for unit in _MONTHS if unit in fields] if isinstance(fields, Mapping) else []
    if len(units) == 1:
        count = fields[units[0]]
        if type(count) is int and 1 <= count * _MONTHS[units[0]] <= _MOST:
            return None
    return catalogue.BAD_RETENTION, {"entry": index}
