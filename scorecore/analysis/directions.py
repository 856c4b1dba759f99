"""How a result moves when a fact grows and all else stays: what proves the claims of a policy, without a search.

An abstract interpretation over directions, beside the one over bounds. It is sound: a move that is not shown cannot
happen between two decisions in which the result is known; what is held has no value that could move. It is not exact:
what moves in both directions at once may stay where it is. The rules of the operators are in `direction_rules`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from scorecore.analysis.assumptions import Assumption, list_assumed
from scorecore.analysis.bounds import add_entry
from scorecore.analysis.direction_rules import (
    EITHER,
    FALLS,
    RISES,
    RULES,
    STILL,
    Direction,
    move_by_switch,
    move_choice,
    move_lookup,
    move_product,
    move_rate,
    rank_grades,
)
from scorecore.analysis.linear_directions import DEPTHS, DIVISIONS, SUMS, move_by_slopes, move_quotient
from scorecore.language.abstract import AbstractInterpreter, Possible
from scorecore.language.bands import BandTable
from scorecore.language.expressions import (
    AccountSoFar,
    Apply,
    Constant,
    Count,
    DependencyValue,
    EventFold,
    Exists,
    Expression,
    Field,
    ForAll,
    Has,
    HistoryAt,
    Latest,
    Lookup,
    Nth,
    PrecedingRun,
    Rate,
    Read,
    Sugar,
    SumOver,
    subexpressions,
)
from scorecore.language.groups import GroupFold
from scorecore.language.rows import GreatestOver, KeyedField, LatestField, LeastOver, Neighbour, SumTo
from scorecore.language.sugar import expand
from scorecore.program.model import Program
from scorecore.program.steps import Account, AnyStep, EntryRule, GroupStep, Step, step_inputs
from scorecore.values.types import MAX_EVENTS, Type, TypeKind, Value, union_type


def order_grades(program: Program) -> Mapping[Value, int]:
    """The place of each grade in their order, the best with the greatest number."""
    names = dict.fromkeys(grade.id for grade in program.grades)
    return {name: number for number, name in enumerate(reversed(names))}


_UNEVEN: Final = frozenset({GroupFold.RANK, GroupFold.POOL})
"""What can move either way where all members move."""


@define
class DirectionAnalysis:
    """Directions of the steps of a program while `fact` grows: a number, or the events of a table by one."""

    program: Program
    fact: str
    steps: dict[str, Direction] = field(factory=dict)
    moving: Mapping[str, Direction] = field(factory=dict, kw_only=True)
    """What moves besides: what differs between two programs that are one here."""
    moving_tables: Callable[[str, Type], Direction] | None = field(default=None, kw_only=True)
    """How a table moves between them, at the keys within bounds."""
    assumptions: tuple[Assumption, ...] = field(default=(), kw_only=True)
    """What is known of everybody."""
    grades: Mapping[Value, int] = field(init=False)
    """The place of each grade in their order, the best with the greatest number."""
    comparing: frozenset[str] = field(init=False)
    """The steps that read what depends on all members of a group."""

    @grades.default
    def _order_grades(self) -> Mapping[Value, int]:
        return order_grades(self.program)

    @comparing.default
    def _list_comparing(self) -> frozenset[str]:
        names = set[str]()
        for step in self.program.steps:
            if isinstance(step, GroupStep) or not names.isdisjoint(step_inputs(step)):
                names.add(step.name)
        return frozenset(names)

    def find_step(self, name: str) -> Direction:
        if name not in self.steps:
            self.steps[name] = self._analyse(self.program.step(name))
        return self.steps[name]

    def _analyse(self, step: AnyStep) -> Direction:
        match step:
            case Step(expression=expression):
                return _Moves(self, self.assumptions).find(expression)
            case Account():
                return self._analyse_account(step)
        return self._analyse_group(step)

    # accounts and groups

    def _analyse_account(self, account: Account) -> Direction:
        """The opening and each entry in turn, with what the account can have before it."""
        everybody = _Moves(self, self.assumptions)
        direction, points = everybody.find(account.opening), account.opening.type
        for rule in account.entries:
            moves = evolve(everybody, before=direction, points=points)
            direction, points = moves.enter(rule)
        return direction

    def _analyse_group(self, step: GroupStep) -> Direction:
        """What depends on all members; of the others nothing moves, unless they are compared with this one before."""
        moved = [self.find_step(operand) for operand in step.operands]
        if self.is_compared(step):
            return EITHER
        match step.fold:
            case GroupFold.RANK:
                return -moved[0] if set(moved[1:]) <= {STILL} else EITHER
            case GroupFold.SUM | GroupFold.MEAN | GroupFold.COUNT | GroupFold.GREATEST | GroupFold.LEAST:
                return moved[0]
            case GroupFold.SIZE:
                return STILL
        return self._analyse_pool(step, *moved)

    def _analyse_pool(self, step: GroupStep, amount: Direction, weight: Direction) -> Direction:
        """Who alone has another amount is held, or alone and gets all of it; who weighs more never gets less.

        The latter holds for largest remainders: where another's whole part shrinks there is one more left to hand out.
        """
        if weight == STILL:
            return amount
        return weight if amount == STILL and self.program.step(step.of).type.low >= 0 else EITHER

    def is_compared(self, step: GroupStep) -> bool:
        """Whether the operands of the others may move as well, or the group itself."""
        group = next(group for group in self.program.groups if group.name == step.group)
        if self.moving_tables is not None:  # from one program to another everybody moves
            return step.fold in _UNEVEN and any(self.find_step(name) != STILL for name in step.operands)
        is_common = any(table.common and table.name == self.fact for table in self.program.schema.events)
        return is_common or not self.comparing.isdisjoint(step.operands) or group.by == self.fact


@frozen
class _Moves:
    """How expressions move where some things are assumed, such as the condition of a branch."""

    analysis: DirectionAnalysis
    assumptions: tuple[Assumption, ...] = ()
    before: Direction = STILL
    """How the account moves so far."""
    points: Type | None = None
    """What the account has so far."""
    is_numbered: bool = False
    """Whether the event that is looked at may be numbered otherwise, because one more may precede it."""

    def find(self, expression: Expression) -> Direction:
        match expression:
            case Constant() | Field() | HistoryAt() | Latest():
                return STILL
            case AccountSoFar():
                return self.before
            case Read(name=name):
                return self._find_read(name)
            case Lookup(table=name, key=key):
                direction = move_lookup(self._table(name), self.find(key), self.find_range(key), self.analysis.grades)
                compare = self.analysis.moving_tables
                return direction | (compare(name, self.find_range(key)) if compare else STILL)
            case Rate(lookup=Lookup(table=name, key=key)):
                return move_rate(self._table(name), self.find(key), self.find_range(key))
            case Sugar():
                return self.find(expand(expression))
            case Apply():
                return self._find_applied(expression)
            case EventFold():
                return self._find_fold(expression)
            case PrecedingRun(condition=condition):
                return self.find(condition)
            case Nth():
                return self._find_number(expression)
        return self._find_else(expression)

    def _find_read(self, name: str) -> Direction:
        if self.analysis.program.has_step(name):
            return self.analysis.find_step(name)
        return RISES if name == self.analysis.fact else self.analysis.moving.get(name, STILL)

    def _find_else(self, expression: Expression) -> Direction:
        """What another policy decided stays as it is; that something is there does not move.

        In the row with a key nothing moves, for there is one such row; but it may not have been there before.
        """
        row = expression.operand if isinstance(expression, Has) else expression
        if isinstance(row, Neighbour):
            return self._find_number(row)
        if isinstance(row, KeyedField):
            is_same = row.table != self.analysis.fact or (row is expression and not isinstance(row, LatestField))
            return STILL if is_same and all(self.find(key) == STILL for key in row.keys) else EITHER
        if isinstance(row, DependencyValue):
            return STILL if row.field.table != self.analysis.fact else EITHER
        return STILL if isinstance(expression, Has) else EITHER

    def _find_number(self, number: Nth) -> Direction:
        """Among more events the number of one can only rise, and a sum up to it if nothing is taken away."""
        if any(self.find(part) != STILL for part in subexpressions(number)):
            return EITHER
        if isinstance(number, Neighbour):  # another event may come between
            return EITHER if self.is_numbered and number.table == self.analysis.fact else STILL
        if isinstance(number, SumTo) and self.find_range(number.body).low < 0:
            return EITHER if self.is_numbered and number.table == self.analysis.fact else STILL
        return RISES if self.is_numbered and number.table == self.analysis.fact else STILL

    def _find_applied(self, applied: Apply) -> Direction:
        if applied.operator == "if":
            return self._find_branches(*applied.operands)
        moved = tuple(map(self.find, applied.operands))
        if set(moved) <= {STILL} or _is_constant(self.ranges.interpret(applied)):
            return STILL
        possible = [rank_grades(each, self.analysis.grades) for each in map(self.ranges.interpret, applied.operands)]
        if any(moves != STILL and not _has_order(part) for moves, part in zip(moved, applied.operands, strict=True)):
            return self._compare_grades(applied, moved, possible)
        rule = RULES.get(applied.operator)
        direction = rule(moved, possible) if rule else EITHER
        return direction if direction != EITHER else self._look_closer(applied)

    def _compare_grades(self, applied: Apply, moved: Sequence[Direction], possible: Sequence[Possible]) -> Direction:
        """Texts have no order but that of grades, which comparisons of texts do not know."""
        if applied.operator == "in":
            plain = self.ranges.interpret(applied.operands[0])
            return move_choice(moved[0], plain, applied.options, self.analysis.grades)
        is_ranked = all(isinstance(each, Type) and each.is_number for each in possible)
        known = applied.operator == "require" or (applied.operator in {"==", "!="} and is_ranked)
        return RULES[applied.operator](moved, possible) if known else EITHER

    def _look_closer(self, applied: Apply) -> Direction:
        """At what occurs twice; products of level 1 are rounded in between."""
        direction, operator = EITHER, applied.operator
        if self.analysis.program.level == 1 or not applied.type.is_number:
            return direction
        if operator in DIVISIONS:
            dividend, divisor = applied.operands
            return move_quotient(dividend, divisor, self)
        for depth in DEPTHS if operator in SUMS else ():
            direction &= move_by_slopes(applied, self, depth)
        return direction

    def open_step(self, name: str) -> "tuple[Step | GroupStep, _Moves] | None":
        """What computes a step, and how its parts move; None for an account, and for a group that is not still."""
        analysis = self.analysis
        step = analysis.program.step(name) if analysis.program.has_step(name) else None
        if isinstance(step, GroupStep) and (analysis.moving_tables is not None or analysis.is_compared(step)):
            return None
        return None if step is None or isinstance(step, Account) else (step, _Moves(analysis, analysis.assumptions))

    def _find_branches(self, condition: Expression, then: Expression, otherwise: Expression) -> Direction:
        truths = self.ranges.find_truths(condition)
        holds, fails = self.assume(condition, holds=True), self.assume(condition, holds=False)
        if truths == {True}:
            return holds.find(then)
        if truths == {False}:
            return fails.find(otherwise)
        moved, switch = holds.find(then) | fails.find(otherwise), self.find(condition)
        if then == otherwise:
            return moved
        first, second = (
            rank_grades(each, self.analysis.grades)
            for each in (fails.ranges.interpret(otherwise), holds.ranges.interpret(then))
        )
        return moved | move_by_switch(switch, first, second)

    # over events

    def _find_fold(self, fold: EventFold) -> Direction:
        """A fold over events that stay, of which each may change, and over one event more."""
        grows = fold.table == self.analysis.fact
        inside = evolve(self, is_numbered=grows)
        where = inside.find(fold.where) if fold.where is not None else STILL
        counted = inside.assume(fold.where, holds=True) if fold.where is not None else inside
        match fold:
            case Count():
                return where | (RISES if grows else STILL)
            case SumOver(body=body):
                return inside.add_each(where, counted, body, grows=grows)
            case Exists(body=body):  # which is decided also where it is unknown whether an event counts
                return where | inside.find(body) | (RISES if grows else STILL)
            case ForAll(body=body):
                return -where | inside.find(body) | (FALLS if grows else STILL)
            case GreatestOver(body=body) | LeastOver(body=body) if where == STILL:
                more = RISES if isinstance(fold, GreatestOver) else FALLS
                return inside.find(body) | (more if grows else STILL)
        moves = {where, *map(inside.find, subexpressions(fold))}
        return STILL if moves == {STILL} and not grows else EITHER

    def add_each(self, where: Direction, counted: "_Moves", body: Expression, *, grows: bool) -> Direction:
        """A sum: of what changes, of what begins or ceases to count, and of one event more."""
        amount = counted.ranges.find_range(body)
        moved = counted.find(body) | move_product(where, amount)
        return moved | (move_product(RISES, amount) if grows else STILL)

    # accounts

    def enter(self, rule: EntryRule) -> tuple[Direction, Type]:
        """How an account moves after a rule, and what it can have."""
        assert self.points is not None  # noqa: S101  an account has opened
        grows = bool(rule.each) and rule.each == self.analysis.fact
        inside = evolve(self, is_numbered=grows)
        when = inside.find(rule.when) if rule.when is not None else STILL
        applying = inside.assume(rule.when, holds=True) if rule.when is not None else inside
        if rule.to is not None:
            return self._set(rule.when, when, applying, rule.to)
        assert rule.points is not None  # noqa: S101  a rule adds or sets
        amount = applying.ranges.find_range(rule.points)
        direction = self.before | inside.add_each(when, applying, rule.points, grows=grows)
        if rule.each:
            amount = evolve(amount, low=min(0, amount.low) * MAX_EVENTS, high=max(0, amount.high) * MAX_EVENTS)
        return direction, add_entry(self.points, amount, is_certain=bool(rule.each) or rule.when is None)

    def _set(
        self, condition: Expression | None, when: Direction, applying: "_Moves", to: Expression
    ) -> tuple[Direction, Type]:
        assert self.points is not None  # noqa: S101  see above
        moved, after = applying.find(to), applying.ranges.find_range(to)
        if condition is None:
            return moved, after
        switch = move_by_switch(when, self.points, after)
        return self.before | moved | switch, union_type(self.points, after) or after

    # what is known

    @property
    def ranges(self) -> AbstractInterpreter:
        """Between what bounds expressions lie under what is assumed."""

        def find_known(expression: Expression) -> Possible | None:
            if isinstance(expression, AccountSoFar):
                return self.points
            return next((possible for assumed, possible in self.assumptions if assumed == expression), None)

        return AbstractInterpreter(find_known)

    def find_range(self, expression: Expression) -> Type:
        return self.ranges.find_range(expression)

    def _table(self, name: str) -> BandTable:
        return next(table for table in self.analysis.program.tables if table.name == name)

    def assume(self, condition: Expression, *, holds: bool) -> "_Moves":
        """The same where a condition holds, or fails."""
        assumed = list_assumed(condition, self.analysis.program, self.find_range, holds=holds)
        return evolve(self, assumptions=(*assumed, *self.assumptions))


def _has_order(expression: Expression) -> bool:
    return expression.type.kind is not TypeKind.STRING


def _is_constant(possible: Possible) -> bool:
    return possible.is_number and possible.low == possible.high if isinstance(possible, Type) else len(possible) == 1
