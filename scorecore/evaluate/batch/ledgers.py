"""The entries, the pay lines and the net pay of the subjects that columns decide."""

from collections.abc import Iterator, Sequence

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate import decisions
from scorecore.evaluate.batch.flatten import FlatPosting
from scorecore.evaluate.batch.folds import gather
from scorecore.evaluate.batch.lower import ColumnCompiler, ColumnRequest, compute_columns, plan_columns
from scorecore.evaluate.decisions import from_outcomes
from scorecore.facts.model import SUBJECT, Facts
from scorecore.facts.readable import make_readable
from scorecore.language.operators import ColumnExpression
from scorecore.language.operators.scaled import get_physical_dtype, make_literal, rescale
from scorecore.program.model import Program

DECIDED = "#decided"
"""Whether columns decided a subject."""


@frozen(eq=False)
class LedgerTables:
    """The ledgers of an evaluation in columns."""

    program: Program
    facts: Facts
    lowering: ColumnCompiler
    postings: Sequence[FlatPosting]
    subjects: pl.DataFrame
    """Every column of the subjects, their numbers and DECIDED."""

    def pay(self) -> pl.DataFrame:
        """subject, line, amount."""
        places = decisions.pay_places(self.program)
        lines = []
        for number, line in enumerate(self.program.pay):
            rows = self.subjects.lazy().filter(DECIDED, *([line.applies] if line.applies else []))
            amount = _decimal(ColumnExpression(pl.col(line.step), self.program.step(line.step).type), places)
            lines.append(rows.select(decisions.SUBJECT, line=pl.lit(number, dtype=pl.UInt16), amount=amount))
        return _concat(lines) if lines else from_outcomes(self.program, self.facts, (), (), {}).pay

    def entries(self) -> pl.DataFrame:
        """subject, rule, quantity, points, event."""
        own_postings = [posting for posting in self.postings if not posting.each]
        frames = list(self.post(self.subjects, self.lowering, own_postings))
        by_table: dict[str, list[FlatPosting]] = {}
        for posting in self.postings:
            if posting.each in self.facts.rows:
                by_table.setdefault(posting.each, []).append(posting)
        inner = ColumnCompiler(self.program, self.lowering.context, {}, beside=True)
        for table, postings in by_table.items():
            bodies = [part for posting in postings for part in posting.expressions()]
            gathered = gather(self.facts.rows[table], self.subjects, bodies, inner, self.facts.rows)
            frame = gathered.frame.with_row_index("event").rename({SUBJECT: decisions.SUBJECT})
            is_decided = self.subjects[DECIDED].gather(frame[decisions.SUBJECT])
            frames += self.post(frame.with_columns(is_decided), evolve(inner, folds=gathered.numbers), postings)
        return _concat(frames) if frames else from_outcomes(self.program, self.facts, (), (), {}).entries

    def post(
        self, frame: pl.DataFrame, lowering: ColumnCompiler, postings: Sequence[FlatPosting]
    ) -> Iterator[pl.LazyFrame]:
        """The entries of some rules: first which rows have one, then the figures of those."""
        conditions = {
            posting.rule: ColumnRequest(f"#when{posting.rule}", posting.when)
            for posting in postings
            if posting.when is not None
        }
        columns = frame
        if conditions:
            columns = frame.hstack(compute_columns(frame, list(conditions.values()), lowering))
        for posting in postings:
            condition = conditions.get(posting.rule)
            rows = columns.lazy().filter(DECIDED, *([condition.name] if condition else []))
            yield self.compute_figures(rows, frame.columns, lowering, posting)

    def compute_figures(
        self, rows: pl.LazyFrame, columns: Sequence[str], lowering: ColumnCompiler, posting: FlatPosting
    ) -> pl.LazyFrame:
        """The entries that a rule has in some rows."""
        quantity_places = decisions.quantity_places(self.program)
        points_places = decisions.points_places(self.program)
        requests = [ColumnRequest("#points", posting.points)]
        quantity = pl.lit(None, dtype=pl.Decimal(38, quantity_places))
        if posting.quantity is not None:
            requests.append(ColumnRequest("#quantity", posting.quantity))
            quantity = _decimal(ColumnExpression(pl.col("#quantity"), posting.quantity.type), quantity_places)
        kept = (decisions.SUBJECT, "event") if posting.each else (decisions.SUBJECT,)
        return plan_columns(rows, columns, requests, lowering, kept).select(
            decisions.SUBJECT,
            rule=pl.lit(posting.rule, dtype=pl.UInt16),
            quantity=quantity,
            points=_decimal(ColumnExpression(pl.col("#points"), posting.points.type), points_places),
            event=pl.col("event") if posting.each else pl.lit(None, dtype=pl.UInt32),
        )


def sum_net_pay(program: Program) -> pl.Expr:
    """Net pay in terms of the amounts of all lines, with their signs."""
    net_type = decisions.net_type(program)
    dtype = get_physical_dtype(net_type)
    total = make_literal(0, dtype)
    for line in program.pay:
        amount = rescale(ColumnExpression(pl.col(line.step), program.step(line.step).type), net_type.places, dtype)
        total = total + amount if line.sign > 0 else total - amount
    return make_readable(total, net_type)


def _concat(frames: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    return pl.concat(pl.collect_all(frames))


def _decimal(column: ColumnExpression, places: int) -> pl.Expr:
    return rescale(column, places, pl.Int128()).reinterpret(dtype=pl.Decimal(38, places))
