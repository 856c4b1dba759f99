"""Groups as the facts form them: groups of one, and names that nearly match, which are seldom meant to differ."""

from __future__ import annotations  # nothing loads Polars when a command starts

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final, NamedTuple

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.facts.model import ROW, Facts
from scorecore.facts.notations import compose
from scorecore.facts.readable import select_readable
from scorecore.program.model import Program

_MAX_NAMED: Final = 10
_BLANKS: Final = re.compile(r"(?<![0-9])[\W_]+|[\W_]+(?![0-9])")
"""Blanks and punctuation, but not what divides two numbers: 1-1 is not 11."""
_TELLING: Final = frozenset("0123456789一二三四五六七八九十甲乙丙丁东西南北中上下左右前后内外大小新老总副正男女早晚")
"""A letter that tells two units apart, such as the number in 销售一部."""
_ENDINGS: Final = re.compile(
    r"(营业部|营业厅|营业所|分公司|子公司|公司|分行|支行|分店|门店|[部店组科处室队行所]|branch|team|department|dept)$"
)
"""What is often left out at the end of the name of a unit."""
_FEWEST_LETTERS: Final = 3
"""In names that are shorter than this every letter counts."""
_EXCHANGED: Final = 2
_WORD: Final = re.compile(r"[a-z]{4,}")


class _Group(NamedTuple):
    """A group, by what its members share."""

    text: str
    size: int
    row: int
    """Of the file, of the first member."""
    first: str
    """The id of the first member."""


def find_odd_groups(program: Program, facts: Facts) -> Iterator[Diagnostic]:
    """Note names of groups that nearly match, and groups of one, for each fact by which groups are formed."""
    for name in sorted({group.by for group in program.groups} - {""}):
        column = next(column for column in program.schema.columns if column.name == name)
        groups = _list_groups(facts, select_readable(facts.subjects, [column]).to_series())
        is_open = column.type.among is None and not column.type.is_number
        alike = dict(_pair_alike(groups)) if is_open else {}
        for group, other in alike.items():
            params = {"name": name, "text": group.text, "other": other.text, "count": str(group.size)}
            yield Diagnostic(catalogue.GROUPS_ALIKE, _locate(facts, name, group.row), params)
        alone = [group for group in groups if group.size == 1 and group not in alike]
        if alone and len(facts) > 1:
            listed = ", ".join(f"{group.text} ({group.first})" for group in alone[:_MAX_NAMED])
            params = {"name": name, "groups": listed + (", …" if len(alone) > _MAX_NAMED else "")}
            params |= {"count": str(len(alone))}
            yield Diagnostic(catalogue.GROUPS_OF_ONE, _locate(facts, name, alone[0].row), params)


def _list_groups(facts: Facts, cells: pl.Series) -> list[_Group]:
    """The groups in the order of their first members."""
    members = pl.DataFrame([cells.cast(pl.String).alias("text"), facts.subjects[ROW], facts.ids.alias("id")])
    groups = members.drop_nulls("text").sort(ROW).group_by("text", maintain_order=True)
    return [_Group(*row) for row in groups.agg(pl.len(), pl.col(ROW).first(), pl.col("id").first()).rows()]


def _locate(facts: Facts, name: str, row: int) -> Location:
    in_sheet = bool(facts.columns)
    return Location(facts.source, int(row), facts.columns.get(name, 0), in_sheet=in_sheet)


def _pair_alike(groups: Iterable[_Group]) -> Iterator[tuple[_Group, _Group]]:
    """Groups whose names nearly match, the smaller one first; each smaller one once, with the greatest other."""
    by_form: dict[str, list[_Group]] = {}
    ordered = sorted(groups, key=lambda group: (-group.size, group.row))
    for group in ordered:
        folded = _fold(group.text)
        similar = {other for form in _list_forms(folded) for other in by_form.get(form, ())}
        greater = [other for other in ordered if other in similar and nearly_match(group.text, other.text)]
        if greater:
            yield group, greater[0]
        for form in _list_forms(folded):
            by_form.setdefault(form, []).append(group)


def _list_forms(folded: str) -> set[str]:
    """What two names that nearly match have in common: the name, without an ending, or without any one letter."""
    return {folded, _ENDINGS.sub("", folded), *(folded[:at] + folded[at + 1 :] for at in range(len(folded)))}


def _fold(text: str) -> str:
    return _BLANKS.sub("", compose(text).casefold())


def nearly_match(first: str, second: str) -> bool:
    """Whether two names differ by a slip of the pen: case, blanks, an ending, or a letter that tells nothing.

    A letter left out or two exchanged are slips. Another letter is one only in a word of Latin letters, because Chinese
    names of units often differ by a single character; and in codes such as `NYCA` every letter counts.
    """
    shorter, longer = sorted((_fold(first), _fold(second)), key=len)
    if shorter == longer or (shorter and _ENDINGS.sub("", longer) == shorter):
        return True
    if len(shorter) < _FEWEST_LETTERS or first.isupper() or second.isupper():
        return False
    left, right = _cut_alike(shorter, longer)
    if not left:
        return len(right) == 1 and right.isalnum() and right not in _TELLING
    if len(left) == len(right) == 1:
        return _differ_in_a_word(first, second)
    return len(left) == _EXCHANGED and left == right[::-1] and not any(map(str.isnumeric, left))


def _cut_alike(shorter: str, longer: str) -> tuple[str, str]:
    """What is left of two texts without their common beginning and their common end."""
    begin = _count_alike(shorter, longer)
    left, right = shorter[begin:], longer[begin:]
    end = _count_alike(left[::-1], right[::-1])
    return left[: len(left) - end], right[: len(right) - end]


def _count_alike(first: str, second: str) -> int:
    """With how many of the same letters two texts begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _differ_in_a_word(first: str, second: str) -> bool:
    """Whether the same words stand in both, except for one of some Latin letters."""
    words, others = (re.findall(r"[^\W_]+", compose(text).casefold()) for text in (first, second))
    differing = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    return len(words) == len(others) and len(differing) == 1 and all(map(_WORD.fullmatch, differing[0]))
