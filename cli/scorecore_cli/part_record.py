"""What was decided in parts becomes one run of a record, with one close: all or nothing, and once, whatever crashes.

A crash while the run is appended leaves the record as it was. After it is appended the index of the parts may not know
yet; so the run that follows what the record had when the parts were decided is compared with them, payload by payload.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from itertools import zip_longest
from pathlib import Path
from shutil import rmtree
from typing import Final

import polars as pl
import rich_click as click
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import NET
from scorecore.facts.model import ROW
from scorecore.io.own_files import write_tables_beside
from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import Adjustment, read_adjustments
from scorecore.record.corrections.payroll import (
    ADJUSTMENT,
    TO_PAY,
    adjustments_table,
    build_payroll,
    format_amount,
)
from scorecore.record.record_run import Signed
from scorecore.record.runs.manifest import RUN, TRIAL, Run
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import RunDecisions
from scorecore.record.runs.runs import read_payloads as read_recorded_payloads
from scorecore.values.ratio import EXACT
from scorecore_cli.assessment_input import Assessment
from scorecore_cli.language import _
from scorecore_cli.part_index import PartIndex
from scorecore_cli.part_payloads import PAYROLL, UNRECORDED, PayloadsChanged, get_payload_folder, read_payloads
from scorecore_cli.record_file import Recording, stop_if_rejected

_PAYROLL: Final = "payroll"
_ADJUSTMENTS: Final = "adjustments"
_RECORDED: Final = "recorded"
"""The folder with what was not recorded, once it is."""


def describe_record(recorded: Recorded | None) -> str:
    """What a record has, as the index of parts has it: its name, how many entries, and their root."""
    return "" if recorded is None else recorded.log.checkpoint(recorded.size).text


def find_run_of_parts(out: Path, recorded: Recorded | None, *, is_trial: bool) -> Run | None:
    """The run as which the parts of a folder were recorded; None if they were not."""
    index = PartIndex.find(out)
    if recorded is None or index is None or not index.is_complete or not index.run.get("record"):
        return None
    size = int(index.run["record"].split("\n")[1])
    run = next((run for run in recorded.all_runs if run.start == size), None)
    if run is None or (run.kind == TRIAL) is not is_trial:
        return None
    if stop_if_rejected(recorded.log.checkpoint, size).text != index.run["record"]:
        return None
    is_known = index.recorded == run.number
    return run if is_known or stop_if_rejected(_has_parts, recorded, run, index) else None


def _has_parts(recorded: Recorded, run: Run, index: PartIndex) -> bool:
    """Whether a run has what was decided in parts, and nothing else; what was erased since then is not compared."""
    if (run.policy, run.period) != (index.run["policy"], index.run["period"]):
        return False
    payloads = (payload for _entry, payload in read_recorded_payloads(recorded.log, run, run.decision_kind))
    try:
        pairs = zip_longest(_read_all(index), payloads, fillvalue=b"")
        return all(written is None or (bool(decided) and written == decided[1]) for decided, written in pairs)
    except PayloadsChanged:
        return False


def _read_all(index: PartIndex) -> Iterator[tuple[str, bytes]]:
    """Everybody with the payload, part by part; raises PayloadsChanged."""
    for part in range(index.run["options"]["parts"]):
        yield from read_payloads(get_payload_folder(index.folder, part), index.parts[str(part)]["payloads"])


@frozen(eq=False)
class PartRecord:
    """The parts of a run, and the record that they go to."""

    assessment: Assessment
    recording: Recording
    index: PartIndex

    def record(self) -> Signed:
        """Append the run; ends the command where the record refuses it, or the parts are not what was decided."""
        people, held = self.index.sum("people"), self.index.sum("held")
        counts = {"subjects": people, "decided": people - held, "held": held}
        decisions = RunDecisions(self.assessment.program, self.assessment.period, counts, lambda: _read_all(self.index))
        try:
            signed = self.recording.record(decisions, self.assessment)
        except PayloadsChanged as changed:
            message = _(
                "{path} is not what was decided: delete the folder of the parts, and decide them again", path=changed
            )
            raise click.ClickException(message) from None
        self.index.note_recorded(signed.run)
        return signed

    def read_signed(self, recorded: Recorded, run: Run) -> Signed:
        """What was recorded by a command before; raises OSError where the index cannot be written."""
        self.index.note_recorded(run.number)
        adjustments = stop_if_rejected(lambda: tuple(read_adjustments(recorded, run)))
        state = RUN if run in recorded.runs else run.kind
        return Signed(recorded.log.checkpoint(), adjustments, (), run.number, state)

    def finish(self, signed: Signed, source: Path) -> tuple[Diagnostic, ...]:
        """Write what the run pays, and throw the payloads away; notes who would have to pay. Raises OSError.

        `source` is the file with the subjects.
        """
        notes: tuple[Diagnostic, ...] = ()
        unrecorded, recorded = (self.index.folder / name for name in (UNRECORDED, _RECORDED))
        rmtree(recorded, ignore_errors=True)
        if not unrecorded.exists():
            return notes
        if signed.state == RUN and self.assessment.program.pay:
            payroll = _Payroll.of(self.assessment.program, self.index.folder, signed.adjustments)
            payroll.write(signed.adjustments)
            notes = tuple(payroll.find_odd(source))
        unrecorded.rename(recorded)  # what is half thrown away is not read again
        rmtree(recorded, ignore_errors=True)
        return notes


def find_decided(index: PartIndex, program: Program, adjustments: Sequence[Adjustment]) -> set[str]:
    """Those of earlier periods' adjustments whom the parts decide."""
    subject = program.schema.subject
    owed = {adjustment.subject for adjustment in adjustments}
    decided = pl.scan_parquet(index.folder / "decisions" / "*.parquet").select(subject)
    return set(decided.filter(pl.col(subject).is_in(owed)).collect().to_series())


@frozen(eq=False)
class _Payroll:
    """What everybody is paid for a period, part by part: net pay, and what is owed of earlier periods."""

    program: Program
    folder: Path
    paths: Sequence[Path]
    """The files with the net pay of each part that has people."""
    owed: pl.DataFrame
    """By subject what is owed of earlier periods, in a type that all amounts fit into."""

    @classmethod
    def of(cls, program: Program, folder: Path, adjustments: Sequence[Adjustment]) -> _Payroll:
        sums: dict[str, Decimal] = {}
        with localcontext(EXACT):
            for adjustment in adjustments:
                sums[adjustment.subject] = sums.get(adjustment.subject, Decimal(0)) + adjustment.effect
        rows = [(subject, Decimal(0), amount) for subject, amount in sorted(sums.items())]
        owed = build_payroll(program, "", rows, None)
        paths = sorted((folder / UNRECORDED).glob(f"*/{PAYROLL}"))
        types = [owed.schema[NET], *(pl.read_parquet_schema(path)[NET] for path in paths)]
        money = pl.Decimal(38, max(money.scale for money in types if isinstance(money, pl.Decimal)))
        return cls(program, folder, paths, owed.select(program.schema.subject, pl.col(ADJUSTMENT).cast(money)))

    def write(self, adjustments: Sequence[Adjustment]) -> None:
        """Write the payroll of each part, and after them those who are only owed something; raises OSError."""
        subject, strangers, last = self.program.schema.subject, self.owed, pl.DataFrame()
        for path in self.paths:
            last = self._read(path).drop(ROW)
            strangers = strangers.join(last, on=subject, how="anti", maintain_order="left")
            self._write(_PAYROLL, path.parent.name, last)
        if len(strangers):
            owed = pl.col(ADJUSTMENT)
            unpaid = strangers.with_columns(
                pl.lit(last["period"][0]).alias("period"), (owed - owed).alias(NET), owed.alias(TO_PAY)
            )
            self._write(_PAYROLL, "strangers", pl.concat([last.clear(), unpaid], how="diagonal"))
        self._write(_ADJUSTMENTS, f"{0:05}", adjustments_table(self.program, adjustments))

    def find_odd(self, source: Path) -> Iterator[Diagnostic]:
        """A note for each person who would have to pay because of corrections of earlier periods."""
        for path in self.paths if len(self.owed) else ():
            would_pay = self._read(path).filter(pl.col(ADJUSTMENT) != 0, pl.col(TO_PAY) < 0)
            for subject, to_pay, row in would_pay.select(self.program.schema.subject, TO_PAY, ROW).iter_rows():
                params = {"id": subject, "amount": format_amount(to_pay)}
                yield Diagnostic(catalogue.TO_PAY_NEGATIVE, Location(str(source), row, 0), params)

    def _read(self, path: Path) -> pl.DataFrame:
        """Those of a part, with their rows in the facts."""
        money = self.owed.schema[ADJUSTMENT]
        net = pl.read_parquet(path).drop(ADJUSTMENT, TO_PAY).with_columns(pl.col(NET).cast(money))
        joined = net.join(self.owed, on=self.program.schema.subject, how="left", maintain_order="left")
        adjusted = joined.with_columns(pl.col(ADJUSTMENT).fill_null(pl.lit(Decimal(0)).cast(money)))
        return adjusted.with_columns((pl.col(NET) + pl.col(ADJUSTMENT)).cast(money).alias(TO_PAY))

    def _write(self, table: str, name: str, frame: pl.DataFrame) -> None:
        folder = self.folder / table
        folder.mkdir(exist_ok=True)
        write_tables_beside(folder, {f"{name}.parquet": frame.write_parquet}, is_listed=False)
