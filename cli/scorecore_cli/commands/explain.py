"""`scorecore explain`: the ledgers of one person."""

import sys
from pathlib import Path

import rich_click as click

from scorecore import explain as explaining
from scorecore.chain import Chain
from scorecore.facts.records import records
from scorecore.problems import hint
from scorecore.rows.compiled import Decider
from scorecore_cli import options
from scorecore_cli.decide import prepare, stop
from scorecore_cli.language import several, t
from scorecore_cli.sheets import explanation_data, show_markdown, show_text
from scorecore_cli.terminal import show_json


@click.command(cls=options.Command)
@options.policy
@options.facts
@options.period
@options.option("--person", "subject", required=True, help="The id of the person, or whatever the policy is about.")
@options.history
@options.option(
    "--format",
    "shape",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="For reading, for a document, or for a program.",
)
@options.parents
@options.encoding
@options.lang
def explain(  # noqa: PLR0913, PLR0917  what the command line names
    policy: Path,
    facts: Path,
    period: str,
    subject: str,
    history: Path | None,
    shape: str,
    parents: tuple[Path, ...],
    encoding: str,
) -> None:
    """Show why: the points ledger and the pay ledger of one person, with events, formulas and clauses."""
    task = prepare(policy, facts, period, history, parents, encoding)
    known = Chain(task.program, task.used).facts(task.period, task.raw, task.problems)
    if known is None:
        stop(tuple(task.problems), {})
    number = known.ids.index_of(subject)
    if number is None:
        near = hint(subject, known.ids.to_list()).get("nearest")
        message = t("there is no {id} in {period}", id=subject, period=task.period)
        raise click.UsageError(several([message, t("did you mean `{nearest}`?", nearest=near)]) if near else message)
    decider = Decider.of(task.program, task.period)
    company = range(len(known)) if task.program.grouped else [number]  # a group is always decided complete
    record = next(one for one in decider.company(records(task.program, known, company)) if one.subject == subject)
    found = explaining.explain(task.program, decider, record)
    if shape == "json":
        show_json(explanation_data(found))
    elif shape == "markdown":
        show_markdown(found)
    else:
        show_text(found)
    sys.exit(found.is_held)
