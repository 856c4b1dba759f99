"""The parameters of each scorer, drawn."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from decimal import Decimal
from typing import Final

from scorecore.values.types import TypeKind
from strategies.drafts import inline
from strategies.terms import quoted
from strategies.values import TEXTS
from strategies.writer import Writer


def due(write: Writer, table: str) -> tuple[bool, dict[str, str]]:
    """When points are due, and how often: keys that several scorers share; and whether for events."""
    each = bool(table) and write.chance(60)
    pairs = {"each": quoted(table), "as": '"e"'} if each else {}
    with write.event_of(table) if each else nullcontext():
        pairs |= {"where": quoted(write.truth(1).text)} if write.chance(50) else {}
        pairs |= {"waived": quoted(write.truth(1).text)} if write.chance(25) else {}
        if write.chance(40):
            pairs["quantity"] = quoted(write.number(1, 6).text)
            if write.chance(60):
                pairs |= {"per": write.pick(["2", "0.5", "50_000", "3"])}
                pairs |= {"partial": quoted(write.pick(["down", "up", "exact"]))}
    return each, pairs


def points_for(write: Writer, table: str, *, each: bool) -> str:
    """The points of one occasion."""
    if write.chance(40):
        return write.pick(["2", "0.5", "1", "0", "3.333333"])
    with write.event_of(table) if each else nullcontext():
        return quoted(write.number(2, 8).text)


def formula(write: Writer, table: str) -> dict[str, str]:
    each, pairs = due(write, table)
    return pairs | {"is": points_for(write, table, each=each)}


def deduction(write: Writer, table: str) -> dict[str, str]:
    if write.chance(60):
        each, pairs = due(write, table)
        return pairs | {"take": points_for(write, table, each=each)}
    rules = []
    for number in range(write.count(1, 3)):
        each, pairs = due(write, table)
        rules.append(inline(pairs | {"take": points_for(write, table, each=each), "reason": f'"r{number}"'}))
    return {"rules": f"[{', '.join(rules)}]"}


def target(write: Writer, _table: str) -> dict[str, str]:
    pairs = {"actual": quoted(write.decimal(1, 10).text), "target": quoted(write.decimal(1, 10).text)}
    return pairs | ({"minimum": quoted(write.pick(["0.6", "0.5", "1.0"]))} if write.chance(40) else {})


def complaints(write: Writer, table: str) -> dict[str, str]:
    with write.event_of(table):
        upheld = write.truth(1).text
    return {
        "each": quoted(table),
        "as": '"e"',
        "upheld": quoted(upheld),
        "take": points_for(write, table, each=True),
    }


def catalogue(write: Writer, table: str, key: str) -> dict[str, str]:
    """A catalogue of the codes that stand in a field of text, if there is one."""
    texts = [term for term in write.events[table] if term.kind is TypeKind.STRING]
    field_ = write.pick(texts)
    codes = list(field_.among or TEXTS[:3])
    ignored = [codes.pop()] if len(codes) > 1 and write.chance(40) else []
    lines = []
    for code in codes:
        line = {"code": quoted(code), "take": points_for(write, table, each=True)}
        if key == "kinds" and write.chance(30):
            with write.event_of(table):
                line["quantity"] = quoted(write.number(1, 6).text)
        lines.append(inline(line))
    pairs = {"each": quoted(table), "as": '"e"', key: f"[{', '.join(lines)}]"}
    pairs |= {"kind" if key == "kinds" else "code": quoted(f"e.{field_.text}")}
    return pairs | ({"ignore": f"[{', '.join(map(quoted, ignored))}]"} if ignored else {})


def attendance(write: Writer, table: str) -> dict[str, str]:
    pairs = catalogue(write, table, "kinds")
    with write.event_of(table):
        return pairs | ({"excused": quoted(write.truth(1).text)} if write.chance(40) else {})


def violations(write: Writer, table: str) -> dict[str, str]:
    pairs = catalogue(write, table, "codes")
    with write.event_of(table):
        pairs |= {"where": quoted(write.truth(1).text)} if write.chance(40) else {}
        return pairs | ({"waived": quoted(write.truth(1).text)} if write.chance(40) else {})


def deadline(write: Writer, table: str) -> dict[str, str]:
    each = bool(table) and write.chance(70)
    pairs = {"each": quoted(table), "as": '"e"'} if each else {}
    by = write.pick(["case", "day", "hour", "case"])
    kind = {"day": TypeKind.DATE, "hour": TypeKind.TIMESTAMP}.get(by) or write.pick([TypeKind.DATE, TypeKind.TIMESTAMP])
    with write.event_of(table) if each else nullcontext():
        optional = [term.text for term in write.names if term.kind is kind and term.optional]
        pairs |= {"due": quoted(write.of(kind, 1).text), "done": quoted(write.of(kind, 1).text), "by": quoted(by)}
        if optional and write.chance(70):
            pairs |= {"done": quoted(write.pick(optional)), "open_at": quoted(write.of(kind, 1).text)}
        pairs |= {"where": quoted(write.truth(1).text)} if write.chance(40) else {}
        pairs |= {"waived": quoted(write.truth(1).text)} if write.chance(25) else {}
    return pairs | {"take": points_for(write, table, each=each)}


def ratings(write: Writer, table: str) -> dict[str, str]:
    """Facts that may be missing, and means of what a kind of rater gave."""
    number = {TypeKind.DECIMAL, TypeKind.INT}
    small = [term for term in write.names if term.kind in number and term.digits <= 6 and term.text.isidentifier()]
    texts = [term for term in write.events.get(table, ()) if term.kind is TypeKind.STRING and not term.optional]
    scores = [text for text in write.events.get(table, ()) if text.kind in number and text.digits <= 6]
    parts, missing = [], False
    for _ in range(write.count(1, 3)):
        weight = write.pick(["1", "2", "0.3", "30", "0"])
        if texts and scores and write.chance(50):
            parts.append({"of": quoted(write.pick(texts[0].among or TEXTS[:3])), "weight": weight})
            missing = True
        else:
            operand = write.pick(small) if small else None
            missing = missing or bool(operand and operand.optional)
            parts.append({"is": quoted(operand.text if operand else "1.5"), "weight": weight})
    total = sum(Decimal(part["weight"]) for part in parts)
    pairs = {"parts": f"[{', '.join(map(inline, parts))}]", "out_of": str(total), "scale": write.pick(["5", "100"])}
    if missing:
        pairs["missing"] = quoted(write.pick(["zero", "renormalise", "hold"]))
        pairs |= {"at_least": str(write.count(1, 3))} if write.chance(40) else {}
    if any("of" in part for part in parts):
        pairs |= {"each": quoted(table), "as": '"e"', "rater": quoted(f"e.{texts[0].text}")}
        pairs |= {"score": quoted(f"e.{write.pick(scores).text}"), "mean": write.pick(["2", "0", "12"])}
        with write.event_of(table):
            pairs |= {"where": quoted(write.truth(1).text)} if write.chance(30) else {}
    return pairs


SCORERS: Final[Mapping[str, Callable[[Writer, str], dict[str, str]]]] = {
    "formula": formula,
    "ratings": ratings,
    "target": target,
    "deadline": deadline,
    "deduction": deduction,
    "complaints": complaints,
    "attendance": attendance,
    "violations": violations,
}
"""By name: (writer, table of events or "") -> the keys of an item."""
