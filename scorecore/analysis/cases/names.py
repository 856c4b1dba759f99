"""What a case expects is about results that the policy has: a name that it lacks is found, with the nearest."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from scorecore.analysis.cases.model import Expected
from scorecore.policy.model import Part
from scorecore.program.model import Program, result_name
from scorecore.values.step_id import GRADE, SCORE_TOTAL, StepId

SCORE: Final = "score"
"""What an expected entry calls the total, which is not an item."""
NET: Final = "net"
"""How net pay is named among the lines, unless a line is."""


@frozen
class UnknownName:
    """A name in what a case expects that the policy does not have, where it is, and the names that it has."""

    key: str
    name: str
    known: Sequence[str]
    owner: Part
    """The part of the case in which it is."""


def find_unknown_names(expected: Expected, program: Program) -> Iterator[UnknownName]:
    """What a case expects of results that the policy does not have."""
    yield from _find_in_sections(expected, program)
    steps = {step.name for step in program.steps}
    grades = [grade.id for grade in program.grades]
    if expected.grade is not None and expected.grade not in grades and grades:
        yield UnknownName("grade", expected.grade, grades, expected)
    for key, step in (("total", SCORE_TOTAL), ("grade", GRADE)):
        if getattr(expected, key) is not None and step not in steps:
            yield UnknownName(key, key, [key for key, names in _name_sections(program).items() if names], expected)
    held = [result_name(step) for step in program.results()]
    yield from _find_in_list("held", expected.held, held, expected)
    actions = [action.step.name for action in program.actions]
    yield from _find_in_list("actions", expected.actions or (), actions, expected)
    yield from _find_in_entries(expected, program)


def _find_in_entries(expected: Expected, program: Program) -> Iterator[UnknownName]:
    reasons: dict[str, list[str]] = {item.step.name: [] for item in program.items}
    for rule in program.ledger:
        name = SCORE if rule.account == SCORE_TOTAL else StepId.parse(rule.account).name
        reasons.setdefault(name, []).append(rule.reason)
    for entry in expected.entries or ():
        if entry.item not in reasons:
            yield UnknownName("item", entry.item, list(reasons), entry)
        elif entry.reason not in reasons[entry.item]:
            yield UnknownName("reason", entry.reason, list(dict.fromkeys(reasons[entry.item])), entry)


def _find_in_sections(expected: Expected, program: Program) -> Iterator[UnknownName]:
    for section, known in _name_sections(program).items():
        written: Mapping[str, object] = getattr(expected, section)
        allowed = {*known, NET} if section == "pay" else set(known)
        for name in written:
            if name not in allowed:
                yield UnknownName(f"{section}.{name}", name, known, expected)


def _name_sections(program: Program) -> dict[str, list[str]]:
    """The names that can stand in each table of what a case expects."""
    sections: dict[str, list[str]] = {"items": [], "pay": [], "carry": [], "values": []}
    for step in program.steps:
        if isinstance(step.name, StepId) and step.name.section in sections and not step.name.role:
            sections[step.name.section].append(step.name.name)
    sections["carry"] = [carry.closes.name for carry in program.carries]
    return sections


def _find_in_list(
    key: str, written: Sequence[str], known: Collection[str], expected: Expected
) -> Iterator[UnknownName]:
    for number, name in enumerate(written):
        if name not in known:
            yield UnknownName(f"{key}.{number}", name, list(known), expected)
