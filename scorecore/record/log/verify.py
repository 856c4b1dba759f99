"""Whether a record is what was signed: every entry, tile, checkpoint, payload and part, and the anchor.

What is found is named. Where a tile still fits its root, the entry below is what changed; else it is the tile. Without
a checkpoint from outside the best answer is UNANCHORED: a record that was cut off, or made again with its own key, fits
itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypedDict

from attrs import define, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, RecordRejected
from scorecore.diagnostics.source import Location
from scorecore.record.log import store, tree
from scorecore.record.log.entries import ERASURE, blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, VerifierKey
from scorecore.record.log.read import bodies
from scorecore.record.log.reading import read_anchor
from scorecore.record.log.sealing import Press, SealError
from scorecore.record.log.strays import signed_checkpoint, stray_rows
from scorecore.record.log.subjects import KeyOwner, SubjectKey
from scorecore.record.log.tree import HASH, WIDTH, Frontier
from scorecore.values.canonical_json import decode

_CHUNK: Final = 4_096
"""How many payloads are looked at with their keys at once."""
_MOST: Final = 100
"""How many findings are reported; then reading stops."""
_NOTHING_SAID: Final = (
    catalogue.NOT_A_RECORD,
    catalogue.RECORD_BUSY,
    catalogue.RECORD_FAILED,
    catalogue.OLD_SQLITE,
    catalogue.NO_RECORD,
    catalogue.OTHER_FORMAT,
    catalogue.SETTING_LOST,
    catalogue.BAD_ANCHOR,
    catalogue.FOREIGN_ANCHOR,
)
"""What keeps a record from being verified."""


@frozen
class VerificationReport:
    """What was looked at, and what was found; nothing but warnings where the record is sound."""

    entries: int = 0
    payloads: int = 0
    """How many were opened and fit."""
    erased: int = 0
    parts: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def sound(self) -> bool:
        return all(diagnostic.kind.warning for diagnostic in self.diagnostics)

    @property
    def anchored(self) -> bool:
        """Whether it was held against a checkpoint from outside; without one nobody knows whether it was cut off."""
        return all(diagnostic.kind is not catalogue.UNANCHORED for diagnostic in self.diagnostics)

    @property
    def verified(self) -> bool:
        """Whether the file could be opened and held against the anchor; else nothing is said about the record."""
        return all(diagnostic.kind.warning or diagnostic.kind not in _NOTHING_SAID for diagnostic in self.diagnostics)


class _EnoughError(Exception):
    """So much was found that nothing more need be."""


@define
class _Findings:
    path: Path
    found: list[Diagnostic] = field(factory=list)

    def add(self, kind: DiagnosticKind, **params: object) -> None:
        place = Location(str(self.path), 0, 0)
        self.found.append(Diagnostic(kind, place, {name: str(value) for name, value in params.items()}))
        if len(self.found) >= _MOST:
            raise _EnoughError


def verify(
    path: Path,
    *,
    anchor: str | None = None,
    trusted: Sequence[VerifierKey] = (),
    vault: Path | None = None,
    lock: bytes | None = None,
    payloads: bool = True,
) -> VerificationReport:
    """Verify a record against itself and against `anchor`, a signed checkpoint as text that was kept elsewhere.

    The record must be signed by a `trusted` key, or by one that such a key has named; without any the first entry is
    believed, and only the anchor shows that it is right. Without `payloads` only entries, tiles and checkpoints are
    looked at; without the `vault` payloads cannot be opened, and the report says how many. The file is evidence: it is
    not changed, and nothing is left beside it.
    """
    wal = Path(f"{path}-wal")
    is_quiet = not wal.exists()
    keys: _Keys = {"vault": vault, "lock": lock}
    report = _verify(path, anchor, trusted, keys, payloads=payloads, is_evidence=True)
    if not report.sound and is_quiet and wal.exists():  # another program has begun to write meanwhile
        return _verify(path, anchor, trusted, keys, payloads=payloads, is_evidence=False)
    return report


class _Keys(TypedDict):
    vault: Path | None
    lock: bytes | None


def _verify(
    path: Path,
    anchor: str | None,
    trusted: Sequence[VerifierKey],
    keys: _Keys,
    *,
    payloads: bool,
    is_evidence: bool,
) -> VerificationReport:
    findings = _Findings(path)
    verdict = VerificationReport()
    try:
        with Log.open_unchecked(path, **keys, is_evidence=is_evidence) as log, store.failures(path):
            if trusted and not set(trusted) & set(log.keys.keys):
                findings.add(catalogue.UNTRUSTED_KEY, ours=log.verifier)
            verdict = _Verification(log, findings, is_evidence=is_evidence).run(anchor, payloads=payloads)
    except _EnoughError:
        pass
    except RecordRejected as refused:
        findings.found += refused.diagnostics
    except (
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # what lies in the file is not text, not JSON, or of another type
        findings.found.append(Diagnostic(catalogue.DAMAGED, Location(str(path), 0, 0), {"reason": str(error)}))
    return VerificationReport(verdict.entries, verdict.payloads, verdict.erased, verdict.parts, tuple(findings.found))


def _complaints(path: Path, *, is_evidence: bool) -> list[str]:
    """What SQLite finds wrong with its own pages and indices."""
    connection = store.connect(path, write=False, is_evidence=is_evidence)
    try:
        rows: Any = connection.execute("PRAGMA integrity_check(10)").fetchall()
        return [complaint for (complaint,) in rows if complaint != "ok"]
    finally:
        connection.close()


class _Verification:
    def __init__(self, log: Log, findings: _Findings, *, is_evidence: bool) -> None:
        self.is_evidence = is_evidence
        self.log = log
        self.run_query = log.connection.execute
        self.findings = findings
        self.keys = log.keys
        self.is_locked = False
        """Whether the keys are kept elsewhere."""
        self.has_keys_within = log.connection.pragma("user_version") == store.KEYS_WITHIN

    def run(self, anchor: str | None, *, payloads: bool) -> VerificationReport:
        with ThreadPoolExecutor(1) as helper:  # SQLite looks at its pages while we look at what they say
            complaints = helper.submit(_complaints, self.log.path, is_evidence=self.is_evidence)
            try:
                return self.looked_at(anchor, payloads=payloads)
            finally:
                for complaint in complaints.result():
                    self.findings.add(catalogue.DAMAGED, reason=complaint)

    def looked_at(self, anchor: str | None, *, payloads: bool) -> VerificationReport:
        self.run_query("BEGIN")  # one moment of the file, even while others write
        self.shape()
        anchored = self.anchor(anchor)
        entries = self.entries(self.checkpoints(), anchored)
        opened = erased = parts = 0
        if self.has_keys_within:
            self.pseudonyms()
        if payloads:
            opened, erased = self.payloads(entries)
            parts = self.parts(entries)
        if anchor is None:
            self.findings.add(catalogue.UNANCHORED, size=entries)
        return VerificationReport(entries, opened, erased, parts)

    def shape(self) -> None:
        """Whether tables, indices and triggers are as they were made."""
        for name in store.find_other_shapes(self.log.connection):
            self.findings.add(catalogue.OTHER_SHAPE, name=name)

    def anchor(self, text: str | None) -> Checkpoint | None:
        if text is None:
            return None
        try:
            return read_anchor(text, self.keys, self.log.path)
        except RecordRejected as refused:
            self.findings.found += refused.diagnostics
            return None

    def checkpoints(self) -> dict[int, Checkpoint]:
        """The checkpoints that are signed, by size."""
        signed = {}
        for size, note in self.run_query("SELECT size, note FROM checkpoint ORDER BY size"):
            checkpoint = signed_checkpoint(size, note, self.keys)
            if checkpoint:
                signed[size] = checkpoint
            else:
                self.findings.add(catalogue.CHECKPOINT_UNSIGNED, size=size)
        return signed

    def entries(self, signed: dict[int, Checkpoint], anchored: Checkpoint | None) -> int:
        """Every entry, and the tree over them; gives how many are signed."""
        last = max(signed, default=0)
        for kind, params in stray_rows(self.log.connection, last):
            self.findings.add(kind, **params)
        if anchored and anchored.size > last:
            self.findings.add(catalogue.CUT_OFF, size=last, anchored=anchored.size)
        self.fit(signed, anchored, last)
        return last

    def fit(self, signed: dict[int, Checkpoint], anchored: Checkpoint | None, last: int) -> None:
        """Hold the tree, as it grows, against the checkpoint of every size, and against the anchor."""
        edge, good, strayed = Frontier(), 0, False
        roots = {change.index: change.root for change in self.keys.changes}
        stops = sorted({*signed, *roots, *([anchored.size] if anchored else [])})
        for first in range(0, last, WIDTH):
            leaves = self.leaves(first, min(first + WIDTH, last))
            end = first + len(leaves)
            for stop in [*(checkpoint for checkpoint in stops if first < checkpoint < end), end]:
                self.grow(edge, leaves[edge.size - first : stop - first])
                checkpoint = signed.get(stop)
                if checkpoint and edge.root() == checkpoint.root:
                    good = stop
                elif checkpoint and not strayed:  # every later one differs for the same reason
                    strayed = True
                    self.unreadable(max(first, good), stop)
                    self.findings.add(catalogue.CHECKPOINT_CHANGED, size=stop, first=good, last=stop - 1)
                if roots.get(stop, edge.root()) != edge.root():
                    self.findings.add(catalogue.KEY_NOT_NAMED, entry=stop)
                if anchored and stop == anchored.size and edge.root() != anchored.root:
                    self.findings.add(catalogue.NOT_THE_ANCHORED, size=stop)

    def tile(self, level: int, place: int) -> tuple[bytes, bytes] | None:
        """Root and hashes of a tile as they lie in the file."""
        query = "SELECT root, hashes FROM tile WHERE level = ? AND place = ?"
        rows: list[Any] = self.run_query(query, (level, place)).fetchall()
        return rows[0] if rows else None

    def leaves(self, first: int, stop: int) -> Sequence[bytes]:
        """The hashes of some entries, all of one tile: those of the tile where it fits itself, for they were signed."""
        entries = bodies(self.log.connection, first, stop)
        missing = set[int]()
        if len(entries) != stop - first:
            query = "SELECT idx, CAST(body AS BLOB) FROM entry WHERE idx >= ? AND idx < ?"
            there: Any = dict(self.run_query(query, (first, stop)))
            missing = {index for index in range(first, stop) if index not in there}
            entries = [there.get(index, b"") for index in range(first, stop)]
        hashes = [tree.leaf_hash(body) for body in entries]
        for index in sorted(missing):
            self.findings.add(catalogue.ENTRY_MISSING, entry=index)
        stored = self.tile(0, first // WIDTH)
        if stop - first < WIDTH or stored is None or stored[1] == b"".join(hashes):
            return hashes
        kept = [stored[1][start : start + HASH] for start in range(0, len(stored[1]), HASH)]
        if len(kept) != WIDTH or tree.fold(kept) != stored[0]:
            return hashes  # `grow` reports that the tile is not right
        for index, (computed, signed) in enumerate(zip(hashes, kept, strict=True), first):
            if computed != signed and index not in missing:
                self.findings.add(catalogue.ENTRY_CHANGED, entry=index)
        return kept

    def unreadable(self, first: int, stop: int) -> None:
        """Name the entries that cannot be what was signed, for nobody would have written them."""
        entries = bodies(self.log.connection, first, stop)
        for index, body in enumerate(entries if len(entries) == stop - first else (), first):
            try:
                decode(body)
            except ValueError:
                self.findings.add(catalogue.ENTRY_CHANGED, entry=index)

    def grow(self, edge: Frontier, leaves: Sequence[bytes]) -> None:
        for level, place, *root_and_hashes in edge.extend(leaves):
            stored = self.tile(level, place)
            if stored != tuple(root_and_hashes):
                width = WIDTH ** (level + 1)
                below = {"first": place * width, "last": (place + 1) * width - 1}
                kind = catalogue.TILE_CHANGED if stored else catalogue.TILE_MISSING
                self.findings.add(kind, tile=place, level=level, **below)

    def pseudonyms(self) -> None:
        """Whether names lead to the pseudonyms of the entries: the first entry has that of the log itself."""
        try:
            is_known = self.log.pseudonym(self.log.verifier.name) == self.log.entry(0).subject
        except RecordRejected as refused:
            is_known = refused.diagnostics[0].kind is not catalogue.INCOMPLETE  # locked is said elsewhere
        if not is_known:
            self.findings.add(catalogue.SECRET_CHANGED)

    def owned(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[tuple[Any, ...], KeyOwner | None]]:
        """Rows of payloads, each with its key; None where that is kept elsewhere."""
        is_open = True
        waiting = iter(rows)
        while chunk := list(islice(waiting, _CHUNK)):
            owners: Mapping[int, KeyOwner] = {}
            numbers = {row[3] for row in chunk if row[3] is not None}
            try:
                owners = self.log.owners(numbers) if is_open else {}
            except RecordRejected as refused:
                is_open = False
                self.is_locked = refused.diagnostics[0].kind in {catalogue.VAULT_MISSING, catalogue.KEYS_ELSEWHERE}
                if not self.is_locked and not self.findings.found:  # a record that has changed is not that of its vault
                    self.findings.found += refused.diagnostics
            for row in chunk:
                gone = SubjectKey("", 0, None) if is_open else None
                yield row, owners.get(row[3], gone)

    def payloads(self, size: int) -> tuple[int, int]:
        """Every payload of the first `size` entries against its commitment; gives how many were opened, and erased."""
        erasures, gone = {entry.subject: entry.index for entry in self.log.by_kind(ERASURE)}, self.log.erasures()
        opened = erased = locked = 0
        for (index, subject, promised, key, sealed), owner in self.owned(self.run_query(_PAYLOADS, (size,))):
            is_erased = gone.get(subject, -1) > index
            if promised is None or (sealed is not None and erasures.get(subject, -1) > index):
                self.findings.add(catalogue.STRAY_ROW, table="payload", row=index)
            elif sealed is None or is_erased:
                erased += 1
                if key is None or not is_erased:
                    self.findings.add(catalogue.PAYLOAD_MISSING, entry=index)
            elif owner is None:
                locked += 1
            elif owner.key is None:
                self.findings.add(catalogue.PAYLOAD_MISSING, entry=index)
            else:
                opened += 1
                with suppress(SealError):
                    is_promised = self.log.sealing.open(sealed, owner.key).commitment == promised
                    if is_promised and owner.pseudonym == subject:
                        continue
                self.findings.add(catalogue.PAYLOAD_CHANGED, entry=index)
        unused = {**_UNUSED, **(_UNUSED_KEYS if self.has_keys_within else {})}
        for table, query in unused.items():
            for (row,) in self.run_query(query, {"size": size}):
                self.findings.add(catalogue.STRAY_ROW, table=table, row=row)
        if locked and self.is_locked:
            self.findings.add(catalogue.PAYLOAD_SEALED, count=locked)
        return opened, erased

    def parts(self, size: int) -> int:
        """Every part against its digest, and whether all that the first `size` entries rest on are there."""
        press, there = Press(), set()
        for digest, compressed in self.run_query("SELECT digest, compressed FROM blob"):
            there.add(digest)
            with suppress(SealError):
                if blob_digest(press.open(compressed)) == digest:
                    continue
            self.findings.add(catalogue.BLOB_CHANGED, digest=digest)
        named = set()
        for index, digests in self.run_query(_BLOBS, (size,)):
            for digest in json.loads(digests):
                named.add(digest)
                if digest not in there:
                    self.findings.add(catalogue.BLOB_MISSING, digest=digest, entry=index)
        for digest in sorted(there - named):
            self.findings.add(catalogue.STRAY_ROW, table="blob", row=digest)
        return len(there)


_PAYLOADS: Final = """
    SELECT e.idx, e.subject, CASE WHEN json_valid(e.body) THEN json_extract(e.body, '$.payload') END AS promised,
           p.key, p.sealed
    FROM entry e LEFT JOIN payload p USING (idx)
    WHERE e.idx >= 0 AND e.idx < ? AND (p.idx IS NOT NULL OR promised IS NOT NULL)
    ORDER BY e.idx
"""
_BLOBS: Final = """
    SELECT idx, json_extract(body, '$.blobs') FROM entry
    WHERE idx >= 0 AND idx < ? AND instr(body, '"blobs":') AND json_valid(body)
    AND json_extract(body, '$.blobs') IS NOT NULL
"""
_UNUSED: Final = {
    "payload": "SELECT idx FROM payload WHERE idx >= 0 AND idx < :size AND idx NOT IN (SELECT idx FROM entry)",
}
_UNUSED_KEYS: Final = {
    "subject_key": "SELECT number FROM subject_key WHERE NOT EXISTS (SELECT 1 FROM payload WHERE key = number)",
    "secret": "SELECT name FROM secret WHERE name <> 'pseudonym'",
}
"""By table the rows that nothing rests on."""
