"""`scorecore record approve` and `record return`: what becomes of a run that another operator has proposed."""

from pathlib import Path
from typing import Final

import rich_click as click

from scorecore.record.people import acts
from scorecore.record.people.adoptions import Adoption
from scorecore.record.people.proposals import Proposal
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import _, ngettext
from scorecore_cli.operator_key import as_option
from scorecore_cli.proposal_view import describe_runs, show_proposal
from scorecore_cli.record_file import (
    anchor_option,
    key_option,
    now,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.terminal import console

run_option: Final = options.option(
    "--run", "number", type=click.IntRange(min=1), required=True, help="The number of the run."
)


@click.command(cls=options.Command)
@record_argument
@options.option("--run", "number", type=click.IntRange(min=1), help="The number of the run.")
@options.option("--adoption", type=click.IntRange(min=1), help="Approve a policy: the entry that adopts it.")
@as_option
@key_option
@anchor_option
@options.lang
def approve(
    record_path: Path,
    number: int | None,
    adoption: int | None,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Approve a run that another operator has recorded: it is in force from then on, and later runs build on it.

    The run is decided again first, and approved only if the results are the same. With --adoption, approve a policy.
    """
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        if number is None and adoption is not None:
            stop_if_rejected(acts.approve_adoption, recorded, adoption, now=now())
            console().print(_describe_adoption(stop_if_rejected(Recorded.read, log).people.adoptions[adoption]))
            return
        if number is None or adoption is not None:
            raise click.UsageError(_("say what is approved: --run, or --adoption"))
        proposal = stop_if_rejected(acts.find_waiting, recorded, number)
        stop_if_rejected(show_proposal, recorded, proposal)
        stop_if_rejected(acts.approve, recorded, number, now=now())
        approved = stop_if_rejected(Recorded.read, log).people.proposal(number)
    console().print(_describe_approval(approved or proposal))


@click.command("return", cls=options.Command)
@record_argument
@run_option
@options.option("--reason", required=True, help="The reason, which everyone can read; do not name anyone.")
@as_option
@key_option
@anchor_option
@options.lang
def send_back(
    record_path: Path, number: int, reason: str, operator: Path | None, key: Path | None, anchor: Path | None
) -> None:
    """Send back a run that is waiting for approval, with a reason; its period is open again."""
    if not reason.strip():
        raise click.UsageError(_("--reason is empty"))
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        proposal = stop_if_rejected(acts.find_waiting, recorded, number)
        stop_if_rejected(acts.send_back, recorded, number, reason, now=now())
    console().print(_("{runs} was sent back: nothing is built on it", runs=describe_runs(proposal)))


def _describe_adoption(adoption: Adoption) -> str:
    if not adoption.is_in_force:
        return _describe_missing(adoption.missing)
    return _("{policy} is adopted from {period} on", policy=adoption.policy, period=adoption.first)


def _describe_missing(count: int) -> str:
    return ngettext(
        "approved; {count} more operator must approve it", "approved; {count} more operators must approve it", count
    )


def _describe_approval(proposal: Proposal) -> str:
    if proposal.is_waiting:
        return _describe_missing(proposal.missing)
    return _("{runs} is approved, and in force from now on", runs=describe_runs(proposal))
