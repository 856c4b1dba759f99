"""A case in words, as an example: what is recorded beside what all cases share, and what follows."""

from collections.abc import Iterator, Mapping
from datetime import time

from scorecore.analysis.cases.model import Case, Expected
from scorecore.policy.toml import Node, TomlArray, TomlScalar, TomlTable
from scorecore_cli.document.rule_words import RuleWords, join_clauses, join_words, write_constant
from scorecore_cli.language import _
from scorecore_cli.statements.formula_words import format_figure


def describe_case(case: Case, words: RuleWords) -> Iterator[str]:
    """The facts of a case, a sentence a table, and its results."""
    if case.period:
        yield _("Period: {period}.", period=case.period)
    yield from describe_facts_of(case.rest, words)
    if case.missing:
        yield _("Not recorded at all: {tables}.", tables=join_words(map(words.name_table, case.missing)))
    if case.others is not None:
        count = sum(other.times for other in case.others)
        yield _("Others who are looked at together: {count}.", count=count)
    if case.groups:
        groups = (f"{words.name(name)} {write_constant(value)}" for name, value in case.groups.items())
        yield _("Compared with others: {figures}.", figures=join_words(groups))
    yield from _describe_expected(case.expect, words)


def describe_facts_of(tables: TomlTable, words: RuleWords) -> Iterator[str]:
    """The facts of each table, a sentence a table."""
    for name, node in tables.entries.items():
        yield _("{label}: {facts}.", label=words.name_table(name), facts=_describe_facts(name, node, words))


def _describe_facts(table: str, node: Node, words: RuleWords) -> str:
    match node:
        case TomlTable(entries=entries):
            return join_words(
                f"{words.name_column(table, name)} {_describe_facts(table, child, words)}"
                for name, child in entries.items()
            )
        case TomlArray(items=items):
            return join_clauses([_describe_facts(table, child, words) for child in items]) or _("nothing")
        case TomlScalar(value=value):
            return value.isoformat("minutes") if isinstance(value, time) else write_constant(value)
    raise TypeError(node)


def _describe_expected(expect: Expected, words: RuleWords) -> Iterator[str]:
    if not expect.assessed:
        yield _("Not assessed.")
    points = list(_figures("items", expect.items, words))
    points += [] if expect.total is None else [(words.name("score.total"), format_figure(expect.total))]
    points += [] if expect.grade is None else [(_("grade"), words.describe_grade(expect.grade))]
    pay = list(_figures("pay", expect.pay, words))
    pay += [] if expect.net is None else [(_("net pay"), format_figure(expect.net))]
    for sentence, figures in (
        (_("Values: {figures}."), list(_figures("values", expect.values, words))),
        (_("Points: {figures}."), points),
        (_("Pay: {figures}."), pay),
        (_("Balances: {figures}."), list(_figures("carry", expect.carry, words))),
    ):
        if figures:
            yield sentence.format(figures=join_words(f"{label} {figure}" for label, figure in figures))
    if expect.actions is not None:
        parts = join_words(words.name(f"actions.{name}") for name in expect.actions) or _("nothing")
        yield _("Proposed: {parts}.", parts=parts)
    if expect.held:
        yield _("Waits: {parts}.", parts=join_words(map(words.name, expect.held)))


def _figures(section: str, figures: Mapping[str, object], words: RuleWords) -> Iterator[tuple[str, str]]:
    """Each with its label, which two of them may share."""
    yield from ((words.name(f"{section}.{name}"), format_figure(figure)) for name, figure in figures.items())
