"""Facts of some of the subjects, as if there were no others."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Mapping
from typing import TypeVar

import polars as pl
from attrs import evolve

from scorecore.facts.model import SUBJECT, Facts, RowsBySubject

_About = TypeVar("_About")


def select_facts(facts: Facts, kept: pl.Series) -> Facts:
    """The facts of the subjects for whom `kept` is true, who are numbered anew."""
    new_numbers = _number_kept(kept)
    return evolve(
        facts,
        ids=facts.ids.filter(kept),
        subjects=facts.subjects.filter(kept),
        rows={name: _select_rows(rows, kept, new_numbers) for name, rows in facts.rows.items()},
        bad={name: _renumber(faults, new_numbers) for name, faults in facts.bad.items()},
    )


def _select_rows(rows: RowsBySubject, kept: pl.Series, new_numbers: pl.Series) -> RowsBySubject:
    is_kept = kept[rows.frame[SUBJECT]]
    frame = rows.frame.filter(is_kept)
    sizes = rows.ends - rows.ends.shift(1, fill_value=0)
    return evolve(
        rows,
        frame=frame.with_columns(new_numbers[frame[SUBJECT]].alias(SUBJECT)),
        ends=sizes.filter(kept).cum_sum().cast(pl.UInt32),
        bad={name: _renumber(faults, _number_kept(is_kept)) for name, faults in rows.bad.items()},
        distrusted=_renumber(rows.distrusted, new_numbers),
    )


def _number_kept(kept: pl.Series) -> pl.Series:
    """By number before, the number among those that are kept; null for the others."""
    position = kept.cast(pl.UInt32).cum_sum() - 1
    return pl.DataFrame({"kept": kept, "position": position}).select(pl.when("kept").then("position")).to_series()


def _renumber(by_number: Mapping[int, _About], new_numbers: pl.Series) -> dict[int, _About]:
    numbered = ((new_numbers[number], about) for number, about in by_number.items())
    return {number: about for number, about in numbered if number is not None}
