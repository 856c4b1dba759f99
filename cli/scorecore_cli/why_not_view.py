"""Why not: what was missed, and what would have been enough, as blocks of a page or as plain data."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from scorecore.analysis.counterfactuals import FactChange
from scorecore.analysis.why_not import Missed, WhyNot
from scorecore.io.formats import Block
from scorecore.program.model import EventTable, FactColumn, Program
from scorecore.values.canonical_json import format_decimal
from scorecore.values.types import STRING
from scorecore_cli.explanation_view import cell
from scorecore_cli.labels import labeller, teller
from scorecore_cli.language import several, t
from scorecore_cli.terminal import diagnostic_data


def blocks(of: WhyNot, program: Program) -> Iterator[Block]:
    """The page: the goal, the thresholds that were missed, and the smallest changes."""
    what = {"subject": of.subject, "period": of.period, "goal": of.goal.label or of.goal.name}
    heading = t("why not {goal}: {subject}, {period}", **what)
    if of.held:
        tell = teller(program)
        yield Block(heading, (t("it is held: {why}", why=several(map(tell, of.held))),))
        return
    if of.is_reached:
        yield Block(heading, (t("it has been reached: {got}", got=_result(of, program)),))
        return
    yield Block(heading, (t("what came out instead: {got}", got=_result(of, program)),))
    if of.missed:
        rows = tuple(_missed(one, program) for one in of.missed)
        headings = (t("condition"), t("is"), t("would have to be"), t("short by"), t("clause"))
        yield Block(t("what was missed"), (), headings, rows, (1, 2, 3))
    lines = [t("each line alone would have been enough; all else stays as it is")]
    lines += [t("what depends on others was taken as it is")] if of.as_they_are else []
    if of.changes:
        changes = tuple(_change(one, program) for one in of.changes)
        columns = (t("fact"), t("is"), t("enough would be"), t("change"))
        yield Block(t("the smallest changes"), tuple(lines), columns, changes, (1, 2, 3))
    else:
        yield Block(t("the smallest changes"), (t("no change of one fact alone would have been enough"), *lines[1:]))


def _result(of: WhyNot, program: Program) -> str:
    if of.goal.step == "grade":
        return next((one.label or one.id for one in program.grades if one.id == of.got), str(of.got))
    return cell(of.got)


def _missed(of: Missed, program: Program) -> tuple[str, ...]:
    text = of.text.removeprefix("values.")
    label = of.label or (labeller(program)(of.text) if program.has_step(of.text) else text)
    name = t("{name} ({label})", name=text, label=label) if label != text else text
    if not of.operator:
        return name, cell(of.value), cell(of.needed), "", of.authority
    sign = {">=": "≥", "<=": "≤", "!=": "≠", "==": "="}.get(of.operator, of.operator)
    return name, cell(of.value), f"{sign} {cell(of.needed)}", _distance(of.distance), of.authority


def _distance(of: Any) -> str:  # noqa: ANN401  a number, a time or None
    if isinstance(of, timedelta):
        return t("{count} days", count=of.days) if of.days and not of.seconds else str(of)
    return cell(of)


def _change(of: FactChange, program: Program) -> tuple[str, ...]:
    if not of.table:
        column = next(one for one in program.schema.columns if one.name == of.name)
        return column.label or column.name, _value(of.before), _value(of.after), _by(of)
    table = next(one for one in program.schema.events if one.name == of.table)
    name = labeller(program)(table.name) if not table.label else table.label
    if of.name:
        column = next(one for one in table.columns if one.name == of.name)
        key = " ".join(cell(of.event[one]) for one in table.key)
        field = column.label or column.name
        what = t("{table} {key}: {field}", table=name, key=key, field=field)
        return what, _value(of.before), _value(of.after), _by(of)
    row = of.event
    named = several(f"{one.label or one.name} {cell(row[one.name])}" for one in _shown(table, of))
    if of.after is None:
        return t("{table}: without the one of {row}", table=name, row=named), "", "", "-1"
    return t("{table}: one more, of {row}", table=name, row=named), "", "", "+1"


def _shown(table: EventTable, of: FactChange) -> list[FactColumn]:
    """The columns of an event that say something; the number of one that never was does not."""
    said = [one for one in table.columns if of.event[one.name] is not None]
    invented = (
        {one.name for one in said if one.type == STRING and one.name in table.key} if of.before is None else set()
    )
    return [one for one in said if one.name not in invented] or said


def _value(of: Any) -> str:  # noqa: ANN401  a value of any type
    return t("not given") if of is None else cell(of)


def _by(of: FactChange) -> str:
    """How far a number or a day is moved."""
    before, after = of.before, of.after
    if before is None or after is None or isinstance(before, bool | str):
        return ""
    if isinstance(before, int | Decimal):
        moved = Decimal(after) - Decimal(before)
        return ("+" if moved > 0 else "") + format_decimal(moved)
    moved_by = after - before
    return ("+" if moved_by > timedelta() else "-") + _distance(abs(moved_by))


def why_not_data(of: WhyNot, program: Program) -> dict[str, Any]:
    """The same as plain data, with the names of the language."""
    return {
        "policy": f"{program.id}@{program.version}",
        "subject": of.subject,
        "period": of.period,
        "goal": of.goal.name,
        "got": of.got,
        "reached": of.is_reached,
        "held": list(map(diagnostic_data, of.held)),
        "missed": [
            {
                "condition": one.text,
                "value": one.value,
                "operator": one.operator or "is",
                "needed": one.needed,
                "distance": one.distance,
                "authority": one.authority,
            }
            for one in of.missed
        ],
        "changes": [
            {
                "table": one.table or program.schema.subject,
                "event": dict(one.event),
                "name": one.name,
                "before": dict(one.before) if one.table and not one.name and one.before else one.before,
                "after": dict(one.after) if one.table and not one.name and one.after else one.after,
            }
            for one in of.changes
        ],
        "others_as_they_are": of.as_they_are,
    }
