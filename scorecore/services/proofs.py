"""The evidence of one person's decisions in a period, as one file that somebody can check who does not trust us."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from scorecore.io.own_files import AUTHOR
from scorecore.record.decided_again import explain_proof
from scorecore.record.log.entries import ERASURE, LogEntry
from scorecore.record.log.proof import proof_bundle
from scorecore.record.people.operators import ANSWER, OBJECTION
from scorecore.record.runs.manifest import DECISION
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import ADJUSTMENT, WITHDRAWAL, read_outside_runs


def archive_proof(recorded: Recorded, subject: str, period: str) -> bytes | None:
    """A zip file; None where the record has no decision about the subject in the period. Raises RecordRejected."""
    runs = [run for run in recorded.runs if run.period == period]
    entries = [entry for run in runs for entry in recorded.about(run, subject)]
    indexes = [entry.index for entry in entries if entry.kind in {DECISION, WITHDRAWAL, ADJUSTMENT}]
    if not indexes:
        return None
    opens = [0, *(run.start for run in runs)]
    opens += [approval.entry for run in runs for approval in run.approvals]
    opens += [theft.confirmed for theft in recorded.people.thefts if theft.confirmed is not None]
    after, manifests = _find_first(entries), list[str]()
    if not recorded.people.is_single:  # who signed and approved is known from all entries
        after, manifests = 0, [run.digest for run in recorded.all_runs]
    others = [entry.index for entry in _read_others(recorded, subject, period)]
    files = proof_bundle(
        recorded.log, [*opens, *indexes, *others], _find_anchors(recorded), after=after, parts=manifests
    )
    files |= explain_proof(files)
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        archive.comment = AUTHOR.encode()
        for name, data in sorted(files.items()):
            archive.writestr(ZipInfo(name), data, ZIP_DEFLATED)
    return content.getvalue()


def _read_others(recorded: Recorded, subject: str, period: str) -> Iterator[LogEntry]:
    """Objections to decisions about the subject in the period, their answers, and the erasures of the subject."""
    for entry in recorded.log.about(subject):
        if entry.kind == ERASURE or (entry.kind in {OBJECTION, ANSWER} and entry.period == period):
            yield entry


def _find_anchors(recorded: Recorded) -> list[int]:
    """How many entries the record had after each step: of these a reader may hold a checkpoint."""
    if not recorded.people.is_single:
        return recorded.people.sizes
    others = read_outside_runs(recorded.log)
    return [*(run.stop for run in recorded.runs), *(entry.index + 1 for entry in others)]


def _find_first(entries: Sequence[LogEntry]) -> int | None:
    """The first decision about the subject: what follows it in the record may take its place."""
    return min((entry.index for entry in entries if entry.kind in {DECISION, WITHDRAWAL}), default=None)
