"""`scorecore verify`: whether a record is what was signed."""

import sys
from pathlib import Path

import rich_click as click
from attrs import evolve

from scorecore.record.check import check_runs
from scorecore.record.log.verify import VerificationReport
from scorecore.record.log.verify import verify as verified
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import t
from scorecore_cli.payroll_view import Asked, Paid, compared
from scorecore_cli.record_file import ledger, reading, refused
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    show_diagnostics,
    show_json,
)


@click.command(cls=options.Command)
@ledger
@options.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere, as scorecore log --checkpoint printed it.",
)
@options.option(
    "--against",
    "payroll",
    type=click.Path(exists=True, path_type=Path),
    help="A payroll: whether it pays everybody what the record says, and nobody else.",
)
@options.option("--period", default="", help="The period of the payroll, where it has no column with it.")
@options.option("--id", "policy_id", default="", help="The id of the policy, where several pay.")
@options.option("--amount", default="", help="The heading of the amounts, where they are not headed to_pay or net pay.")
@options.option("--run", "number", type=int, help="The run that is paid, such as a correction that is paid apart.")
@options.encoding
@options.as_json
@options.lang
def verify(  # noqa: PLR0913, PLR0917  what the command line names
    ledger: Path,
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
    """Say whether a record is what was signed: every entry, payload and part, and that it continues the anchor."""
    text = None if anchor is None else anchor.read_text(encoding="utf-8", errors="replace")
    found = verified(ledger, anchor=text)
    paid: Paid | None = None
    if found.sound:
        with reading(ledger) as log:
            recorded = refused(Recorded.read, log)
            diagnostics = refused(lambda: list(check_runs(recorded)))
            paid = compared(recorded, Asked(payroll, period, policy_id, amount, number, encoding)) if payroll else None
        found = evolve(found, diagnostics=(*found.diagnostics, *diagnostics, *(paid.diagnostics if paid else ())))
    if as_json:
        counts = {"entries": found.entries, "payloads": found.payloads, "erased": found.erased, "parts": found.parts}
        counts |= {"paid": paid.people} if paid else {}
        show_json({**counts, "sound": found.sound, "problems": list(map(diagnostic_data, found.diagnostics))})
    else:
        screen = console()
        show_diagnostics(found.diagnostics, {}, screen)
        screen.print(
            t(
                "entries {entries}; payloads opened {payloads}, erased {erased}; parts {parts}",
                entries=found.entries,
                payloads=found.payloads,
                erased=found.erased,
                parts=found.parts,
            )
        )
        screen.print(_conclusion(found, paid))
    sys.exit(not found.sound)


def _conclusion(found: VerificationReport, paid: Paid | None) -> str:
    """What is to be thought of a record and a payroll, and what to do."""
    if not found.verified:
        return t("the record was not verified")
    if paid is None:
        changed = t("the record is NOT what was signed: keep the file as evidence, and go on with a copy that verifies")
        return t("the record is sound") if found.sound else changed
    if found.sound:
        return t("the record is sound, and the payroll pays {count} people by it", count=paid.people)
    return t("the record is sound, and the payroll differs from it: mend the payroll, or correct the record")
