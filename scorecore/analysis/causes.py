"""Follows, for each subject, which edits lead to a difference of its results.

A step whose value differs and that is touched by an edit has that edit as a cause, and hands its causes on to the steps
that read it and differ as well.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.analysis.program_diff import EARLIER, ProgramEdit, find_reached, order_steps
from scorecore.facts.model import ROW, SUBJECT, Facts
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program
from scorecore.values.types import PLACES

AND: Final = " + "
"""Between the causes of a change."""
BEFORE: Final = ":before"
"""Ends the name of a column with what the old program decided."""
AFTER: Final = ":after"
_ID: Final = "id"
_BITS: Final = 64
_MASK: Final = ":causes"
_PAST: Final = ":past"


def align_sides(name: str, frame: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
    """A value before and after as columns of one type; where a program has no such step, 0, false or null."""
    old_type, new_type = (frame.schema.get(name + side) for side in (BEFORE, AFTER))
    types = [dtype for dtype in (old_type, new_type) if dtype is not None]
    if not types:
        return pl.lit(None), pl.lit(None)
    common: pl.DataType = types[0] if len({*types}) == 1 else pl.String()
    is_number = all(dtype.is_numeric() for dtype in types)
    if is_number:
        scale = max(dtype.scale if isinstance(dtype, pl.Decimal) else 0 for dtype in types)
        common = pl.Decimal(38, min(scale, PLACES))
    absent = pl.lit(value=False) if common == pl.Boolean() else pl.lit(0 if is_number else None)
    before = absent if old_type is None else pl.col(name + BEFORE)
    after = absent if new_type is None else pl.col(name + AFTER)
    return before.cast(common), after.cast(common)


@frozen(eq=False)
class CauseTracer:
    """Decisions side by side, with a column of bits for each step: one for each edit that leads to a difference."""

    programs: tuple[Program, Program]
    """The old one and the new one."""
    edits: Sequence[ProgramEdit]
    frame: pl.DataFrame
    inputs: Mapping[str, frozenset[str]]
    """The steps that edits lead to, each with those of them that it reads, which precede it."""

    @classmethod
    def of(
        cls,
        programs: tuple[Program, Program],
        edits: Sequence[ProgramEdit],
        frame: pl.DataFrame,
        facts: tuple[Facts, Facts],
    ) -> "CauseTracer":
        """Trace the edits through decisions side by side."""
        order = order_steps(*programs)
        names = {*find_reached(order, frozenset(step for edit in edits for step in edit.touches))}
        inputs = {name: reads & names for name, reads in order if name in names}
        has_other_past = pl.col(_ID).is_in(_find_differing_past(*facts).implode())
        tracer = cls(programs, edits, frame.with_columns(has_other_past.alias(_PAST)), inputs)
        return evolve(tracer, frame=tracer._trace())

    def name_causes(self, steps: Sequence[str]) -> pl.Expr:
        """The causes of some results in words; of a pay line that counts otherwise its edit, whatever its value."""
        old_signs, new_signs = ({str(line.step): line.sign for line in program.pay} for program in self.programs)
        turned = [name for name in steps if old_signs.get(name) != new_signs.get(name)]
        texts = []
        for number, edits in enumerate(self._words() if steps else ()):
            bits = _no_bits()
            for name in steps:
                bits |= pl.col(f"{name}{_MASK}{number}")
            for name in turned:
                counts = pl.any_horizontal(value.fill_null(0) != 0 for value in align_sides(name, self.frame))
                bits |= pl.when(counts).then(_touching_bits(name, edits)).otherwise(_no_bits())
            texts.append(bits.map_batches(partial(_name_edits, edits=edits), return_dtype=pl.String))
        return pl.concat_str(texts, separator=AND, ignore_nulls=True) if texts else pl.lit("", dtype=pl.String)

    def _words(self) -> list[Sequence[ProgramEdit]]:
        """The edits by the column that has their bits."""
        return [self.edits[start : start + _BITS] for start in range(0, len(self.edits), _BITS)]

    def _trace(self) -> pl.DataFrame:
        """The frame with the bits of every step."""
        frame = self.frame.lazy()
        grouped = {step.name for program in self.programs for step in program.grouped}
        for name, inputs in self.inputs.items():
            before, after = align_sides(name, self.frame)
            differs = before.ne_missing(after)
            masks = []
            for number, edits in enumerate(self._words()):
                bits = _touching_bits(name, edits)
                for step in sorted(inputs):
                    step_bits = pl.col(f"{step}{_MASK}{number}")
                    # a member of a group may differ because of the value of another member
                    bits |= step_bits.bitwise_or() if name in grouped else step_bits
                masks.append(pl.when(differs).then(bits).otherwise(_no_bits()).alias(f"{name}{_MASK}{number}"))
            frame = frame.with_columns(masks)
        return frame.collect()


def _touching_bits(name: str, edits: Sequence[ProgramEdit]) -> pl.Expr:
    """The bits of the edits that touch a step; that of earlier periods only where they differ."""
    touching = {bit: edit for bit, edit in enumerate(edits) if name in edit.touches}
    bits = pl.lit(sum(1 << bit for bit, edit in touching.items() if edit.name != EARLIER), dtype=pl.UInt64)
    for bit, edit in touching.items():
        if edit.name == EARLIER:
            bits |= pl.when(_PAST).then(pl.lit(1 << bit, dtype=pl.UInt64)).otherwise(_no_bits())
    return bits


def _no_bits() -> pl.Expr:
    return pl.lit(0, dtype=pl.UInt64)


def _name_edits(bits: pl.Series, edits: Sequence[ProgramEdit]) -> pl.Series:
    """The names of the edits whose bits are set; null where there is none."""
    masks = bits.unique()
    texts = [AND.join(edit.name for bit, edit in enumerate(edits) if mask >> bit & 1) or None for mask in masks]
    return bits.replace_strict(masks, pl.Series(values=texts, dtype=pl.String), return_dtype=pl.String)


def _find_differing_past(before: Facts, after: Facts) -> pl.Series:
    """The ids of those whose earlier periods are not the same on both sides."""
    histories = [
        rows.frame.drop(ROW, SUBJECT, strict=False).select(
            facts.ids.gather(rows.frame[SUBJECT]).alias(_ID), pl.exclude(_ID)
        )
        for facts in (before, after)
        if (rows := facts.rows.get(HISTORY)) is not None
    ]
    if not histories:
        return pl.Series(_ID, [], dtype=pl.String)
    if len(histories) == 1:
        return histories[0][_ID].unique()
    # a value that only one side reads cannot differ
    shared = [name for name in histories[0].columns if name in histories[1].columns]
    if _have_same_keys(*histories):
        pairs = zip(*(history.select(shared) for history in histories), strict=True)
        differs = pl.DataFrame([_find_unequal(*pair).alias(f"{number}") for number, pair in enumerate(pairs)])
        return histories[0].filter(differs.select(pl.any_horizontal(pl.all())).to_series())[_ID].unique()
    rows_of_both = pl.concat([history.select(pl.col(shared).cast(pl.String)) for history in histories])
    return rows_of_both.filter(rows_of_both.is_unique())[_ID].unique()


def _have_same_keys(before: pl.DataFrame, after: pl.DataFrame) -> bool:
    """Whether both have one row for each of the same subjects and periods, in the same order."""
    keys = before.select(_ID, AGO)
    if not keys.equals(after.select(_ID, AGO)):
        return False
    return not keys.select(pl.all_horizontal(pl.all() == pl.all().shift(1)).any()).item()


def _find_unequal(before: pl.Series, after: pl.Series) -> pl.Series:
    """Where two columns differ; as texts where they are of two types."""
    if before.dtype != after.dtype:
        before, after = before.cast(pl.String), after.cast(pl.String)
    return before.ne_missing(after)
