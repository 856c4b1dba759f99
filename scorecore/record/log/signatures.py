"""Who appended entries: the last of them is a `signature`, by a key of the person's own.

The key of the record signs its checkpoints, and every program that appends has it. What it cannot show is who appended.
So an operator signs the root of the tree over everything before the signature: it fits these entries, at this place of
this record, and nothing else.
"""

from base64 import b64decode, b64encode
from typing import Final

from attrs import frozen

from scorecore.record.log.entries import LogEntry, NewLogEntry
from scorecore.record.log.note import SigningKey, VerifierKey
from scorecore.values.canonical_json import encode

SIGNATURE: Final = "signature"
OPERATOR_KEY: Final = "operator_key"
"""The field of the first entry with the key of the first operator, where every append must be signed."""
_DOMAIN: Final = "scorecore/entries/v1\n"


@frozen
class Actor:
    """Who did something: an operator, for an account of a server where it signed for somebody without a key."""

    operator: str
    account: str = ""

    def is_same(self, other: "Actor") -> bool:
        """Whether both may be the same person: one key is one person, unless it says for whom it signs each time."""
        is_told_apart = self.account and other.account and self.account != other.account
        return self.operator == other.operator and not is_told_apart

    def __str__(self) -> str:
        return f"{self.account} ({self.operator})" if self.account else self.operator


@frozen
class Signer:
    """The key of an operator, and the account for which it signs, if it is that of a server."""

    key: SigningKey
    account: str = ""

    @property
    def actor(self) -> Actor:
        return Actor(self.key.name, self.account)

    def sign(self, log: str, first: int, size: int, root: bytes) -> NewLogEntry:
        """The entry that says who made those from `first` to before `size`, over all of which the tree has `root`."""
        signature = self.key.sign_bytes(_statement(log, first, size, root, self.actor))
        fields = {"operator": self.key.name, "first": first, "signature": b64encode(signature).decode()}
        return NewLogEntry(SIGNATURE, fields | ({"account": self.account} if self.account else {}))


def read_actor(entry: LogEntry) -> Actor:
    """Whom a signature names; raises ValueError and LookupError where it names nobody."""
    return Actor(str(entry.fields["operator"]), str(entry.fields.get("account", "")))


def is_signature_of(entry: LogEntry, key: VerifierKey, log: str, root: bytes) -> bool:
    """Whether a key has signed what an entry says that it signs: everything before it, with this root."""
    try:
        signature = b64decode(str(entry.fields["signature"]), validate=True)
        statement = _statement(log, int(entry.fields["first"]), entry.index, root, read_actor(entry))
    except (ValueError, LookupError, TypeError):
        return False
    return key.name == entry.fields["operator"] and key.holds(statement, signature)


def _statement(log: str, first: int, size: int, root: bytes, actor: Actor) -> str:
    """What is signed: one text for each place of each record."""
    said = {
        "account": actor.account,
        "first": first,
        "log": log,
        "operator": actor.operator,
        "root": root,
        "size": size,
    }
    return _DOMAIN + encode(said).decode()
