"""Witnesses of checkpoints: C2SP's tlog-cosignature and tlog-witness, as texts that lie in files or go over HTTP.

A witness signs only what continues all that it has signed before. So a record that a witness has cosigned cannot have
two histories, unless its keeper and the witness make them together. A request is the body of an `add-checkpoint`:

    old 20
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=

    example.com/payroll
    27
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.com/payroll Az3grlgtzPIC…

and the answer is a line with the time and the signature.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import apsw
from attrs import frozen

from scorecore.record.log import tree
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.note import (
    SIGNATURE_START,
    Checkpoint,
    NoteError,
    SigningKey,
    VerifierKey,
    is_count,
    read_binary,
    split_key,
)
from scorecore.record.log.reading import LogReader

COSIGNATURE: Final = "cosignature"
"""The kind of an entry that keeps what a witness has signed: the size of a checkpoint, and the line."""
_TYPE: Final = b"\x04"
_KEY_ID: Final = 4
_TIME: Final = 8
_MOST_HASHES: Final = 63
"""How many lines of proof a request may have."""
_HEADS: Final = "CREATE TABLE IF NOT EXISTS head (origin TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT"


class WitnessError(ValueError):
    """A witness does not sign: `status` is what it answers over HTTP, `size` what it has signed last.

    The request `is_evidence` where the log has signed what does not continue what was signed before.
    """

    def __init__(self, status: int, size: int = 0, *, is_evidence: bool = False) -> None:
        super().__init__(f"the witness refuses: {status}")
        self.status = status
        self.size = size
        self.is_evidence = is_evidence


@frozen
class Cosignature:
    """A witness has seen a log of so many entries at a time, and all that it has seen before as its beginning."""

    witness: str
    size: int
    at: datetime


def cosigner_line(key: VerifierKey) -> str:
    """The key of a witness as one line, to be given to whoever verifies."""
    return f"{key.name}+{_cosigner_id(key).hex()}+{b64encode(_TYPE + key.public).decode()}"


def parse_cosigner(line: str) -> VerifierKey:
    """Read such a line; raises NoteError."""
    name, key_id, public = split_key(line.strip(), _TYPE)
    key = VerifierKey(name, public)
    if _cosigner_id(key).hex() != key_id:
        raise NoteError(f"the key of `{name}` is damaged: {key_id} is not its fingerprint")
    return key


def _cosigner_id(key: VerifierKey) -> bytes:
    return sha256(key.name.encode() + b"\n" + _TYPE + key.public).digest()[:_KEY_ID]


def _message(text: str, time: int) -> str:
    return f"cosignature/v1\ntime {time}\n{text}"


def cosign(key: SigningKey, text: str, time: int) -> str:
    """The line by which a witness signs the text of a checkpoint at a time, in seconds of POSIX."""
    signature = key.sign_bytes(_message(text, time))
    data = _cosigner_id(key.verifier) + time.to_bytes(_TIME, "big") + signature
    return f"{SIGNATURE_START}{key.name} {b64encode(data).decode()}\n"


def read_cosignature(line: str, checkpoint: Checkpoint, keys: Iterable[VerifierKey]) -> Cosignature | None:
    """What a line says, if one of some witnesses has signed the checkpoint by it; None for everything else."""
    name, _, encoded = line.strip("\n").removeprefix(SIGNATURE_START).partition(" ")
    try:
        data = read_binary(encoded)
    except NoteError:
        return None
    time = int.from_bytes(data[_KEY_ID : _KEY_ID + _TIME], "big")
    for key in keys:
        is_named = (key.name, _cosigner_id(key)) == (name, data[:_KEY_ID]) and line.startswith(SIGNATURE_START)
        if is_named and 0 < time < 2**33 and key.holds(_message(checkpoint.text, time), data[_KEY_ID + _TIME :]):
            return Cosignature(name, checkpoint.size, datetime.fromtimestamp(time, UTC))
    return None


# the keeper of a record


def write_request(log: LogReader, old: int) -> str:
    """What a witness is asked that has signed `old` entries last; raises ValueError where there are fewer."""
    signed = log.checkpoint()
    hashes = "".join(f"{b64encode(each).decode()}\n" for each in log.consistency(old, signed.size))
    return f"old {old}\n{hashes}\n{signed.note}"


def read_answer(log: LogReader, answer: str, keys: Iterable[VerifierKey]) -> Iterator[NewLogEntry]:
    """The entries that keep what witnesses have answered about any checkpoint of a record that their lines fit."""
    keys = tuple(keys)
    for line in answer.splitlines():
        for size in reversed(log.sizes()):
            if read_cosignature(line, _checkpoint(log, size), keys):
                yield NewLogEntry(COSIGNATURE, {"size": size, "line": line})
                break


def find_cosignatures(log: LogReader, keys: Sequence[VerifierKey]) -> dict[str, Cosignature]:
    """By the names of some witnesses the latest that each has signed of a record, held against its tree."""
    latest: dict[str, Cosignature] = {}
    for entry in log.by_kind(COSIGNATURE):
        size, line = entry.fields.get("size"), entry.fields.get("line")
        if not isinstance(size, int) or not isinstance(line, str) or not 0 < size <= log.size:
            continue
        cosignature = read_cosignature(line, _checkpoint(log, size), keys)
        if cosignature and size >= latest.get(cosignature.witness, cosignature).size:
            latest[cosignature.witness] = cosignature
    return latest


def count_witnessed(cosignatures: Iterable[Cosignature], required: int) -> int:
    """How many entries at least `required` witnesses have signed; 0 where there are fewer of them."""
    sizes = sorted((cosignature.size for cosignature in cosignatures), reverse=True)
    return sizes[required - 1] if 0 < required <= len(sizes) else 0


def _checkpoint(log: LogReader, size: int) -> Checkpoint:
    return Checkpoint(log.verifier.name, size, tree.root(size, log.signed_tree))


# the witness


@frozen
class Witness:
    """A witness: its key, the logs that it knows by their keys, and the file in which it remembers what it signed."""

    key: SigningKey
    logs: Sequence[VerifierKey]
    memory: Path

    def answer(self, request: str, now: datetime) -> str:
        """The line that answers a request, once it is remembered; raises WitnessError."""
        old, proof, checkpoint = self._read(request)
        with closing(apsw.Connection(str(self.memory))) as connection:
            connection.pragma("synchronous", 3)
            connection.set_busy_timeout(5_000)
            connection.execute("BEGIN IMMEDIATE")  # looking and remembering are one step, whoever else asks
            connection.execute(_HEADS)
            query = "SELECT note FROM head WHERE origin = ?"
            note: Any = connection.execute(query, (checkpoint.origin,)).get
            last = None if note is None else Checkpoint.parse(note)[0]
            _check(old, proof, checkpoint, last)
            connection.execute("INSERT OR REPLACE INTO head VALUES (?, ?)", (checkpoint.origin, checkpoint.note))
            connection.execute("COMMIT")
        return cosign(self.key, checkpoint.note.rpartition("\n\n")[0] + "\n", int(now.timestamp()))

    def _read(self, request: str) -> tuple[int, list[bytes], Checkpoint]:
        """The parts of a request whose checkpoint a known log has signed."""
        head, _, note = request.partition("\n\n")
        first, *lines = head.split("\n")
        try:
            checkpoint = Checkpoint.parse(note)[0]
            proof = [read_binary(line) for line in lines]
        except NoteError:
            raise WitnessError(400) from None
        old = first.removeprefix("old ")
        if not first.startswith("old ") or not is_count(old) or len(proof) > _MOST_HASHES:
            raise WitnessError(400)
        known = [key for key in self.logs if key.name == checkpoint.origin]
        if not known:
            raise WitnessError(404)
        try:
            signers = Checkpoint.parse(note, known)[1]
        except NoteError:
            signers = ()
        if not signers:
            raise WitnessError(403)
        if int(old) > checkpoint.size:
            raise WitnessError(400)
        return int(old), proof, checkpoint


def _check(old: int, proof: Sequence[bytes], checkpoint: Checkpoint, last: Checkpoint | None) -> None:
    """Raises WitnessError where a checkpoint does not continue what was signed last."""
    signed = 0 if last is None else last.size
    if old != signed:
        raise WitnessError(409, signed)
    root = tree.EMPTY if last is None else last.root
    if old and old == checkpoint.size and root != checkpoint.root:
        raise WitnessError(409, signed, is_evidence=True)  # as the protocol has it where no proof is needed
    if not tree.extends(old, root, checkpoint.size, checkpoint.root, proof) and (old or proof or not checkpoint.size):
        raise WitnessError(422, is_evidence=True)
