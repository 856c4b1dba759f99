"""Decisions as flat tables with names instead of numbers: what files, sheets and terminals show."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate import decisions as numbered
from scorecore.evaluate.decisions import NET, PARTIAL, Decisions
from scorecore.facts.model import Facts
from scorecore.facts.readable import make_readable
from scorecore.program.model import EventTable, Program, result_name
from scorecore.values.types import Type, TypeKind

TABLES: Final = ("decisions", "entries", "pay", "holds")


def decisions_table(of: Decisions) -> pl.DataFrame:
    """A row for each subject: id, period, and every result by name; what is held is null."""
    results = [pl.col(name).alias(result_name(name)) for name in of.program.results()]
    results += [pl.col(NET), pl.col(PARTIAL)] if of.program.pay else []
    return of.frame.select(_subject(of), _period(of), *results)


def with_facts(program: Program, facts: Facts, table: pl.DataFrame) -> pl.DataFrame:
    """A table with a row for each subject, in the order of the facts, and beside it the facts as text."""
    columns = program.schema.columns
    written = facts.subjects.select(_written(pl.col(one.name), one.type).alias(one.name) for one in columns)
    return pl.concat([table, written], how="horizontal")


def entries_table(of: Decisions) -> pl.DataFrame:
    """A row for each reason for points: item, reason, label, quantity, points, the event, and the clause."""
    program = of.program
    rules = pl.DataFrame(
        [(rule.account, rule.reason, rule.label, rule.each, rule.authority) for rule in program.ledger],
        schema=dict.fromkeys(("item", "reason", "label", "table", "authority"), pl.String),
        orient="row",
    )
    entries = of.entries.sort(numbered.SUBJECT, "rule", "event", nulls_last=False)
    names = rules[entries["rule"]]
    event = _events(of.facts, program, entries)
    return pl.DataFrame(
        [
            *entries.select(_subject(of), _period(of)),
            *names.select("item", "reason", "label"),
            *entries.select("quantity", "points"),
            names["table"],
            event.alias("event"),
            names["authority"],
        ]
    )


def _events(facts: Facts, program: Program, entries: pl.DataFrame) -> pl.Series:
    """The key of the event that each entry rests on; null where it rests on none."""
    found = pl.Series("event", [None] * len(entries), dtype=pl.String)
    for table in program.schema.events:
        rows = facts.rows.get(table.name)
        rules = [number for number, rule in enumerate(program.ledger) if rule.each == table.name]
        if rows is None or not rules:
            continue
        at = entries["rule"].is_in(rules).arg_true()
        keys = event_keys(table, rows.frame)
        found = found.scatter(at, keys[entries["event"][at]])
    return found


def event_keys(table: EventTable, frame: pl.DataFrame) -> pl.Series:
    """The key of each event as text."""
    types = {column.name: column.type for column in table.columns}
    parts = [_written(pl.col(name), types[name]) for name in table.key]
    return frame.select(pl.concat_str(parts, separator=" ")).to_series()


def _written(expr: pl.Expr, of: Type) -> pl.Expr:
    """As Python writes it: a timestamp to the second."""
    if of.kind is TypeKind.TIMESTAMP:
        return expr.dt.strftime("%Y-%m-%d %H:%M:%S")
    return make_readable(expr, of).cast(pl.String)


def pay_table(of: Decisions) -> pl.DataFrame:
    """A row for each line of pay that applies: line, kind, label, amount, what it does to net pay, and the clause."""
    program = of.program
    steps = [(line, program.step(line.step)) for line in program.pay]
    lines = pl.DataFrame(
        [(line.step, line.kind, step.label, step.authority, line.sign) for line, step in steps],
        schema={"line": pl.String, "kind": pl.String, "label": pl.String, "authority": pl.String, "sign": pl.Int64},
        orient="row",
    )
    pay = of.pay.sort(numbered.SUBJECT, "line")
    names = lines[pay["line"]]
    amount = pay["amount"]
    signed = pl.DataFrame([amount, names["sign"]]).select(
        effect=pl.when(pl.col("sign") < 0).then(-pl.col("amount")).otherwise(pl.col("amount"))
    )
    return pl.DataFrame(
        [
            *pay.select(_subject(of), _period(of)),
            *names.select("line", "kind", "label"),
            amount,
            signed["effect"],
            names["authority"],
        ]
    )


def holds_table(of: Decisions, say: Callable[[Diagnostic], str]) -> pl.DataFrame:
    """A row for each step that is held and each of its causes: code, reason as `say` has it, and place."""
    rows = [
        (
            of.facts.ids[subject],
            of.facts.period.label,
            result_name(step),
            cause.kind.code,
            say(cause),
            str(cause.location),
        )
        for subject, steps in sorted(of.held.items())
        for step, causes in steps.items()
        for cause in causes
    ]
    names = (of.program.schema.subject, "period", "step", "code", "reason", "place")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def tables(of: Decisions, say: Callable[[Diagnostic], str]) -> Mapping[str, pl.DataFrame]:
    """All four tables by name."""
    made = (decisions_table(of), entries_table(of), pay_table(of), holds_table(of, say))
    return dict(zip(TABLES, made, strict=True))


def _subject(of: Decisions) -> pl.Expr:
    numbers = pl.col(numbered.SUBJECT)
    ids = of.facts.ids
    return numbers.map_batches(ids.gather, return_dtype=pl.String).alias(of.program.schema.subject)


def _period(of: Decisions) -> pl.Expr:
    return pl.lit(of.facts.period.label).alias("period")
