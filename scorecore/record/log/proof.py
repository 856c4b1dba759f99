"""Evidence for people who do not trust us, in files that they can check without us.

A proof of inclusion is C2SP's `tlog-proof`, which other programs read. A bundle has everything for some entries: the
entries, their payloads with salts, the proofs, and a verifier of one file that needs nothing but Python.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Final

from scorecore.record.log.log import Log
from scorecore.record.log.sealing import Opened

HEADER: Final = "c2sp.org/tlog-proof@v1"
CONSISTENCY: Final = "scorecore/consistency@v1"
LATER: Final = "scorecore/later@v1"
VERIFIER: Final = "verify.py"
MOST_LATER: Final = 100_000
"""How many later entries are put into a bundle: some 25 MB, of which a zip has a third."""


def _lines(hashes: Sequence[bytes]) -> str:
    return "".join(f"{b64encode(each).decode()}\n" for each in hashes)


def tlog_proof(log: Log, index: int, size: int | None = None) -> str:
    """The C2SP proof that entry `index` is in the log, under its checkpoint of `size` entries or its last.

    Raises LookupError where no such checkpoint was signed, and ValueError where the entry is not in it.
    """
    signed = log.checkpoint(size)
    return f"{HEADER}\nindex {index}\n{_lines(log.inclusion(index, signed.size))}\n{signed.note}"


def consistency_proof(log: Log, old: int, new: int | None = None) -> str:
    """The proof that the first `old` entries are still the beginning, as a text of two sizes and some hashes."""
    new = log.size if new is None else new
    return f"{CONSISTENCY}\nold {old}\nnew {new}\n{_lines(log.consistency(old, new))}"


def later_entries(log: Log, start: int) -> str:
    """All entries from `start` to the end, with the hashes that make the signed root of them.

    Whoever goes through them sees that nothing else about a person was recorded since.
    """
    bits = [bit for bit in range(start.bit_length() - 1, -1, -1) if start >> bit & 1]
    places = [start >> (bit + 1) << 1 for bit in bits]
    prefix = _lines([log.signed_tree(bit, place) for bit, place in zip(bits, places, strict=True)])
    bodies = "".join(f"{entry.body.decode()}\n" for entry in log.entries(start))
    return f"{LATER}\n{prefix}\n{bodies}"


def proof_bundle(
    log: Log,
    indexes: Iterable[int],
    anchors: Iterable[int] = (),
    *,
    after: int | None = None,
    parts: Iterable[str] = (),
) -> dict[str, bytes]:
    """Evidence for some entries, by name of file: to be put into a folder or a zip.

    `anchors` are sizes that the receiver may hold a checkpoint of; the bundle shows that each is the beginning of the
    log. The entries that name its keys are in it. With `after` the entries after this one are as well, if they are not
    too many to be sent. An erased payload is left out; the verifier then says so. `parts` are put in, too. Raises as
    `Log.opened` does.
    """
    signed = log.checkpoint()
    naming = [change.index for change in log.keys.changes]
    indexes, anchors = ({*indexes, 0, *naming}, {*anchors, *naming}) if naming else (indexes, anchors)
    bundle = {
        VERIFIER: (files("scorecore.record.log") / "standalone_verifier.py").read_bytes(),
        "checkpoint.txt": signed.note.encode(),
        "key.txt": f"{log.verifier}\n".encode(),
    }
    for index in sorted(set(indexes)):
        name = f"entry-{index:08}"
        entry = log.entry(index)
        bundle[f"{name}.json"] = entry.body
        bundle[f"{name}.tlog-proof"] = tlog_proof(log, index, signed.size).encode()
        opened = log.opened(index)
        if isinstance(opened, Opened):
            bundle[f"{name}.payload"] = opened.payload
            bundle[f"{name}.salt"] = b64encode(opened.salt)
        for digest in entry.fields.get("blobs", ()):
            bundle[f"part-{digest}"] = log.blob(digest)
    bundle |= {f"part-{digest}": log.blob(digest) for digest in parts}
    for old in sorted({*anchors}):
        bundle[f"consistency-{old:08}.txt"] = consistency_proof(log, old, signed.size).encode()
    if after is not None and signed.size - after <= MOST_LATER:
        bundle[f"later-{after + 1:08}.txt"] = later_entries(log, after + 1).encode()
    return bundle
