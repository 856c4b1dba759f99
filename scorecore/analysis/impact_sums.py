"""Adds up what differs between two decisions of everyone: by person, cause, reason, grade, or facts."""

from collections.abc import Sequence

import polars as pl

from scorecore.analysis.causes import AFTER, AND, BEFORE
from scorecore.analysis.impact import CAUSES, CHANGE, ID, PAY_CAUSES, ImpactTables
from scorecore.evaluate.decisions import NET
from scorecore.values.step_id import GRADE


def sum_by_person(tables: ImpactTables) -> pl.DataFrame:
    """A row for each subject that differs, who gains most first: id, periods, pay before and after, change, causes.

    Of somebody whose pay differs in all the causes are those of the pay.
    """
    causes = {
        name: pl.col(name).drop_nulls().str.split(AND).explode().unique(maintain_order=True).str.join(AND)
        for name in (CAUSES, PAY_CAUSES)
    }
    people = tables.people.group_by(ID, maintain_order=True).agg(
        periods=pl.col("differs").sum(),
        before=pl.col(NET + BEFORE).fill_null(0).sum(),
        after=pl.col(NET + AFTER).fill_null(0).sum(),
        change=pl.col(CHANGE).sum(),
        **causes,
    )
    is_paid = pl.col(CHANGE) != 0
    shown = pl.when(is_paid).then(PAY_CAUSES).otherwise(CAUSES).alias(CAUSES)
    people = people.select(ID, "periods", "before", "after", CHANGE, shown)
    return people.filter(pl.col("periods") > 0).sort(pl.col(CHANGE), ID, descending=[True, False])


def sum_by_cause(tables: ImpactTables) -> pl.DataFrame:
    """A row for each line and its causes: people, before, after, change. The changes add up to that of net pay."""
    lines = _sum_changes(tables.lines, ("line", CAUSES))
    return lines.sort(pl.col(CHANGE).abs(), "line", CAUSES, descending=[True, False, False])


def sum_by_reason(tables: ImpactTables) -> pl.DataFrame:
    """A row for each reason for points that differs: item, reason, people, before, after, change."""
    reasons = _sum_changes(tables.entries, ("item", "reason"))
    return reasons.sort(pl.col(CHANGE).abs(), "item", "reason", descending=[True, False, False])


def _sum_changes(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    return frame.group_by(*columns, maintain_order=True).agg(
        people=pl.col(ID).n_unique(),
        before=pl.col("before").sum(),
        after=pl.col("after").sum(),
        change=pl.col(CHANGE).sum(),
    )


def sum_by_columns(tables: ImpactTables, columns: Sequence[str]) -> pl.DataFrame:
    """A row for each value of some columns of `people`: decisions, how many differ, pay before and after, change."""
    return (
        tables.people.group_by(*columns)
        .agg(
            decisions=pl.len(),
            differ=pl.col("differs").sum(),
            up=(pl.col(CHANGE) > 0).sum(),
            down=(pl.col(CHANGE) < 0).sum(),
            before=pl.col(NET + BEFORE).fill_null(0).sum(),
            after=pl.col(NET + AFTER).fill_null(0).sum(),
            change=pl.col(CHANGE).sum(),
        )
        .sort(*columns, nulls_last=True)
    )


def count_grade_moves(tables: ImpactTables) -> pl.DataFrame:
    """How many decisions have which grade before and after: `grade:before`, `grade:after`, decisions, change of pay."""
    grades = (GRADE + BEFORE, GRADE + AFTER)
    counts = tables.people.group_by(*grades).agg(decisions=pl.len(), change=pl.col(CHANGE).sum())
    return counts.sort(*grades, nulls_last=True)
