"""Rows to their subjects: numbers for ids, and rows in order. Polars' own join and sort do it at half the speed."""

from collections.abc import Callable, Sequence

import polars as pl
from attrs import define, field

from scorecore.facts.ids import fold_case


@define
class SubjectIndex:
    """The number of each subject: the position of its id in the ids.

    It joins hashes of the texts, and then compares the texts, so that no collision changes a result.
    """

    ids: pl.Series
    """Distinct."""
    locate: Callable[[int], str] = str
    """Where the row of a subject is, by its number."""
    names: Sequence[pl.Series] = ()
    """Texts of the subjects, by which somebody may have been named instead of by an id."""
    _by_hash: pl.DataFrame | None = field(init=False)
    """None if two ids have the same hash."""

    def __attrs_post_init__(self) -> None:
        hashes = pl.DataFrame([self.ids.hash().alias("key")]).with_row_index("number")
        self._by_hash = hashes if hashes["key"].n_unique() == len(hashes) else None

    def find_numbers(self, texts: pl.Series) -> pl.Series:
        """The number of each id; null for one that is not known."""
        if self._by_hash is None:
            return _joined(texts, pl.DataFrame([self.ids.alias("key")]).with_row_index("number"))
        numbers = _joined(texts.hash(), self._by_hash)
        is_same = self.ids.gather(numbers) == texts
        return pl.DataFrame([numbers, is_same.alias("same")]).select(pl.when("same").then("number")).to_series()

    def find_meant(self, stranger: str) -> dict[str, str]:
        """The parameter `nearest`, if only one subject can be meant by a text that is not an id.

        Its name is written, or zeros before its number were lost. An id that is nearly the same is another person's.
        """
        for column in self.names:
            positions = (column == stranger).fill_null(value=False).arg_true()
            if len(positions):
                return {"nearest": self.ids[positions[0]]} if len(positions) == 1 else {}
        if stranger.isdecimal():
            same = self.ids.filter(self.ids.str.strip_chars_start("0") == stranger.lstrip("0"))
            if len(same) == 1:
                return {"nearest": same[0]}
        return {}

    def find_case_twins(self, strangers: pl.Series) -> dict[str, int]:
        """By id of nobody, the number of the subject whose id differs from it only by capital letters."""
        folded = pl.DataFrame([fold_case(self.ids).alias("key")]).with_row_index("number")
        numbers = _joined(fold_case(strangers), folded.unique("key", keep="first", maintain_order=True))
        return {stranger: number for stranger, number in zip(strangers, numbers, strict=True) if number is not None}


def _joined(keys: pl.Series, numbered: pl.DataFrame) -> pl.Series:
    return pl.DataFrame([keys.alias("key")]).join(numbered, on="key", how="left", maintain_order="left")["number"]


def sort_rows(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Rows by the named columns, none of them null; equal rows stay as they were.

    One stable sort for each column, the last name first, is quicker than one by all, and what is in order is left.
    """
    if _in_order(frame, names):
        return frame
    for name in reversed(names):
        frame = frame.sort(name, maintain_order=True)
    return frame


def _in_order(frame: pl.DataFrame, names: Sequence[str]) -> bool:
    """Whether each row is not before the one above it."""
    later, equal = pl.lit(value=False), pl.lit(value=True)
    for name in names:
        above = pl.col(name).shift(1)
        later |= equal & (pl.col(name) > above)
        equal &= pl.col(name) == above
    return bool(frame.select((later | equal).slice(1).all()).item())
