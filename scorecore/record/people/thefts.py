"""Keys that somebody else has had: what was signed with them does not count until somebody has confirmed it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import define, frozen

from scorecore.diagnostics import catalogue
from scorecore.record.log.key_history import KeyChange
from scorecore.record.people.operators import Refusal

CONFIRMATION: Final = "confirmation"
"""The kind of an entry that confirms what was signed with a stolen key: somebody has looked at it."""
Span = tuple[int, int]
"""The first and the last of some entries."""


@frozen
class LostKey:
    """A key that was replaced without the old one."""

    entry: int
    """In which another was named."""
    name: str
    reason: str


@define
class Theft:
    """A key that somebody else has had, and another has replaced."""

    entry: int
    """In which it is said, and another key named."""
    name: str
    """Whose key it was: an operator's name, or that of the record."""
    size: int
    """How many entries there were when somebody else may first have had it."""
    reason: str
    signed: tuple[Span, ...]
    """What was signed with it since, and by nobody else."""
    confirmed: int | None = None
    """The entry that confirms it."""

    @classmethod
    def of_record(cls, change: KeyChange, *, is_single: bool) -> "Theft":
        """Of the record's key; in a record with operators everything is signed by one of them as well."""
        size = change.stolen or 0
        signed = ((size, change.index - 1),) if is_single and size < change.index else ()
        return cls(change.index, change.before.name, size, change.reason, signed)

    @property
    def is_open(self) -> bool:
        return bool(self.signed) and self.confirmed is None


def check_confirmation(thefts: Iterable[Theft], fields: Mapping[str, Any], index: int) -> Refusal | None:
    """What is wrong with an entry that confirms what was signed with a stolen key."""
    if any(theft.entry == fields.get("theft") and theft.is_open for theft in thefts):
        return None
    return catalogue.NOTHING_TO_CONFIRM, {"entry": index, "theft": fields.get("theft", "—")}


def find_signed_by(name: str, size: int, appends: Iterable[tuple[int, int, str]]) -> tuple[Span, ...]:
    """Of appends, each by its first and last entry and its operator, what one has signed from `size` entries on."""
    return tuple((first, last) for first, last, operator in appends if operator == name and last >= size)
