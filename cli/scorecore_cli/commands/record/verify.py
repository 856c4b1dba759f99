"""`scorecore record verify`: whether a record is what was signed."""

import sys
from pathlib import Path
from typing import Final

import rich_click as click
from attrs import evolve, frozen

from scorecore.diagnostics.diagnostic import RecordRejected
from scorecore.record.check import check_runs
from scorecore.record.log.verify import VerificationReport
from scorecore.record.log.verify import verify as verify_record
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import _, join_sentences, ngettext
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.payroll_view import PayrollComparison, PayrollRequest, check_payroll_file
from scorecore_cli.record_file import anchor_option, open_record, record_argument, stop_if_rejected
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
)

_NOT_ANCHORED: Final = 3
"""The exit code for a record of which nobody can say whether its end was cut off."""


@click.command(cls=options.Command)
@record_argument
@anchor_option
@options.option(
    "--against",
    "payroll",
    type=PathParameter(exists=True),
    help="A payroll to compare: it must pay everyone what the record says, and nobody else.",
)
@options.option("--period", default="", help="The period of the payroll, if no column has it.")
@options.option("--id", "policy_id", default="", help="The id of the policy, if more than one pays.")
@options.option("--amount", default="", help="The heading of the amounts, if it is not to_pay or net pay.")
@options.option("--run", "number", type=int, help="The run that is paid, such as a correction that is paid apart.")
@options.encoding
@options.as_json
@options.lang
def verify(  # noqa: PLR0913, PLR0917  what the command line names
    record_path: Path,
    anchor: Path | None,
    payroll: Path | None,
    period: str,
    policy_id: str,
    amount: str,
    number: int | None,
    encoding: str,
    *,
    as_json: bool,
) -> None:
    """Check that a record is what was signed: every entry, payload and part, and that it continues the anchor.

    Exit code 3: it is consistent, but no anchor shows that nothing was cut off or replaced.
    """
    request = PayrollRequest(payroll, period, policy_id, amount, number, encoding) if payroll else None
    verified = _verify(record_path, anchor, request)
    report = verified.report
    if as_json:
        show_json(_data(verified))
    else:
        _show(verified)
    sys.exit(0 if report.sound and report.anchored else _NOT_ANCHORED if report.sound else 1)


@frozen
class _Verified:
    """What was found of a record, and of a payroll if there is one."""

    report: VerificationReport
    comparison: PayrollComparison | None = None
    keepers: tuple[str, ...] | None = None
    """The operators by their names; none of them for a single operator, and None where that is not known."""
    is_misused: bool = False
    """Whether it is what was signed, but somebody did what they may not."""


def _verify(record_path: Path, anchor: Path | None, request: PayrollRequest | None) -> _Verified:
    """What is wrong with a record, and with the payroll if there is one and the record is sound."""
    checkpoint = None if anchor is None else anchor.read_text(encoding="utf-8", errors="replace")
    report = verify_record(record_path, anchor=checkpoint)
    if not report.sound:
        return _Verified(report)
    with open_record(record_path, is_evidence=True) as log:
        try:
            recorded = Recorded.read(log)
        except RecordRejected as rejected:
            report = evolve(report, diagnostics=(*report.diagnostics, *rejected.diagnostics))
            return _Verified(report, is_misused=True)
        diagnostics = stop_if_rejected(lambda: tuple(check_runs(recorded)))
        comparison = check_payroll_file(recorded, request) if request else None
    diagnostics += comparison.diagnostics if comparison else ()
    report = evolve(report, diagnostics=(*report.diagnostics, *diagnostics))
    return _Verified(report, comparison, tuple(recorded.people.operators.by_name))


def _data(verified: _Verified) -> dict[str, object]:
    report, comparison = verified.report, verified.comparison
    keepers = {} if verified.keepers is None else {"operators": list(verified.keepers)}
    return {
        "entries": report.entries,
        "payloads": report.payloads,
        "erased": report.erased,
        "parts": report.parts,
        **({"paid": comparison.people} if comparison else {}),
        **keepers,
        "sound": report.sound,
        "anchored": report.anchored,
        "problems": list(map(diagnostic_data, report.diagnostics)),
    }


def _show(verified: _Verified) -> None:
    screen, report = console(), verified.report
    show_diagnostics(report.diagnostics, {}, screen)
    screen.print(
        _(
            "entries {entries}; payloads opened {payloads}, erased {erased}; parts {parts}",
            entries=report.entries,
            payloads=report.payloads,
            erased=report.erased,
            parts=report.parts,
        )
    )
    if verified.keepers is not None:
        screen.print(_name_keepers(verified.keepers))
    screen.print(_conclusion(verified))


def _name_keepers(keepers: tuple[str, ...]) -> str:
    if not keepers:
        return _("kept by a single operator: every run is in force as soon as it is recorded")
    return _("kept by {names}: a run is in force once another of them has approved it", names=", ".join(keepers))


def _conclusion(verified: _Verified) -> str:
    """What is to be thought of a record and a payroll, and what to do."""
    report, comparison = verified.report, verified.comparison
    if verified.is_misused:
        return _("the record is what was signed, but somebody did what they may not: keep the file as evidence")
    if not report.verified:
        return _("the record was not verified")
    if comparison is None:
        changed = _(
            "the record is NOT what was signed: keep the file as evidence, and continue with a copy that verifies"
        )
        return _soundness(report) if report.sound else changed
    if not report.sound:
        return _("the payroll differs from the record: correct the payroll, or correct the record")
    paid = ngettext(
        "the payroll pays {count} person what the record says",
        "the payroll pays {count} people what the record says",
        comparison.people,
    )
    partial = ngettext(
        "{count} of them only in part, because a pay line is held",
        "{count} of them only in part, because pay lines are held",
        comparison.partial,
    )
    return join_sentences([paid, *([partial] if comparison.partial else []), _soundness(report)])


def _soundness(report: VerificationReport) -> str:
    return _("the record is sound") if report.anchored else _("the record is consistent, not anchored")
