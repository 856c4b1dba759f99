"""`scorecore erase`: destroy what a record has of a person; the record still verifies."""

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import rich_click as click

from scorecore.record.corrections.adjustments import find_owed
from scorecore.record.log.entries import ERASURE
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.labels import labeller
from scorecore_cli.language import t
from scorecore_cli.record_file import (
    key_file,
    ledger,
    now,
    refused,
    writing,
)
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@ledger
@options.option("--person", "subject", required=True, help="The id of the person, or whatever the policy is about.")
@options.option("--reason", required=True, help="Why, for everyone to read; name nobody.")
@options.option("--anyway", is_flag=True, help="Erase even what is still owed, or carried over.")
@key_file
@options.lang
def erase(ledger: Path, subject: str, reason: str, key: Path | None, *, anyway: bool) -> None:
    """Destroy the key and the payloads of a person, and say so in the record. This cannot be taken back."""
    if not reason.strip():
        raise click.UsageError(t("--reason is empty"))
    with writing(ledger, key) as log:
        recorded = refused(Recorded.read, log)
        lost = refused(lambda: list(_lost(recorded, subject)))
        if lost and not anyway:
            for line in lost:
                console().print(line)
            console().print(t("nothing was erased: this would be lost; --anyway erases all the same"))
            sys.exit(1)
        try:
            refused(log.erase, subject, now=now(), reason=reason)
        except LookupError:
            name = log.pseudonym(subject)
            erased = any(one.subject == name for one in log.find(kind=ERASURE))
            message = (
                t("{id} was erased before", id=subject)
                if erased
                else t("the record has no decision about {id}", id=subject)
            )
            raise click.UsageError(message) from None
    console().print(t("erased; the record still verifies, and a replay says that it was erased"))


def _lost(recorded: Recorded, subject: str) -> Iterator[str]:
    """What is still to be paid to somebody, and the balances of the last decision."""
    for policy in dict.fromkeys(run.id for run in recorded.runs):
        for one in find_owed(recorded, policy):
            if one.subject == subject:
                params = {"policy": policy, "period": one.period, "amount": f"{one.effect:+,.2f}"}
                yield t("{policy} still has to pay {amount} of {period}", **params)
        periods = reversed(recorded.periods(policy))
        several = (one for period in periods for one in recorded.standing(policy, period, subject).values())
        last = next(several, None)
        if last is None or last.payload is None:
            continue
        program, values = recorded.program(last.run), last.payload.result["values"]
        for carry in program.carries:
            if Decimal(values.get(carry.closes, 0)):
                label = labeller(program)(f"carry.{carry.name}")
                params = {"policy": policy, "period": last.run.period, "name": label, "amount": values[carry.closes]}
                yield t("{policy} carries over {name} {amount} from {period}", **params)
