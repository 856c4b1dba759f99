"""What waits for approval, and what became of it, as people read it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from scorecore.evaluate.decisions import NET
from scorecore.record.log.signatures import Actor
from scorecore.record.people.acts import Waiting
from scorecore.record.people.adoptions import Adoption
from scorecore.record.people.people import People
from scorecore.record.people.proposals import Proposal, ProposalState
from scorecore.record.runs.manifest import RUN, TRIAL, Run
from scorecore.record.runs.recorded import Recorded
from scorecore_cli.language import _
from scorecore_cli.terminal import console, format_instant, table


def describe_state(people: People, run: Run) -> str:
    """What a run is: in force and by whom, waiting, returned, replaced, or a trial."""
    if run.kind == RUN:
        return ""
    if run.kind == TRIAL:
        return _("trial")
    proposal = people.proposal(run.number)
    if proposal is None or proposal.is_waiting:
        return _("waiting for approval")
    if proposal.state is ProposalState.RETURNED:
        who = "" if proposal.settled_by is None else describe_actor(proposal.settled_by)
        return _("returned by {who}: {reason}", who=who, reason=proposal.reason)
    if proposal.state is ProposalState.REPLACED:
        return _("replaced")
    return _("approved by {who}", who=", ".join(describe_actor(approval.actor) for approval in proposal.approvals))


def describe_runs(proposal: Proposal) -> str:
    """The runs of a proposal by their numbers."""
    first, last = proposal.runs[0].number, proposal.runs[-1].number
    return _("run {number}", number=first) if first == last else _("runs {first} to {last}", first=first, last=last)


def describe_maker(people: People, entry: int) -> str:
    """Who made an entry; empty where a single operator keeps the record."""
    maker = people.maker(entry)
    return "" if maker is None else describe_actor(maker)


def describe_actor(actor: Actor) -> str:
    """An operator, or an account with the operator who signed for it."""
    if actor.account:
        return _("{account}, signed for by {operator}", account=actor.account, operator=actor.operator)
    return actor.operator


def show_proposal(recorded: Recorded, proposal: Proposal) -> None:
    """What is to be approved: how many people, how many held, and what is paid in all."""
    headings = (_("run"), _("period"), _("policy"), _("subjects"), _("held"), _("corrects"), _("net pay"), _("reason"))
    shown = table(*headings, right=(0, 3, 4, 5, 6))
    for run in proposal.runs:
        net = [
            Decimal(payload.result["values"][NET])
            for _entry, payload in recorded.decisions(run)
            if payload is not None and NET in payload.result["values"]
        ]
        shown.add_row(
            str(run.number),
            run.period,
            run.policy,
            str(run.close["subjects"]),
            str(run.close["held"]),
            str(run.corrects or ""),
            f"{sum(net, Decimal(0)):,.2f}" if net else "",
            run.reason,
        )
    console().print(shown)
    params = {"who": describe_actor(proposal.maker), "at": format_instant(proposal.head.at)}
    console().print(_("recorded by {who} at {at}", **params))


def show_waiting(waiting: Sequence[Waiting]) -> None:
    """What waits for approval, and for whom."""
    for each in waiting:
        head = each.proposal.head
        names = ", ".join(each.may_approve) if each.may_approve else _("nobody: no other operator may approve it")
        message = _(
            "{runs} of {period} is waiting for approval by {names}",
            runs=describe_runs(each.proposal),
            period=head.period,
            names=names,
        )
        console().print(message)


def show_adoptions(adoptions: Iterable[Adoption]) -> None:
    """Policies that were adopted: from when, by whom, and who approved it."""
    for adoption in adoptions:
        author = "" if adoption.maker is None else describe_actor(adoption.maker)
        params = {"entry": adoption.entry, "policy": adoption.policy, "period": adoption.first, "author": author}
        if adoption.maker is None:
            console().print(_("entry {entry}: {policy} is adopted from {period} on", **params))
        elif not adoption.is_in_force:
            console().print(
                _("entry {entry}: {policy}, adopted from {period} on by {author}, is waiting for approval", **params)
            )
        else:
            who = ", ".join(describe_actor(approval.actor) for approval in adoption.approvals)
            message = _(
                "entry {entry}: {policy} is adopted from {period} on by {author}, approved by {who}", who=who, **params
            )
            console().print(message)


def adoptions_data(adoptions: Iterable[Adoption]) -> list[dict[str, Any]]:
    """The same as plain data."""
    return [
        {
            "entry": adoption.entry,
            "policy": adoption.policy,
            "program": adoption.program,
            "first": adoption.first,
            "by": str(adoption.maker or ""),
            "approved_by": ", ".join(str(approval.actor) for approval in adoption.approvals),
            "in_force": adoption.is_in_force,
        }
        for adoption in adoptions
    ]


def waiting_data(waiting: Sequence[Waiting]) -> list[dict[str, Any]]:
    """The same as plain data."""
    return [
        {
            "runs": [run.number for run in each.proposal.runs],
            "period": each.proposal.head.period,
            "policy": each.proposal.head.policy,
            "by": str(each.proposal.maker),
            "may_approve": list(each.may_approve),
        }
        for each in waiting
    ]


def run_state_data(recorded: Recorded, run: Run) -> dict[str, Any]:
    """Who recorded a run, what it is, and who approved it; nothing where a single operator keeps the record."""
    if run.kind == RUN:
        return {}
    proposal = recorded.people.proposal(run.number)
    return {
        "by": str(recorded.people.maker(run.start)),
        "state": run.kind if proposal is None else proposal.state.value,
        "approved_by": [str(approval.actor) for approval in run.approvals],
    }
