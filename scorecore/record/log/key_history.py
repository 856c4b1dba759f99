"""The keys of a record, of which each names the next, and the key that may do so when that one is lost or stolen.

An entry that names a key is signed by the key of its time over everything before it, so that it fits one place of one
record. Checkpoints that cover a `rotation` are signed by the key that it names.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.record.log.entries import LogEntry, NewLogEntry
from scorecore.record.log.note import SigningKey, VerifierKey, read_binary
from scorecore.values.canonical_json import encode

ROTATION: Final = "rotation"
"""The kind of an entry that names the next key of the record."""
RECOVERY: Final = "recovery_key"
"""The kind of an entry that names the key which may name the next one in place of a key that is lost or stolen."""
KEY_CHANGES: Final = (ROTATION, RECOVERY)
_DOMAIN: Final = "scorecore/keys/v1\n"
_SAID: Final = ("key", "reason", "stolen")


class KeyHistoryError(ValueError):
    """An entry names a key, but none that may do so has signed it."""

    def __init__(self, index: int, before: "KeyHistory") -> None:
        super().__init__(f"entry {index} names a key that nobody may name")
        self.index = index
        self.before = before
        """The keys up to there."""


@frozen
class KeyChange:
    """An entry that names a key."""

    entry: LogEntry
    key: VerifierKey
    before: VerifierKey
    """The key of the record until then."""
    is_recovered: bool
    """Whether the recovery key has signed it, because nobody has the key of the record or somebody else has it, too."""

    @property
    def index(self) -> int:
        return self.entry.index

    @property
    def is_rotation(self) -> bool:
        return self.entry.kind == ROTATION

    @property
    def root(self) -> bytes:
        """Of the tree over everything before the entry."""
        return read_binary(str(self.entry.fields["root"]))

    @property
    def stolen(self) -> int | None:
        """How many entries there were when somebody else may first have had the key; None where nobody had it."""
        stolen: int | None = self.entry.fields.get("stolen")
        return stolen

    @property
    def reason(self) -> str:
        return str(self.entry.fields.get("reason", ""))


@frozen
class KeyHistory:
    """The keys of a record in their order."""

    first: VerifierKey
    changes: tuple[KeyChange, ...] = ()

    @classmethod
    def read(cls, first: VerifierKey, entries: Iterable[LogEntry]) -> "KeyHistory":
        """From the entries that name keys, in their order; raises KeyHistoryError for the first that none may."""
        history = cls(first)
        for entry in entries:
            history = evolve(history, changes=(*history.changes, history.judge(entry)))
        return history

    def judge(self, entry: LogEntry) -> KeyChange:
        """What the next entry that names a key says; raises KeyHistoryError where it may not."""
        try:
            fields = entry.fields
            key, root = VerifierKey.parse(str(fields["key"])), read_binary(str(fields["root"]))
            statement = _statement(self.first.name, entry.index, root, entry.kind, fields)
            signature = read_binary(str(fields["signature"]))
            stolen = fields.get("stolen")
        except (ValueError, LookupError, TypeError):
            raise KeyHistoryError(entry.index, self) from None
        is_signed = self.current.holds(statement, signature)
        recovery = self.recovery
        is_recovered = not is_signed and recovery is not None and recovery.holds(statement, signature)
        known = (*self.keys, *([recovery] if recovery else []))
        is_new = all(key.public != other.public for other in known) and key.name == self.first.name
        is_possible = stolen is None or (type(stolen) is int and 0 < stolen <= entry.index)
        is_allowed = is_signed or (is_recovered and entry.kind == ROTATION)
        if not (is_allowed and is_new and is_possible):
            raise KeyHistoryError(entry.index, self)
        return KeyChange(entry, key, self.current, is_recovered)

    @property
    def rotations(self) -> tuple[KeyChange, ...]:
        return tuple(change for change in self.changes if change.is_rotation)

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """Every key that the record has been signed with."""
        return (self.first, *(change.key for change in self.rotations))

    @property
    def current(self) -> VerifierKey:
        """The key that signs what is appended next."""
        return self.keys[-1]

    @property
    def recovery(self) -> VerifierKey | None:
        """The key that may name the next one when the current one is lost or stolen, where one was named."""
        return next((change.key for change in reversed(self.changes) if not change.is_rotation), None)

    def at(self, size: int) -> VerifierKey:
        """The key that signs a checkpoint of so many entries."""
        return next((change.key for change in reversed(self.rotations) if change.index < size), self.first)

    def end_of(self, key: VerifierKey) -> int | None:
        """The entry in which a key was replaced; None for the current one, and for a key of another record."""
        return next((change.index for change in self.rotations if change.before == key), None)


def name_key(  # noqa: PLR0913  what is signed
    kind: str,
    key: VerifierKey,
    *,
    by: SigningKey,
    log: str,
    size: int,
    root: bytes,
    reason: str = "",
    stolen: int | None = None,
) -> NewLogEntry:
    """The entry that names a key of a log, after `size` entries over which the tree has `root`."""
    said: dict[str, Any] = {"key": str(key)} | ({"reason": reason} if reason else {})
    said |= {} if stolen is None else {"stolen": stolen}
    signature = by.sign_bytes(_statement(log, size, root, kind, said))
    return NewLogEntry(kind, {**said, "root": root, "signature": b64encode(signature).decode()})


def _statement(log: str, size: int, root: bytes, kind: str, fields: Mapping[str, Any]) -> str:
    """What is signed: one text for each place of each record."""
    said = {name: fields[name] for name in _SAID if name in fields}
    return _DOMAIN + encode({**said, "kind": kind, "log": log, "root": root, "size": size}).decode()
