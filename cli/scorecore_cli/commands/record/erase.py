"""`scorecore record erase`: destroy what a record has of a person; the record still verifies."""

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import rich_click as click

from scorecore.record.corrections.adjustments import find_owed
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.labels import labeller
from scorecore_cli.language import _
from scorecore_cli.operator_key import as_option
from scorecore_cli.record_file import (
    anchor_option,
    describe_absence,
    key_option,
    now,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@record_argument
@options.option("--person", "subject", required=True, help="The id of the person, or of whatever the policy assesses.")
@options.option("--reason", required=True, help="The reason, which everyone can read; do not name anyone.")
@options.option("--anyway", is_flag=True, help="Erase even what is still owed, or carried over.")
@as_option
@key_option
@anchor_option
@options.lang
def erase(
    record_path: Path,
    subject: str,
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
    *,
    anyway: bool,
) -> None:
    """Destroy the key and the payloads of a person, and say so in the record. This cannot be taken back."""
    if not reason.strip():
        raise click.UsageError(_("--reason is empty"))
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        lost = stop_if_rejected(lambda: list(_lost(recorded, subject)))
        if lost and not anyway:
            for line in lost:
                console().print(line)
            console().print(_("nothing was erased: this would be lost; --anyway erases it regardless"))
            sys.exit(1)
        try:
            stop_if_rejected(log.erase, subject, now=now(), reason=reason)
        except LookupError:
            raise click.UsageError(describe_absence(log, subject)) from None
    console().print(_("erased; the record still verifies, and a replay says that it was erased"))


def _lost(recorded: Recorded, subject: str) -> Iterator[str]:
    """What is still to be paid to somebody, and the balances of the last decision."""
    for policy in dict.fromkeys(run.id for run in recorded.runs):
        for adjustment in find_owed(recorded, policy):
            if adjustment.subject == subject:
                params = {"policy": policy, "period": adjustment.period, "amount": f"{abs(adjustment.effect):,.2f}"}
                if adjustment.effect < 0:
                    yield _("{policy} still has to take back {amount} of {period}", **params)
                else:
                    yield _("{policy} still has to pay {amount} of {period}", **params)
        periods = reversed(recorded.periods(policy))
        standing_decisions = (
            standing for period in periods for standing in recorded.standing(policy, period, subject).values()
        )
        last = next(standing_decisions, None)
        if last is None or last.payload is None:
            continue
        program, values = recorded.program(last.run), last.payload.result["values"]
        for carry in program.carries:
            if Decimal(values.get(carry.closes, 0)):
                label = labeller(program)(f"carry.{carry.name}")
                params = {"policy": policy, "period": last.run.period, "name": label, "amount": values[carry.closes]}
                yield _("{policy} carries over {name} {amount} from {period}", **params)
