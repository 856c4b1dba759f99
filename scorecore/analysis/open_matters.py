"""Which matters of a subject are not finished at the end of a period, and who has them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from attrs import frozen

from scorecore.analysis.formula_inputs import event_key
from scorecore.facts.model import SubjectFacts
from scorecore.program.model import Program
from scorecore.program.schema import EventTable
from scorecore.values.period import Period
from scorecore.values.unknown import Maybe, Unknown


@frozen
class OpenMatter:
    """A matter that the next period takes over."""

    table: str
    """The label of its table."""
    key: str
    """What its table identifies it by."""
    stage: str
    """The label of the stage that it is in."""
    since: date
    """When it came into this stage."""
    owner: str
    """Who has it now."""
    missing: tuple[str, ...]
    """The labels of the deadlines that have begun and are not kept yet, passed or not."""


def list_open_matters(program: Program, facts: SubjectFacts, period: Period) -> Iterator[OpenMatter]:
    """The open matters of a subject, in the order of their keys; not those of which a stage is unknown."""
    for table in program.schema.events:
        rows = facts.rows.get(table.name, ()) if table.stages else ()
        for row in () if isinstance(rows, Unknown) else rows:
            matter = _describe(table, row, period.end)
            if matter:
                yield matter


def _describe(table: EventTable, row: Mapping[str, Maybe | None], end: date) -> OpenMatter | None:
    moments = {stage.name: row[stage.name] for stage in table.stages}
    if any(isinstance(moment, Unknown) for moment in moments.values()):
        return None
    reached = {name: moment for name, moment in moments.items() if isinstance(moment, date) and _day(moment) <= end}
    if table.stages[0].name not in reached:
        return None
    stage = [stage for stage in table.stages if stage.name in reached][-1]
    if stage.ends:
        return None
    labels = {column.name: column.label or column.name for column in table.columns}
    missing = [
        clock.label or clock.name
        for clock in table.clocks
        if clock.since in reached and reached.keys().isdisjoint(clock.to)
    ]
    since = reached[stage.name]
    key = event_key(table, row)
    return OpenMatter(table.label or table.name, key, labels[stage.name], since, stage.owner, tuple(missing))


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
