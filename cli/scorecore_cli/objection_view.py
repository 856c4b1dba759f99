"""Objections, their answers, and both sides of what is contested, as people read them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from attrs import frozen

from scorecore.analysis.impact import TOTAL
from scorecore.evaluate.decisions import NET
from scorecore.facts.model import SubjectFacts
from scorecore.io.formats import Block
from scorecore.program.model import Program
from scorecore.program.steps import Account
from scorecore.record.people.contest import (
    ContestedEntry,
    ObjectionText,
    WithAndWithout,
    count_as,
    decide_without,
    find_deadlines,
    read_answer,
    read_objection,
)
from scorecore.record.people.objections import ACCEPTED, REFUSED, RecordedObjection
from scorecore.record.runs.payload import Payload
from scorecore.record.runs.payload_order import number_rules
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.values.unknown import Unknown
from scorecore_cli.labels import labeller, reason_label
from scorecore_cli.language import _
from scorecore_cli.proposal_view import describe_actor
from scorecore_cli.terminal import console, format_instant, table


@frozen
class ShownObjection:
    """An objection with all that is said of it; what was erased is empty."""

    objection: RecordedObjection
    text: ObjectionText | None
    state: str
    answer: str
    """Why it was answered so."""

    @classmethod
    def of(cls, recorded: Recorded, objection: RecordedObjection, now: datetime) -> "ShownObjection":
        """Raises RecordRejected."""
        text = read_objection(recorded, objection)
        answer = read_answer(recorded, objection.answer.entry) if objection.answer else ""
        return cls(objection, text, _describe_state(recorded, objection, now), answer)

    def data(self) -> dict[str, Any]:
        """The same as plain data."""
        objection, text = self.objection, self.text
        fields = {
            "entry": objection.entry,
            "at": objection.at.isoformat(),
            "run": objection.run.number,
            "decision": objection.decision,
            "by": str(objection.maker or ""),
            "reason": text.reason if text else "",
            "contested": text.contested.data() if text and text.contested else {},
            "evidence": list(text.evidence) if text else [],
            "state": self.state,
        }
        if objection.answer is not None:
            answered = objection.answer
            fields["answer"] = {
                "entry": answered.entry,
                "at": answered.at.isoformat(),
                "by": str(answered.maker or ""),
                "verdict": answered.verdict,
                "correction": answered.correction,
                "reason": self.answer,
            }
        return fields


def _describe_state(recorded: Recorded, objection: RecordedObjection, now: datetime) -> str:
    if objection.answer is not None:
        who = "" if objection.answer.maker is None else f" ({describe_actor(objection.answer.maker)})"
        if objection.answer.verdict == ACCEPTED:
            return _("accepted, with run {number}", number=objection.answer.correction) + who
        return _("refused") + who
    last_day = find_deadlines(recorded, objection.run, objection.at).answering
    counts_as = count_as(recorded, objection, now)
    if counts_as is None:
        return _("to be answered by {day}", day=last_day) if last_day else _("to be answered")
    meanings = {ACCEPTED: _("it counts as accepted"), REFUSED: _("it counts as refused")}
    rules = recorded.program(objection.run).objections
    referred = _("it is referred to {whom}", whom=rules.refer if rules else "")
    return _("not answered by {day}: {meaning}", day=last_day, meaning=meanings.get(counts_as, referred))


def objection_blocks(recorded: Recorded, standing: Standing, now: datetime) -> Iterator[Block]:
    """What a person has objected to in a decision's period, and both sides of each contested entry."""
    objections = find_objections(recorded, standing)
    if not objections:
        return
    shown = [ShownObjection.of(recorded, objection, now) for objection in objections]
    rows = tuple(
        (
            str(each.objection.entry),
            format_instant(each.objection.at),
            describe_contested(recorded, each),
            each.text.reason if each.text else _("erased"),
            each.state,
            each.answer,
        )
        for each in shown
    )
    headings = (_("entry"), _("recorded at"), _("contested"), _("reason"), _("state"), _("answer"))
    yield Block(_("objections"), (), headings, rows, (0,))
    for each in shown:
        sides = decide_without(recorded, each.objection)
        if sides is not None:
            yield compare_sides(recorded, each, sides)


def objections_data(recorded: Recorded, standing: Standing, now: datetime) -> dict[str, Any]:
    """The same as plain data; nothing where nobody has objected."""
    entries = []
    for objection in find_objections(recorded, standing):
        sides = decide_without(recorded, objection)
        comparison = {"with": sides.recorded["values"], "without": sides.without["values"]} if sides else {}
        entries.append(ShownObjection.of(recorded, objection, now).data() | comparison)
    return {"objections": entries} if entries else {}


def show_objections(recorded: Recorded, objections: Collection[RecordedObjection], now: datetime) -> None:
    """Objections, with what each is about and what became of it; raises RecordRejected."""
    if not objections:
        return
    headings = (_("entry"), _("recorded at"), _("person"), _("period"), _("run"), _("contested"), _("state"))
    shown = table(*headings, title=_("objections"), right=(0, 4))
    for each in (ShownObjection.of(recorded, objection, now) for objection in objections):
        shown.add_row(
            str(each.objection.entry),
            format_instant(each.objection.at),
            each.text.subject if each.text else _("erased"),
            each.objection.run.period,
            str(each.objection.run.number),
            describe_contested(recorded, each),
            each.state,
        )
    console().print(shown)


def find_objections(recorded: Recorded, standing: Standing) -> list[RecordedObjection]:
    """The objections of a person to the decisions of a policy about a period."""
    about = (standing.run.id, standing.run.period, str(standing.entry.subject))
    return [
        objection
        for objection in recorded.people.objections.values()
        if (objection.run.id, objection.run.period, objection.subject) == about
    ]


def describe_contested(recorded: Recorded, shown: ShownObjection) -> str:
    """What an objection contests, in the words of the policy."""
    if shown.text is None:
        return ""
    if shown.text.contested is None:
        return _("the whole decision")
    return label_contested(recorded.program(shown.objection.run), shown.text.contested)


def label_contested(program: Program, contested: ContestedEntry, facts: SubjectFacts | None = None) -> str:
    """An entry of the points ledger, or a pay line, in the words of the policy; with facts the days of its event."""
    label = labeller(program)
    if contested.rule is None:
        return label(contested.name)
    rules = dict(zip(number_rules(program), program.ledger, strict=True))
    rule = rules.get((contested.name, contested.rule))
    words = reason_label(rule.reason, rule.label) if rule else ""
    event = f" #{contested.event + 1}" if contested.event >= 0 else ""
    days = " ".join(_list_days(program, contested, facts)) if facts else ""
    return f"{label(contested.name)}: {words}{event} {days}".rstrip()


def _list_days(program: Program, contested: ContestedEntry, facts: SubjectFacts) -> Iterator[str]:
    """By which somebody knows an event again, and which name nobody."""
    step, place = program.step(contested.name), (contested.rule or 0) - 1
    table = step.entries[place].each if isinstance(step, Account) and place >= 0 else ""
    rows = facts.rows.get(table, ())
    if not isinstance(rows, Unknown) and 0 <= contested.event < len(rows):
        values = rows[contested.event].values()
        yield from (value.isoformat() for value in values if type(value) is date)


def list_contestable_rows(
    program: Program, payload: Payload, contestable: Sequence[ContestedEntry]
) -> list[tuple[str, ...]]:
    """What can be contested of a decision: its number, what it is, and its points or amount."""
    points = [str(entry[2]) for entry in payload.result["entries"] if entry[1]]
    amounts = [f"{Decimal(amount):,.2f}" for amount in payload.result["pay"].values()]
    return [
        (str(number), label_contested(program, contested, payload.facts), figure)
        for number, (contested, figure) in enumerate(zip(contestable, [*points, *amounts], strict=True), 1)
    ]


def compare_sides(recorded: Recorded, shown: ShownObjection, sides: WithAndWithout) -> Block:
    """Total, grade, pay lines and net pay with and without what is contested."""
    program, label = sides.program, labeller(sides.program)
    rows = []
    grades = {grade.id: grade.label or grade.id for grade in program.grades}
    for name, words in ((TOTAL, {}), ("grade", grades)):
        pair = sides.recorded["values"].get(name), sides.without["values"].get(name)
        if pair != (None, None):
            rows.append((label(name), *("—" if side is None else words.get(side, str(side)) for side in pair)))
    for line in program.pay:
        pair = sides.recorded["pay"].get(line.step), sides.without["pay"].get(line.step)
        if pair != (None, None) and pair[0] != pair[1]:
            rows.append((label(line.step), *map(_amount, pair)))
    net = sides.recorded["values"].get(NET), sides.without["values"].get(NET)
    if net != (None, None):
        rows.append((label(NET), *map(_amount, net)))
    title = _(
        "with and without what is contested in entry {entry}: {what}",
        entry=shown.objection.entry,
        what=describe_contested(recorded, shown),
    )
    return Block(title, (), (_("result"), _("with"), _("without")), tuple(rows), (1, 2))


def _amount(amount: str | None) -> str:
    return "—" if amount is None else f"{Decimal(amount):,.2f}"
