"""Decisions as flat tables with names instead of numbers: what files, sheets and terminals show."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.decisions import NET, PARTIAL, SUBJECT, Decisions
from scorecore.facts.model import Facts
from scorecore.facts.readable import make_readable, select_readable
from scorecore.program.model import Program, result_name
from scorecore.program.schema import EventTable
from scorecore.values.types import Type, TypeKind

TABLES: Final = ("decisions", "entries", "pay", "holds")


def decisions_table(decisions: Decisions) -> pl.DataFrame:
    """A row for each subject: id, period, and every result by name; what is held is null."""
    results = [pl.col(name).alias(result_name(name)) for name in decisions.program.results()]
    results += [pl.col(NET), pl.col(PARTIAL)] if decisions.program.pay else []
    return decisions.frame.select(_subject(decisions), _period(decisions), *results)


def with_facts(program: Program, facts: Facts, table: pl.DataFrame) -> pl.DataFrame:
    """A table with a row for each subject, in the order of the facts, and beside it the facts in their types."""
    return pl.concat([table, select_readable(facts.subjects, program.schema.columns)], how="horizontal")


def entries_table(decisions: Decisions) -> pl.DataFrame:
    """A row for each reason for points: item, reason, label, quantity, points, the event, and the clause."""
    program = decisions.program
    rules = pl.DataFrame(
        [(rule.account, rule.reason, rule.label, rule.each, rule.authority) for rule in program.ledger],
        schema=dict.fromkeys(("item", "reason", "label", "table", "authority"), pl.String),
        orient="row",
    )
    entries = decisions.entries.sort(SUBJECT, "rule", "event", nulls_last=False)
    names = rules[entries["rule"]]
    event = _events(decisions.facts, program, entries)
    return pl.DataFrame(
        [
            *entries.select(_subject(decisions), _period(decisions)),
            *names.select("item", "reason", "label"),
            *entries.select("quantity", "points"),
            names["table"],
            event.alias("event"),
            names["authority"],
        ]
    )


def _events(facts: Facts, program: Program, entries: pl.DataFrame) -> pl.Series:
    """The key of the event that each entry rests on; null where it rests on none."""
    events = pl.Series("event", [None] * len(entries), dtype=pl.String)
    for table in program.schema.events:
        rows = facts.rows.get(table.name)
        rules = [number for number, rule in enumerate(program.ledger) if rule.each == table.name]
        if rows is None or not rules:
            continue
        positions = entries["rule"].is_in(rules).arg_true()
        keys = event_keys(table, rows.frame)
        events = events.scatter(positions, keys[entries["event"][positions]])
    return events


def event_keys(table: EventTable, frame: pl.DataFrame) -> pl.Series:
    """The key of each event as text."""
    types = {column.name: column.type for column in table.columns}
    parts = [_written(pl.col(name), types[name]) for name in table.key]
    return frame.select(pl.concat_str(parts, separator=" ")).to_series()


def _written(expr: pl.Expr, fact_type: Type) -> pl.Expr:
    """As Python writes it: a timestamp to the second."""
    if fact_type.kind is TypeKind.TIMESTAMP:
        return expr.dt.strftime("%Y-%m-%d %H:%M:%S")
    return make_readable(expr, fact_type).cast(pl.String)


def pay_table(decisions: Decisions) -> pl.DataFrame:
    """A row for each pay line that applies: line, kind, label, amount, what it does to net pay, and the clause."""
    program = decisions.program
    steps = [(line, program.step(line.step)) for line in program.pay]
    lines = pl.DataFrame(
        [(line.step, line.kind, step.label, step.authority, line.sign) for line, step in steps],
        schema={"line": pl.String, "kind": pl.String, "label": pl.String, "authority": pl.String, "sign": pl.Int64},
        orient="row",
    )
    pay = decisions.pay.sort(SUBJECT, "line")
    names = lines[pay["line"]]
    amount = pay["amount"]
    signed = pl.DataFrame([amount, names["sign"]]).select(
        effect=pl.when(pl.col("sign") < 0).then(-pl.col("amount")).otherwise(pl.col("amount"))
    )
    return pl.DataFrame(
        [
            *pay.select(_subject(decisions), _period(decisions)),
            *names.select("line", "kind", "label"),
            amount,
            signed["effect"],
            names["authority"],
        ]
    )


def holds_table(decisions: Decisions, say: Callable[[Diagnostic], str]) -> pl.DataFrame:
    """A row for each step that is held and each of its causes: code, reason as `say` has it, and place."""
    rows = [
        (
            decisions.facts.ids[subject],
            decisions.facts.period.label,
            result_name(step),
            cause.kind.code,
            say(cause),
            str(cause.location),
        )
        for subject, steps in sorted(decisions.held.items())
        for step, causes in steps.items()
        for cause in causes
    ]
    names = (decisions.program.schema.subject, "period", "step", "code", "reason", "place")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def tables(decisions: Decisions, say: Callable[[Diagnostic], str]) -> Mapping[str, pl.DataFrame]:
    """All four tables by name."""
    frames = (decisions_table(decisions), entries_table(decisions), pay_table(decisions), holds_table(decisions, say))
    return dict(zip(TABLES, frames, strict=True))


def _subject(decisions: Decisions) -> pl.Expr:
    numbers = pl.col(SUBJECT)
    ids = decisions.facts.ids
    return numbers.map_batches(ids.gather, return_dtype=pl.String).alias(decisions.program.schema.subject)


def _period(decisions: Decisions) -> pl.Expr:
    return pl.lit(decisions.facts.period.label).alias("period")
