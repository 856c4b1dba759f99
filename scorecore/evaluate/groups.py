"""Values that depend on all members of a group: the specification.

A group is computed complete: first everybody as far as the operand, then the group values, then what reads them. A
record takes the group values that it reads as given, so that one subject's decision needs nobody else again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple, cast

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.reference.environment import format_value
from scorecore.facts.model import SubjectFacts
from scorecore.language.groups import Group, GroupFold
from scorecore.language.operators import EXACT
from scorecore.language.operators.arithmetic import divide_to_decimal
from scorecore.program.model import Program
from scorecore.program.steps import GroupStep, step_inputs
from scorecore.values.types import PLACES, Value, from_units, to_units
from scorecore.values.unknown import Maybe, Unknown

_MAX_NAMED: Final = 5
"""Members that a reason names; of more it says how many."""
_INDIVIDUAL: Final = frozenset({GroupFold.RANK, GroupFold.POOL})
"""Folds that give each member a value by its operand: a member whose operand is unknown has none, left out or not."""
DecideAll = Callable[[Program, Sequence[SubjectFacts]], Sequence[Outcome]]
_Number = int | Decimal


class Member(NamedTuple):
    """A subject as far as its groups need to know it."""

    subject: str
    key: Maybe | None
    """Of its group; None if it is in none, Unknown if that is unknown."""
    value: Any
    """Of the operand, or Unknown; of a rank by more than one value all of them, in their order."""
    weight: Maybe | None = None

    @property
    def amount(self) -> _Number:
        """The operand of a fold over numbers, where it is known."""
        return cast("_Number", self.value)


def group_key(group: Group, facts: SubjectFacts) -> Maybe | None:
    """Which of the groups a subject is in."""
    return facts.values[group.by] if group.by else ""


def add_group_values(program: Program, subjects: Sequence[SubjectFacts], decide_all: DecideAll) -> list[SubjectFacts]:
    """The facts of everybody with the group values that the program reads; `decide_all` decides by a part of it."""
    names = frozenset(step.name for step in program.grouped)
    everybody = [evolve(facts, unknown=facts.unknown - names) for facts in subjects]
    for stage in group_stages(program):
        part = program.narrowed(name for step in stage for name in step.operands)
        outcomes = decide_all(part, everybody)
        columns: dict[str, list[Maybe]] = {}
        for step in stage:
            group = program.group(step.group)
            members = [
                make_member(program, step, facts.subject, group_key(group, facts), map(outcome.value, step.operands))
                for facts, outcome in zip(everybody, outcomes, strict=True)
            ]
            with localcontext(EXACT):
                columns[step.name] = group_values(step, group, members)
        everybody = [
            with_group_values(facts, {name: values[number] for name, values in columns.items()})
            for number, facts in enumerate(everybody)
        ]
    return everybody


def _name_weight(program: Program, step: GroupStep, weight: Maybe | None) -> Maybe | None:
    """A weight of a pool; that it is negative is said of the weight, not of an amount."""
    if not isinstance(weight, Unknown):
        return weight
    operand = program.step(step.weight)

    def named(cause: Diagnostic) -> Diagnostic:
        if cause.kind is not catalogue.NEGATIVE or cause.location != operand.place:
            return cause
        return evolve(cause, kind=catalogue.NEGATIVE_WEIGHT, params={**cause.params, "name": operand.label})

    return Unknown(tuple(map(named, weight.causes)))


def make_member(
    program: Program, step: GroupStep, subject: str, key: Maybe | None, operands: Iterable[Maybe]
) -> Member:
    """A subject with its operands of a group value."""
    value, *others = operands
    if step.further:  # compared one after the other
        return Member(subject, key, Unknown.of(value, *others) or (value, *others))
    return Member(subject, key, value, *(_name_weight(program, step, weight) for weight in others))


def with_group_values(facts: SubjectFacts, values: Mapping[str, Maybe]) -> SubjectFacts:
    """A subject's facts with some group values."""
    unknown = {name for name, value in values.items() if isinstance(value, Unknown)}
    return evolve(facts, values={**facts.values, **values}, unknown=(facts.unknown - values.keys()) | unknown)


def group_stages(program: Program) -> Iterator[list[GroupStep]]:
    """The group values in stages: each depends only on those of earlier stages."""
    levels: dict[str, int] = {}
    for step in program.steps:
        level = max((levels.get(name, 0) for name in step_inputs(step)), default=0)
        levels[step.name] = level + isinstance(step, GroupStep)

    def level_of(step: GroupStep) -> int:
        return levels[step.name]

    for _, stage in groupby(sorted(program.grouped, key=level_of), level_of):
        yield list(stage)


def group_values(step: GroupStep, group: Group, members: Sequence[Member]) -> list[Maybe]:
    """The value of each member, or why it has none."""
    reasons = [_why_outside(step, group, member) for member in members]
    values: list[Maybe | None] = list(reasons)
    numbers_by_key: dict[Value, list[int]] = {}
    for number, (member, reason) in enumerate(zip(members, reasons, strict=True)):
        if reason is None:
            numbers_by_key.setdefault(cast("Value", member.key), []).append(number)
    # a subject that may belong to any group keeps every group waiting
    unplaced = [member for member, why in zip(members, reasons, strict=True) if why and why is member.key]
    for key, numbers in numbers_by_key.items():
        inside = _values_inside(step, group, key, [members[number] for number in numbers], unplaced)
        for number, value in zip(numbers, inside, strict=True):
            values[number] = value
    return cast("list[Maybe]", values)


def _why_outside(step: GroupStep, group: Group, member: Member) -> Unknown | None:
    """Why a subject is in no group that is known; None if it is in one."""
    if member.key is None:
        return _unknown(catalogue.ABSENT, step, name=group.by)
    if isinstance(member.value, Unknown) and any(cause.kind is catalogue.EXCLUDED for cause in member.value.causes):
        return member.value
    return member.key if isinstance(member.key, Unknown) else None


def _values_inside(
    step: GroupStep, group: Group, key: Value, members: Sequence[Member], unplaced: Sequence[Member]
) -> list[Maybe]:
    """The values of the members of one group."""
    name = " ".join(filter(None, (group.label or group.name, format_value(key))))
    unknown = [Unknown.of(member.value, member.weight) for member in members]
    known = [member for member, reason in zip(members, unknown, strict=True) if not reason]
    if group.held == "wait":
        undecided = [
            member for member, reason in zip(members, unknown, strict=True) if reason and not _is_absent(reason)
        ]
        if undecided or unplaced:
            waiting = [*undecided, *unplaced]
            params = {"group": name, "count": len(waiting), "who": _join_subjects(waiting)}
            waits = _unknown(catalogue.GROUP_WAITS, step, **params)
            return [reason or waits for reason in unknown]
    if step.fold not in _INDIVIDUAL:
        shared = _fold(step, name, known)
        return [reason if reason and _is_absent(reason) and group.held == "wait" else shared for reason in unknown]
    shares = _rank(step, group.ties, name, known) if step.fold is GroupFold.RANK else _divide(step, name, known)
    if isinstance(shares, Unknown):
        return [reason or shares for reason in unknown]
    remaining = iter(shares)
    return [reason or next(remaining) for reason in unknown]


def _is_absent(reason: Unknown) -> bool:
    """Whether only optional facts that are absent make a value unknown: nobody has to be waited for."""
    return all(cause.kind is catalogue.ABSENT for cause in reason.causes)


def _fold(step: GroupStep, name: str, members: Sequence[Member]) -> Maybe:
    """The value that all members of a group share; the values of `members` are known."""
    amounts = [member.amount for member in members]
    match step.fold:
        case GroupFold.COUNT:
            return amounts.count(True)
        case GroupFold.SUM:
            return sum(amounts, Decimal(0) if step.type.is_decimal else 0)
    if not amounts:
        return _unknown(catalogue.GROUP_EMPTY, step, group=name)
    match step.fold:
        case GroupFold.SIZE:
            return len(amounts)
        case GroupFold.MEAN:
            return divide_to_decimal(sum(amounts), len(amounts))
        case GroupFold.GREATEST:
            return max(amounts)
        case _:
            return min(amounts)


def _rank(step: GroupStep, ties: str, name: str, members: Sequence[Member]) -> list[Maybe]:
    """The place of each member: 1 is the greatest; `ties` says which place equals have."""
    first: dict[_Number, int] = {}
    before = 0
    counts = Counter(member.amount for member in members)
    for amount in sorted(counts, reverse=True):
        first[amount] = before + 1
        before += counts[amount]
    dense = {amount: number for number, amount in enumerate(first, 1)}

    def place(member: Member) -> Maybe:
        amount, equals = member.amount, counts[member.amount]
        match ties:
            case "first":
                return first[amount]
            case "last":
                return first[amount] + equals - 1
            case "dense":
                return dense[amount]
            case "mean":
                return Decimal(2 * first[amount] + equals - 1) / 2
        if equals == 1:
            return first[amount]
        tied = [equal for equal in members if equal.amount == amount and equal is not member]
        return _unknown(catalogue.TIED, step, group=name, who=_join_subjects(tied))

    return [place(member) for member in members]


def _divide(step: GroupStep, name: str, members: Sequence[Member]) -> list[Maybe] | Unknown:
    """An amount by weights, to the last place: what is left goes to the largest remainders, then by subject id."""
    if not members:
        return []
    ordered = sorted(members, key=lambda member: member.subject)
    amount = ordered[0].amount
    differing = next((member for member in ordered if member.amount != amount), None)
    if differing:
        amounts = {"value": format_value(amount), "other": format_value(differing.amount)}
        return _unknown(catalogue.POOL_DIFFERS, step, who=ordered[0].subject, whose=differing.subject, **amounts)
    weights = [to_units(cast("_Number", member.weight)) for member in ordered]
    total_weight = sum(weights)
    if not total_weight:
        return _unknown(catalogue.POOL_WITHOUT_WEIGHT, step, group=name)
    unit = 10 ** (PLACES - step.places)
    amount_units = to_units(amount) // unit
    shares: dict[str, int] = {}
    remainders: list[tuple[int, str]] = []
    for member, weight in zip(ordered, weights, strict=True):
        shares[member.subject], remainder = divmod(amount_units * weight, total_weight)
        remainders.append((remainder, member.subject))
    remainders.sort(key=itemgetter(0), reverse=True)  # equals stay in the order of their ids
    for _, subject in remainders[: amount_units - sum(shares.values())]:
        shares[subject] += 1
    return [from_units(shares[member.subject] * unit) for member in members]


def _join_subjects(members: Sequence[Member]) -> str:
    names = sorted(member.subject for member in members)
    return ", ".join(names[:_MAX_NAMED]) + (", …" if len(names) > _MAX_NAMED else "")


def _unknown(kind: DiagnosticKind, step: GroupStep, **params: object) -> Unknown:
    return Unknown((Diagnostic(kind, step.place, {name: str(value) for name, value in params.items()}),))
