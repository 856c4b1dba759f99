"""What is appended to a log and what is read from it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from attrs import field, frozen

from scorecore.values.canonical_json import decode

LONGEST: Final = 65_535
"""How many bytes an entry may have; C2SP's bundles have two bytes for the length."""
OWN: Final = frozenset({"at", "blobs", "kind", "payload", "period", "subject"})
"""The fields of an entry that the log writes."""
GENESIS: Final = "genesis"
ERASURE: Final = "erasure"
CONVERSION: Final = "conversion"
"""The record had its keys within until then, and has had a vault since."""
_PLAIN: Final = r"[ !#-\[\]-~]*"
_USUAL: Final = re.compile(
    "{"
    + ",".join(f'"{name}":"(?P<{name}>{_PLAIN})"' for name in ("at", "kind", "payload", "period", "run", "subject"))
    + "}"
)
"""A decision as nearly all entries are one: nothing in it could be written in another way, so it need not be tried."""


class Gone(Enum):
    """What stands for a payload that was erased."""

    ERASED = "erased"


ERASED: Final = Gone.ERASED


@frozen
class NewLogEntry:
    """One entry to be appended.

    `fields` is plain data for the entry itself, which everyone may see and nobody can erase: digests, amounts of a
    whole run, never anything of a person. What concerns a person is the `payload`, any bytes; the
    entry commits to it with a salt. It is encrypted under the key of `subject`, of whom the entry has a pseudonym.
    `blobs` are digests of what the entry rests on and is kept once: policies, programs, tables.
    """

    kind: str
    fields: Mapping[str, Any] = field(factory=dict)
    payload: bytes | None = None
    subject: str | None = None
    period: str | None = None
    blobs: tuple[str, ...] = ()
    pseudonym: str | None = None
    """Instead of a subject, where the entry is the last about it."""

    def __attrs_post_init__(self) -> None:
        if self.payload is not None and self.subject is None:
            raise ValueError("a payload needs a subject, whose key can be destroyed; what concerns nobody is a blob")


@frozen(slots=False)
class LogEntry:
    """One entry as it was signed: canonical bytes, and what they say."""

    index: int
    body: bytes

    @cached_property
    def fields(self) -> dict[str, Any]:
        """All of it as plain data; raises ValueError for what is not canonical."""
        if usual := _USUAL.fullmatch(self.body.decode()):
            return usual.groupdict()
        fields: dict[str, Any] = decode(self.body)
        return fields

    @property
    def kind(self) -> str:
        return str(self.fields["kind"])

    @property
    def period(self) -> str | None:
        return self.fields.get("period")

    @property
    def subject(self) -> str | None:
        """The pseudonym of the subject; `Log.pseudonym` gives it for an identifier."""
        return self.fields.get("subject")

    @property
    def at(self) -> datetime:
        """When it was appended, in UTC."""
        return datetime.fromisoformat(self.fields["at"]).astimezone(UTC)


def blob_digest(data: bytes) -> str:
    """What a part is kept under: the hex SHA-256 of its bytes, as `sha256sum` prints it."""
    return sha256(data).hexdigest()
