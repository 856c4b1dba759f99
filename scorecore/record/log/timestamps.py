"""Time-stamps of checkpoints (RFC 3161): an authority outside says that a checkpoint existed at a time.

What is stamped is the text of a checkpoint without signatures, which follows from the tree. An authority does not look
whether one history continues another; so a time-stamp shows when, and is no anchor.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import frozen
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from scorecore.diagnostics.diagnostic import RecordRejected
from scorecore.record.log import tree
from scorecore.record.log.entries import NewLogEntry, blob_digest
from scorecore.record.log.note import Checkpoint
from scorecore.record.log.reading import LogReader

TIMESTAMP: Final = "timestamp"
"""The kind of an entry that keeps a time-stamp: the size of a checkpoint; the reply of the authority is its part."""
_LARGEST: Final = 1 << 20
"""How many bytes a reply may have."""


@frozen
class Timestamp:
    """The first entries of a log existed at a time."""

    size: int
    at: datetime


def write_query(log: LogReader) -> bytes:
    """What an authority is asked about the last checkpoint."""
    builder = TimestampRequestBuilder().data(_text(log, log.size)).hash_algorithm(HashAlgorithm.SHA256)
    return bytes(builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes())


def read_certificates(data: bytes) -> list[x509.Certificate]:
    """The certificates of a file, PEM or DER; raises ValueError."""
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_certificates(data)
    return [x509.load_der_x509_certificate(data)]


def read_reply(
    log: LogReader, reply: bytes, certificates: Sequence[x509.Certificate]
) -> tuple[NewLogEntry, Timestamp] | None:
    """The entry that keeps the reply of an authority to any checkpoint of a record; None where it is to none."""
    for size in reversed(log.sizes()):
        stamped = check_reply(reply, _text(log, size), size, certificates)
        if stamped is not None:
            return NewLogEntry(TIMESTAMP, {"size": size}, blobs=(blob_digest(reply),)), stamped
    return None


def check_reply(reply: bytes, text: bytes, size: int, certificates: Iterable[x509.Certificate]) -> Timestamp | None:
    """When an authority under one of some certificates has stamped a text; None where none has."""
    for certificate in certificates if len(reply) <= _LARGEST else ():
        try:
            response = decode_timestamp_response(reply)
            at = response.tst_info.gen_time.astimezone(UTC)
            if VerifierBuilder(roots=[certificate]).build().verify_message(response, text):
                return Timestamp(size, at)
        except (VerificationError, ValueError):
            continue
    return None


def find_timestamps(log: LogReader, certificates: Sequence[x509.Certificate]) -> list[Timestamp]:
    """The time-stamps of a record that count under some certificates, held against its tree, the oldest first."""
    stamps: list[Timestamp | None] = []
    for entry in log.by_kind(TIMESTAMP):
        size = entry.fields.get("size")
        if isinstance(size, int) and 0 < size <= log.size:
            text, digests = _text(log, size), entry.fields.get("blobs", ())
            stamps += [check_reply(_part(log, digest), text, size, certificates) for digest in digests]
    return sorted((stamp for stamp in stamps if stamp is not None), key=lambda stamp: stamp.size)


def _part(log: LogReader, digest: str) -> bytes:
    try:
        return log.blob(digest)
    except RecordRejected:
        return b""


def _text(log: LogReader, size: int) -> bytes:
    return Checkpoint(log.verifier.name, size, tree.root(size, log.signed_tree)).text.encode()
