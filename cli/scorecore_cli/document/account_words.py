"""How points come about, in words: what an account begins with, and each rule that changes it."""

from collections.abc import Iterator
from decimal import Decimal

from scorecore.language.expressions import AccountSoFar, Apply, Constant, Expression
from scorecore.program.steps import Account, EntryRule
from scorecore.values.step_id import SCORE_TOTAL
from scorecore_cli.document.rule_words import RuleWords
from scorecore_cli.labels import reason_label
from scorecore_cli.language import _, ngettext
from scorecore_cli.statements.formula_words import format_figure


def describe_account(account: Account, words: RuleWords) -> Iterator[str]:
    """A sentence for the opening, unless it is zero, and for each rule."""
    is_nothing = isinstance(account.opening, Constant) and not account.opening.value
    if account.name != SCORE_TOTAL and not is_nothing:
        yield _("Begins with {points} points.", points=words.describe(account.opening))
    yield from (_describe_rule(rule, account, words) for rule in account.entries)


def _describe_rule(rule: EntryRule, account: Account, words: RuleWords) -> str:
    change = _describe_change(rule, words)
    if rule.when is not None:
        change = _("if {condition}: {change}", condition=words.describe(rule.when), change=change)
    if rule.each:
        change = _("for each of {table}: {change}", table=words.name_table(rule.each), change=change)
    label = reason_label(rule.reason, rule.label)
    clause = rule.authority if rule.authority != account.authority else ""
    named = _("{label} — {rule}", label=label, rule=change)
    return _("{rule} [{clause}].", rule=named, clause=clause) if clause else _("{rule}.", rule=named)


def _describe_change(rule: EntryRule, words: RuleWords) -> str:
    if rule.points is not None:
        return _describe_points(rule.points, words)
    match rule.to:
        case Apply(operator="greatest" | "least" as name, operands=(AccountSoFar(), bound)):
            limit = words.describe(bound)
            return (
                _("at least {points} points", points=limit)
                if name == "greatest"
                else _("at most {points} points", points=limit)
            )
        case Apply(operator="round", operands=(AccountSoFar(),), options=(places, *_rest)):
            return _("the points are rounded to {count} places", count=places)
        case Expression() as points:
            return _("the points become {points}", points=words.describe(points))
    return ""


def _describe_points(points: Expression, words: RuleWords) -> str:
    match points:
        case Constant(value=int() | Decimal() as number):
            if not number:
                return _("no points change")
            return _count_points(abs(number), is_loss=number < 0)
        case Apply(operator="negate", operands=(Constant(value=int() | Decimal() as number),)):
            return _count_points(number, is_loss=True)
        case Apply(operator="negate", operands=(taken,)):
            return _("points are taken: {points}", points=words.describe(taken))
    return _("points are added: {points}", points=words.describe(points))


def _count_points(number: object, *, is_loss: bool) -> str:
    count, figure = 1 if number == 1 else 2, format_figure(number)  # half a point has a plural
    if is_loss:
        return ngettext("{points} point is taken", "{points} points are taken", count, points=figure)
    return ngettext("{points} point is added", "{points} points are added", count, points=figure)
