"""`scorecore record dashboard`: what a record has of a policy over the months, as a page."""

from pathlib import Path

import rich_click as click

from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.language import _, ngettext
from scorecore_cli.output_path import OutputPath
from scorecore_cli.record_dashboard import build_dashboard
from scorecore_cli.record_file import anchor_option, open_record, record_argument, stop_if_rejected
from scorecore_cli.report_page import write_report_page
from scorecore_cli.table_output import PAGE_ENDINGS, try_file
from scorecore_cli.terminal import console
from scorecore_cli.usage import unknown_name


@click.command(cls=options.Command)
@record_argument
@options.option("--html", type=OutputPath(), required=True, help="The page to write.")
@options.option("--id", "policy_id", help="The id of the policy, if the record has more than one.")
@options.option("--from", "first", metavar="PERIOD", help="The first period; by default the first of the record.")
@options.option("--to", "last", metavar="PERIOD", help="The last period; by default the last of the record.")
@anchor_option
@options.force
@options.lang
def dashboard(
    record_path: Path,
    html: Path,
    policy_id: str | None,
    first: str | None,
    last: str | None,
    anchor: Path | None,
    *,
    force: bool,
) -> None:
    """Write a page that follows a policy over the months: grades and pay by branch, points gained and lost, who moved.

    It shows what is in force, with all corrections, for everybody except people who were erased.
    """
    try_file(html, PAGE_ENDINGS, force=force)
    with open_record(record_path, anchor) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        policy = _choose_policy(recorded, policy_id)
        labels = [label for label in recorded.periods(policy) if (first or label) <= label <= (last or label)]
        if not labels:
            periods = ", ".join(recorded.periods(policy))
            raise click.UsageError(_("the record has no such period; there are {known}", known=periods))
        report = stop_if_rejected(build_dashboard, recorded, policy, labels)
    write_report_page(report, html)
    message = ngettext(
        "{count} period, written to {path}", "{count} periods, written to {path}", len(labels), path=html
    )
    console().print(message)


def _choose_policy(recorded: Recorded, policy_id: str | None) -> str:
    policies = sorted({run.id for run in recorded.runs})
    if not policies:
        raise click.UsageError(_("nothing is in force in this record"))
    if policy_id is None:
        if len(policies) > 1:
            raise click.UsageError(_("choose a policy with --id: {ids}", ids=", ".join(policies)))
        return policies[0]
    if policy_id not in policies:
        message = _("the record has no policy {id}; it has {ids}", id=policy_id, ids=", ".join(policies))
        raise unknown_name(message, policy_id, policies)
    return policy_id
