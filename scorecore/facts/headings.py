"""Headings of tables: which fact, clock or period a column has, however people write it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from scorecore.facts.notations import compose, list_unit_signs
from scorecore.program.schema import FactColumn

PERIOD_HEADINGS: Final = ("period", "期间", "月份")
"""Headings of the column that says for which period a row is."""
_USUAL: Final = frozenset(
    (
        *("考核期间", "考核期", "考核月份", "考核月", "考核年月", "考核季度", "考核年度", "考核周期"),
        *("所属期", "所属期间", "所属月份", "所属月", "所属年月", "归属期", "归属期间", "归属月份", "归属月", "账期"),
        *("会计期间", "核算期间", "核算月份", "统计期间", "统计月份", "统计月", "业务月份", "业务期间", "数据月份"),
        *("绩效月份", "绩效月", "绩效期间", "工资月份", "薪资月份", "工资所属月份", "工资所属期"),
        *("reporting period", "assessment period", "performance period", "pay period", "reporting month"),
    )
)
"""Other names that people give to it."""
_USUAL_OF: Final = {
    "week": frozenset(("周", "周次", "week")),
    "half-month": frozenset(("半月",)),
    "month": frozenset(("月", "月度", "年月", "month")),
    "quarter": frozenset(("季", "季度", "quarter")),
    "half-year": frozenset(("半年", "半年度")),
    "year": frozenset(("年", "年度", "年份", "year")),
}
"""Those that only a policy of such periods can mean."""


def is_heading(heading: str, names: Collection[str]) -> bool:
    """Whether a heading is one of some names, but for blanks, ends of lines, width and characters that nobody sees."""
    return find_name(heading, {name: name for name in names}) is not None


def find_name(heading: str, names: Mapping[str, str]) -> str | None:
    """What a heading means, of `names` by the way they are written; None if it means nothing."""
    exact = heading.strip()
    if exact in names:
        return names[exact]
    composed = _join(heading)
    return next((name for written, name in names.items() if composed and _join(written) == composed), None)


def name_with_units(columns: Iterable[FactColumn]) -> dict[str, str]:
    """What headings mean that repeat the unit of a fact behind its name, such as `任务额(元)` of one in CNY."""
    return {
        f"{text}{bracket.format(sign)}": column.name
        for column in columns
        if column.unit
        for text in (column.name, column.label)
        if text
        for sign in list_unit_signs(column.unit)
        for bracket in ("({})", "[{}]", "【{}】", "/{}", "(单位:{})")
    }


def list_period_headings(headings: Iterable[str], every: str, fact_names: Collection[str] = ()) -> list[str]:
    """The headings that say for which period a row is; what is a fact is none of them."""
    usual = {_fold(name) for name in (*PERIOD_HEADINGS, *_USUAL, *_USUAL_OF[every])}
    plain = set(PERIOD_HEADINGS)
    return [
        heading
        for heading in headings
        if heading.strip() in plain or (_fold(heading) in usual and not is_heading(heading, fact_names))
    ]


def _join(heading: str) -> str:
    """A heading without blanks: a narrow column has it in more than one line."""
    return "".join(compose(heading).split())


def _fold(heading: str) -> str:
    return _join(heading).casefold()
