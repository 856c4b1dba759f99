"""`scorecore record approval`: who approves what, how many of them, and from which amount on."""

from pathlib import Path
from typing import Any

import rich_click as click
import tomli

from scorecore.record.people import acts
from scorecore.record.people.approval_rules import ApprovalRule
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.bounded_file import read_bounded
from scorecore_cli.language import _, ngettext
from scorecore_cli.operator_key import as_option
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.record_file import (
    anchor_option,
    key_option,
    now,
    open_record,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.terminal import console, table


@click.command(cls=options.Command)
@record_argument
@options.option(
    "--set",
    "rules_path",
    type=PathParameter(exists=True, dir_okay=False),
    help="A TOML file with the rules for what is proposed from now on: tables [[approval]].",
)
@options.option("--reason", default="", help="The reason, which everyone can read.")
@as_option
@key_option
@anchor_option
@options.lang
def approval(
    record_path: Path,
    rules_path: Path | None,
    reason: str,
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Show who approves what; with --set an administrator changes it. Without rules any one approver is enough."""
    if rules_path is None:
        with open_record(record_path, anchor) as log:
            _show(stop_if_rejected(Recorded.read, log))
        return
    rules = _read(rules_path)
    with open_record_to_write(record_path, key, anchor, operator) as log:
        stop_if_rejected(acts.set_rules, stop_if_rejected(Recorded.read, log), rules, now=now(), reason=reason)
        _show(stop_if_rejected(Recorded.read, log))


def _read(path: Path) -> Any:  # noqa: ANN401  plain data
    """The rules of a file; ends the command where it is not TOML, or has something else."""
    try:
        data = tomli.loads(read_bounded(path).decode())
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(_("{path} is not TOML: {error}", path=path, error=error)) from None
    if data.keys() != {"approval"}:
        raise click.UsageError(_("{path} must have tables [[approval]], and nothing else", path=path))
    return data["approval"]


def _show(recorded: Recorded) -> None:
    people = recorded.people
    if people.is_single:
        console().print(_("the record is kept by a single operator, and nobody approves what is run"))
        return
    if not people.rules:
        console().print(_("one approver approves each run and each policy, and not what they recorded"))
        return
    shown = table(_("rule"), _("what"), _("policy"), _("from"), _("approvals"), _("by"), right=(0, 4))
    for number, rule in enumerate(people.rules, 1):
        what, by = ", ".join(map(_name, rule.what)), ", ".join(rule.by) or _("any approver")
        shown.add_row(str(number), what, rule.policy or _("every policy"), _from(rule), str(rule.approvals), by)
    console().print(shown)
    waiting = sum(proposal.rules_then != people.rules for proposal in people.waiting)
    if waiting:
        message = ngettext(
            "{count} run that waits keeps the rules that it was recorded under",
            "{count} runs that wait keep the rules that they were recorded under",
            waiting,
        )
        console().print(message)


def _name(what: str) -> str:
    return {"run": _("run"), "correction": _("correction"), "policy": _("policy")}[what]


def _from(rule: ApprovalRule) -> str:
    """The amounts from which on a rule applies."""
    total = _("{amount} in all", amount=rule.total_from) if rule.total_from is not None else ""
    person = _("{amount} for one person", amount=rule.person_from) if rule.person_from is not None else ""
    return ", ".join(filter(None, (total, person)))
