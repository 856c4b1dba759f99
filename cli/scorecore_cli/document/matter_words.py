"""Matters with stages in words: their stages and deadlines, and what a rule reads of them."""

from collections.abc import Iterator

from scorecore.program.schema import Clock, EventTable, Stage
from scorecore_cli.document.model import Article, Grid
from scorecore_cli.document.rule_words import RuleWords, join_words
from scorecore_cli.language import _


def describe_matters(words: RuleWords) -> Iterator[Article]:
    """The stages and the deadlines of each table that has them."""
    for table in words.program.schema.events:
        if table.stages:
            yield from _describe_matter(table, words)


def _describe_matter(table: EventTable, words: RuleWords) -> Iterator[Article]:
    title = _("Stages of {table}", table=table.label or table.name)
    sentence = _("It begins with “{stage}”.", stage=words.name_column(table.name, table.stages[0].name))
    headings = (_("stage"), _("who has it"), _("what may follow"), _("evidence"), _("clause"))
    rows = tuple(_list_stage(stage, table, words) for stage in table.stages)
    yield Article(f"matters.{table.name}", title, (sentence,), table.authority, Grid(headings, rows))
    for clock in table.clocks:
        label = clock.label or clock.name
        sentences = tuple(_describe_clock(clock, table, words))
        yield Article(f"matters.{table.name}.{clock.name}", label, sentences, clock.authority)


def _list_stage(stage: Stage, table: EventTable, words: RuleWords) -> tuple[str, ...]:
    following = [later.name for later in table.stages if stage.name in later.after]
    names = [join_words(words.name_column(table.name, name) for name in part) for part in (following, stage.evidence)]
    return (words.name_column(table.name, stage.name), stage.owner, *names, stage.authority)


def _describe_clock(clock: Clock, table: EventTable, words: RuleWords) -> Iterator[str]:
    since = words.name_column(table.name, clock.since)
    stops = " / ".join(words.name_column(table.name, name) for name in clock.to)
    limit = "" if clock.latest is None else words.describe(clock.latest)
    calendar = next((each.label or each.name for each in words.program.calendars if each.name == clock.calendar), "")
    if clock.when is not None:
        yield _("Only if: {rule}.", rule=words.describe(clock.when))
    params = {"since": since, "stops": stops, "limit": limit, "calendar": calendar}
    yield {
        "": _("After “{since}”, at the latest on {limit}: {stops}.", **params),
        "hours": _("Within {limit} hours after “{since}”: {stops}.", **params),
        "workhours": _("Within {limit} working hours ({calendar}) after “{since}”: {stops}.", **params),
        "days": _("Within {limit} days after “{since}”, that day not counted: {stops}.", **params),
        "workdays": _(
            "Within {limit} working days ({calendar}) after “{since}”, that day not counted: {stops}.", **params
        ),
    }[clock.counts]
    if clock.earliest is not None:
        yield _("What comes before {limit} does not count.", limit=words.describe(clock.earliest))
    yield _("It counts in the period in which it ends; while it is running, the next period takes it over.")
    if clock.escalate:
        yield _("When it has passed: {action}.", action=clock.escalate)
