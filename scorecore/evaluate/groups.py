"""Values that depend on all members of a group: the specification.

A group is computed complete: first everybody as far as the operand, then the group values, then what reads them. A
record takes the group values that it reads as given, so that one subject's decision needs nobody else again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.evaluate.reference.environment import format_value
from scorecore.evaluate.reference.evaluator import Outcome
from scorecore.facts.model import SubjectFacts
from scorecore.language.groups import Group, GroupFold
from scorecore.language.operators import EXACT
from scorecore.language.operators.arithmetic import divide
from scorecore.program.model import GroupStep, Program, step_inputs
from scorecore.values.types import PLACES, from_units, to_units
from scorecore.values.unknown import Unknown

_MAX_NAMED: Final = 5
"""Members that a reason names; of more it says how many."""
_OWN: Final = frozenset({GroupFold.RANK, GroupFold.POOL})
"""What a member without a value of its own has no part in, even where it is left out."""
Deciding = Callable[[Program, Sequence[SubjectFacts]], Sequence[Outcome]]


class Member(NamedTuple):
    """A subject as far as its groups need to know it."""

    subject: str
    key: Any
    """Of its group; None if it is in none, Unknown if that is unknown."""
    value: Any
    weight: Any = None


def key_of(group: Group, record: SubjectFacts) -> Any:  # noqa: ANN401  a value of any type
    """Which of the groups a subject is in."""
    return record.values[group.by] if group.by else ""


def with_groups(program: Program, records: Sequence[SubjectFacts], decide: Deciding) -> list[SubjectFacts]:
    """The records of everybody with the group values that the program reads; `decide` decides by a program."""
    names = frozenset(one.name for one in program.grouped)
    found = [evolve(record, unknown=record.unknown - names) for record in records]
    for stage in stages(program):
        part = program.narrowed(name for one in stage for name in one.operands)
        at: dict[str, int] = {step.name: number for number, step in enumerate(part.steps)}
        outcomes = decide(part, found)
        columns: dict[str, list[Any]] = {}
        for one in stage:
            group = program.group(one.group)
            members = [
                Member(record.subject, key_of(group, record), *(outcome.values[at[name]] for name in one.operands))
                for record, outcome in zip(found, outcomes, strict=True)
            ]
            with localcontext(EXACT):
                columns[one.name] = group_values(one, group, members)
        found = [given(record, {name: column[n] for name, column in columns.items()}) for n, record in enumerate(found)]
    return found


def given(record: SubjectFacts, values: Mapping[str, Any]) -> SubjectFacts:
    """A record with some group values."""
    unknown = {name for name, value in values.items() if isinstance(value, Unknown)}
    return evolve(record, values={**record.values, **values}, unknown=(record.unknown - values.keys()) | unknown)


def stages(program: Program) -> Iterator[list[GroupStep]]:
    """The group values, those first that depend on no others."""
    levels: dict[str, int] = {}
    for step in program.steps:
        level = max((levels.get(name, 0) for name in step_inputs(step)), default=0)
        levels[step.name] = level + isinstance(step, GroupStep)
    for _, stage in groupby(sorted(program.grouped, key=lambda one: levels[one.name]), lambda one: levels[one.name]):
        yield list(stage)


def group_values(of: GroupStep, group: Group, members: Sequence[Member]) -> list[Any]:
    """The value of each member, or why it has none."""
    found: list[Any] = [member.key for member in members]  # a subject whose group is unknown has only the reason
    by_key: dict[Any, list[int]] = {}
    for number, member in enumerate(members):
        if member.key is None:
            found[number] = _unknown(catalogue.ABSENT, of, name=group.by)
        elif not isinstance(member.key, Unknown):
            by_key.setdefault(member.key, []).append(number)
    # who may belong to any group keeps every group waiting
    astray = [member for member in members if isinstance(member.key, Unknown)]
    for key, numbers in by_key.items():
        where = " ".join(filter(None, (group.label or group.name, format_value(key))))
        inside = [members[number] for number in numbers]
        own = [Unknown.of(member.value, member.weight) for member in inside]
        missing = [member for member, unknown in zip(inside, own, strict=True) if unknown] + astray
        if group.held == "wait" and missing:
            waits = _unknown(catalogue.GROUP_WAITS, of, group=where, count=len(missing), who=_names(missing))
            values: list[Any] = [waits] * len(numbers)
        else:
            known = [member for member, unknown in zip(inside, own, strict=True) if not unknown]
            values = _spread(of, own, _fold(of, group.ties, where, known))
        for number, unknown, value in zip(numbers, own, values, strict=True):
            found[number] = unknown if unknown and (group.held == "wait" or of.fold in _OWN) else value
    return found


def _spread(of: GroupStep, own: Sequence[Unknown | None], value: Any) -> list[Any]:  # noqa: ANN401
    """What each member has: its own of several values, or the one that all have."""
    if of.fold not in _OWN or isinstance(value, Unknown):
        return [value] * len(own)
    values = iter(value)
    return [unknown or next(values) for unknown in own]


def _fold(of: GroupStep, ties: str, where: str, known: Sequence[Member]) -> Any:  # noqa: ANN401  a value of any type
    """What the members whose values are known come to."""
    values = [member.value for member in known]
    match of.fold:
        case GroupFold.RANK:
            return _places(of, ties, where, known)
        case GroupFold.POOL:
            return _shares(of, where, known)
        case GroupFold.COUNT:
            return values.count(True)
        case GroupFold.SUM:
            return sum(values, Decimal(0) if of.type.is_decimal else 0)
    if not values:
        return _unknown(catalogue.GROUP_EMPTY, of, group=where)
    match of.fold:
        case GroupFold.SIZE:
            return len(values)
        case GroupFold.MEAN:
            return divide(sum(values), len(values))
        case GroupFold.GREATEST:
            return max(values)
        case _:
            return min(values)


def _places(of: GroupStep, ties: str, where: str, known: Sequence[Member]) -> list[Any]:
    """The place of each member: 1 is the greatest; `ties` says which place equals have."""
    first: dict[Any, int] = {}
    before = 0
    counts = Counter(member.value for member in known)
    for value in sorted(counts, reverse=True):
        first[value] = before + 1
        before += counts[value]
    dense = {value: number for number, value in enumerate(first, 1)}

    def place(member: Member) -> Any:  # noqa: ANN401  a number, or why there is none
        value, equals = member.value, counts[member.value]
        match ties:
            case "first":
                return first[value]
            case "last":
                return first[value] + equals - 1
            case "dense":
                return dense[value]
            case "mean":
                return Decimal(2 * first[value] + equals - 1) / 2
        others = [one for one in known if one.value == value and one is not member] if equals > 1 else []
        return _unknown(catalogue.TIED, of, group=where, who=_names(others)) if others else first[value]

    return [place(member) for member in known]


def _shares(of: GroupStep, where: str, known: Sequence[Member]) -> Any:  # noqa: ANN401  several numbers, or why there are none
    """An amount by weights, to the last place: what is left goes to the largest remainders, then by subject id."""
    ordered = sorted(known, key=lambda one: one.subject)
    different = [one for one in ordered if one.value != ordered[0].value]
    if different:
        values = {"value": format_value(ordered[0].value), "other": format_value(different[0].value)}
        return _unknown(catalogue.POOL_DIFFERS, of, who=ordered[0].subject, whose=different[0].subject, **values)
    if not ordered:
        return []
    whole = sum(one.weight for one in ordered)
    if not whole:
        return _unknown(catalogue.POOL_WITHOUT_WEIGHT, of, group=where)
    amount = to_units(ordered[0].value) // 10 ** (PLACES - of.places)
    shares: dict[str, int] = {}
    remainders: list[tuple[int, str]] = []
    for one in ordered:
        share, remainder = divmod(amount * to_units(one.weight), to_units(whole))
        shares[one.subject] = share
        remainders.append((remainder, one.subject))
    remainders.sort(key=itemgetter(0), reverse=True)  # equals stay in the order of their ids
    for _, subject in remainders[: amount - sum(shares.values())]:
        shares[subject] += 1
    return [from_units(shares[one.subject] * 10 ** (PLACES - of.places)) for one in known]


def _names(members: Sequence[Member]) -> str:
    names = sorted(one.subject for one in members)
    return ", ".join(names[:_MAX_NAMED]) + (", …" if len(names) > _MAX_NAMED else "")


def _unknown(kind: DiagnosticKind, of: GroupStep, **params: object) -> Unknown:
    return Unknown((Diagnostic(kind, of.place, {name: str(value) for name, value in params.items()}),))
