"""Why not: what was missed, and what would have been enough, as blocks of a page or as plain data."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from scorecore.analysis.counterfactuals import FactChange
from scorecore.analysis.why_not import Missed, WhyNot
from scorecore.io.formats import Block
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn
from scorecore.values.canonical_json import format_decimal
from scorecore.values.types import STRING
from scorecore_cli.explanation_view import format_value
from scorecore_cli.labels import labeller, list_labels, localizer
from scorecore_cli.language import _, join_sentences, ngettext
from scorecore_cli.terminal import diagnostic_data


def why_not_blocks(why_not: WhyNot, program: Program) -> Iterator[Block]:
    """The page: the goal, the thresholds that were missed, and the smallest changes."""
    what = {"subject": why_not.subject, "period": why_not.period, "goal": why_not.goal.label or why_not.goal.name}
    heading = _("why not {goal}: {subject}, {period}", **what)
    if why_not.held:
        tell = localizer(program)
        yield Block(heading, (_("it is held: {why}", why=join_sentences(map(tell, why_not.held))),))
        return
    if why_not.is_reached:
        yield Block(heading, (_("it has been reached: {got}", got=_result(why_not, program)),))
        return
    yield Block(heading, (_("actual result: {got}", got=_result(why_not, program)),))
    if why_not.missed:
        rows = tuple(_missed(missed, program) for missed in why_not.missed)
        headings = (_("condition"), _("is"), _("would have to be"), _("short by"), _("clause"))
        yield Block(_("what was missed"), (), headings, rows, (1, 2, 3))
    lines = [_("each line alone would have been enough, with everything else unchanged")]
    lines += [_("comparisons with others were not computed again")] if why_not.as_they_are else []
    if why_not.changes:
        changes = tuple(_change(change, program) for change in why_not.changes)
        columns = (_("fact"), _("is"), _("enough would be"), _("change"))
        yield Block(_("the smallest changes"), tuple(lines), columns, changes, (1, 2, 3))
    else:
        yield Block(_("the smallest changes"), (_("no change of one fact alone would have been enough"), *lines[1:]))


def _result(why_not: WhyNot, program: Program) -> str:
    if why_not.goal.step == "grade":
        return next((grade.label or grade.id for grade in program.grades if grade.id == why_not.got), str(why_not.got))
    return format_value(why_not.got)


def _missed(missed: Missed, program: Program) -> tuple[str, ...]:
    text = missed.text.removeprefix("values.")
    labels = list_labels(program)
    of_parts = [labels[name] for name in missed.reads if name in labels]
    label = missed.label or labels.get(missed.text) or (join_sentences(of_parts) if of_parts else "")
    name = _("{name} ({label})", name=text, label=label) if label and label != text else text
    if not missed.operator:
        return name, format_value(missed.value), format_value(missed.needed), "", missed.authority
    sign = {">=": "≥", "<=": "≤", "!=": "≠", "==": "="}.get(missed.operator, missed.operator)
    return (
        name,
        format_value(missed.value),
        f"{sign} {format_value(missed.needed)}",
        _distance(missed.distance),
        missed.authority,
    )


def _distance(distance: Any) -> str:  # noqa: ANN401  a number, a time or None
    if isinstance(distance, timedelta):
        is_whole = distance.days and not distance.seconds
        return ngettext("{count} day", "{count} days", distance.days) if is_whole else str(distance)
    return format_value(distance)


def _change(change: FactChange, program: Program) -> tuple[str, ...]:
    if not change.table:
        column = next(column for column in program.schema.columns if column.name == change.name)
        return column.label or column.name, _value(change.before), _value(change.after), _by(change)
    table = next(events for events in program.schema.events if events.name == change.table)
    name = labeller(program)(table.name) if not table.label else table.label
    if change.name:
        column = next(column for column in table.columns if column.name == change.name)
        key = " ".join(format_value(change.event[key_column]) for key_column in table.key)
        field = column.label or column.name
        what = _("{table} {key}: {field}", table=name, key=key, field=field)
        return what, _value(change.before), _value(change.after), _by(change)
    row = change.event
    named = join_sentences(
        f"{shown_column.label or shown_column.name} {format_value(row[shown_column.name])}"
        for shown_column in _shown(table, change)
    )
    if change.after is None:
        return _("{table}: without {row}", table=name, row=named), "", "", "-1"
    return _("{table}: one more ({row})", table=name, row=named), "", "", "+1"


def _shown(table: EventTable, change: FactChange) -> list[FactColumn]:
    """The columns of an event that say something; the number of one that never was does not."""
    said = [column for column in table.columns if change.event[column.name] is not None]
    invented = (
        {column.name for column in said if column.type == STRING and column.name in table.key}
        if change.before is None
        else set()
    )
    return [column for column in said if column.name not in invented] or said


def _value(value: Any) -> str:  # noqa: ANN401  a value of any type
    return _("not given") if value is None else format_value(value)


def _by(change: FactChange) -> str:
    """How far a number or a day is moved."""
    before, after = change.before, change.after
    if before is None or after is None or isinstance(before, bool | str):
        return ""
    if isinstance(before, int | Decimal):
        moved = Decimal(after) - Decimal(before)
        return ("+" if moved > 0 else "") + format_decimal(moved)
    moved_by = after - before
    return ("+" if moved_by > timedelta() else "-") + _distance(abs(moved_by))


def why_not_data(why_not: WhyNot, program: Program) -> dict[str, Any]:
    """The same as plain data, with the names of the language."""
    return {
        "policy": f"{program.id}@{program.version}",
        "subject": why_not.subject,
        "period": why_not.period,
        "goal": why_not.goal.name,
        "got": why_not.got,
        "reached": why_not.is_reached,
        "held": list(map(diagnostic_data, why_not.held)),
        "missed": [
            {
                "condition": missed.text,
                "value": missed.value,
                "operator": missed.operator or "is",
                "needed": missed.needed,
                "distance": missed.distance,
                "authority": missed.authority,
            }
            for missed in why_not.missed
        ],
        "changes": [
            {
                "table": change.table or program.schema.subject,
                "event": dict(change.event),
                "name": change.name,
                "before": dict(change.before) if change.table and not change.name and change.before else change.before,
                "after": dict(change.after) if change.table and not change.name and change.after else change.after,
            }
            for change in why_not.changes
        ],
        "others_as_they_are": why_not.as_they_are,
    }
