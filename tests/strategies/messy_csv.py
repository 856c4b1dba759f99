"""Folders of CSV files as people have them: what every cell means, and whether people have to be told of it.

All of a folder follows from a seed: a folder is drawn in a tenth of the time that reading it takes.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

from attrs import define, field, frozen

THIS: Final = "2024-05"
OTHER: Final = "2024-03"


LINE_END: Final = re.compile(r"\r\n|\r|\n")


class Written(NamedTuple):
    """A cell, what it means (None: nothing that fits, or nothing), and whether people have to be told."""

    text: str
    value: object
    is_told: bool


MISSING: Final = Written("", None, is_told=True)
ABSENT: Final = Written("", None, is_told=False)
AMOUNTS: Final = (
    *(Written(text, Decimal(text), is_told=False) for text in ("12", "-3.5", "0", "1e3", "+7")),
    *(Written(text, Decimal("1234.5"), is_told=True) for text in ("1,234.5", "１２３４．５", "￥1,234.50", "1234.5元")),
    *(Written(text, Decimal(95000), is_told=True) for text in ("9.5万", "9.5 万元", "￥9.5万", "9.5万\n元")),
    Written("\u200b12", Decimal(12), is_told=True),
    Written(" 12\n", Decimal(12), is_told=False),
    *(Written(text, None, is_told=True) for text in ("-", "—", "1,23", "(5)", "12%", "$5", "#DIV/0!", "十", "１/２")),
    *(Written(text, None, is_told=True) for text in ("1 234", "12\n13", "=1+1", "\u200b", "１２，３")),
    MISSING,
)
RATES: Final = (
    *(Written(text, Decimal(95), is_told=text != "95") for text in ("95", "95%", "９５％", "95 %")),
    *(Written(text, None, is_told=True) for text in ("95‰", "95元", "#N/A", "/")),
)
COUNTS: Final = (
    *(Written(text, 22, is_told=False) for text in ("22", "22.0", "2.2e1", " 22 ")),
    *(Written(text, 22, is_told=True) for text in ("２２", "22天")),
    *(Written(text, None, is_told=True) for text in ("22.5", "二十二", "22人", "1e30")),
    MISSING,
)
DAYS: Final = (
    *(
        Written(text, date(2024, 5, 6), is_told=False)
        for text in ("2024-05-06", "2024/5/6", "2024年5月6日", "2024.5.6")
    ),
    *(Written(text, date(2024, 5, 6), is_told=True) for text in ("20240506", "2024/5/6 0:00", "2024-05-06 14:30:00.7")),
    *(Written(text, None, is_told=True) for text in ("24-05-06", "5/6/2024", "45418", "2024-02-30", "0024-05-06", "-")),
    *(Written(text, None, is_told=True) for text in ("2024-13-01", "2024-05-06 24:00", "2024-05", "#VALUE!", "明天")),
)
DAYS_OUTSIDE: Final = tuple(
    Written(text, date(2024, month, day), is_told=False)
    for text, month, day in (("2024-04-30", 4, 30), ("2024/6/1", 6, 1), ("2024-03-31", 3, 31), ("2024年3月1日", 3, 1))
)
BRANCHES: Final = (
    *(Written(text, text.strip(), is_told=False) for text in ("城南", " 城南 ", "O'Neil", 'the "best", say', "a;b")),
    *(Written(text, "城南", is_told=True) for text in ("城\u200b南", "\ufeff城南", '="城南"')),
    Written("城\n南", "城\n南", is_told=False),
    *(Written(text, None, is_told=True) for text in ("#REF!", "1.2E+17")),
    ABSENT,
)
LEVELS: Final = (
    *(Written(text, "A1", is_told=text != "A1") for text in ("A1", "Ａ１", "A1\u200b", "A①")),
    *(Written(text, None, is_told=True) for text in ("a1", "A 1", "甲", "A1,北")),
    ABSENT,
)
ACTIVE: Final = (
    *(Written(text, value=True, is_told=False) for text in ("是", "yes", "TRUE", "1", "√")),
    *(Written(text, value=False, is_told=False) for text in ("否", "n", "0")),
    *(Written(text, None, is_told=True) for text in ("对", "-", "2", "?")),
    ABSENT,
)
MONTHS: Final = (
    *(Written(text, THIS, is_told=text != THIS) for text in (THIS, "2024/5", "2024年5月", "202405", "2024-05-01")),
    *(Written(text, OTHER, is_told=text != OTHER) for text in (OTHER, "2024/03")),
    *(Written(text, None, is_told=True) for text in ("五月", "2024.5", "2024", "", "2024-13", "本月")),
)
NUMBERS: Final = tuple(Written(f"N{number}", f"N{number}", is_told=False) for number in range(60))
ID_FORMS: Final = ("E{}",) * 12 + (" E{}", "Ｅ{}", "E{}\u200b", "\xa0E{}", "E{}\n", "Ｅ{}\ufeff", '="E{}"')
BROKEN_IDS: Final = ("", "#N/A", "4.40305E+17", "\u200b", " ")
TOTALS: Final = ("合计", "总计：", "合计（3人）", "Total", "制表人：张三", "备注：略")


@frozen
class Column:
    """A column of a messy table: its name, the headings that it may have, and what its cells may say."""

    name: str
    headings: tuple[str, ...]
    choices: tuple[Written, ...]


@frozen
class Layout:
    """How a file is written."""

    separator: str
    line_end: str
    encoding: str
    quoting: int
    titles: tuple[str, ...]
    stray: int
    """The place of a column without a heading; -1 where there is none."""


@define
class MessyRow:
    """A record of a file: its first line, whom it is about, and its cells."""

    line: int
    id: Written
    cells: Mapping[str, Written]


@define
class MessyTable:
    """A file, and what is to be read of it."""

    layout: Layout
    text: str = ""
    rows: list[MessyRow] = field(factory=list)
    notes: dict[str, list[int]] = field(factory=dict)
    """By code the lines that have to be noted for the way in which the file is written."""


PERSON: Final = (
    Column("period", ("period", "期间", "月份", " 期间", "考核月份"), MONTHS),
    Column("amount", ("amount", "金额", "金额 "), AMOUNTS),
    Column("rate", ("rate", "完成率", "完成率\u200b"), RATES),
    Column("count", ("count", "天数"), COUNTS),
    Column("day", ("day", "日期"), (*DAYS, ABSENT)),
    Column("branch", ("branch", "营业部"), BRANCHES),
    Column("level", ("level", "级别"), LEVELS),
    Column("active", ("active", "在岗"), ACTIVE),
)
VISITS: Final = (
    Column("no", ("no", "编号"), NUMBERS),
    Column("on", ("on", "拜访日"), (*DAYS[:5], *DAYS[:5], *DAYS, *DAYS_OUTSIDE, MISSING)),
    Column("value", ("value", "数值"), AMOUNTS),
)
FINES: Final = (
    Column("no", ("no", "编号"), NUMBERS),
    Column("period", ("period", "期间", "2024年期间")[:2], (*MONTHS[:5], *MONTHS[:5], *MONTHS)),
    Column("fine", ("fine", "罚款"), AMOUNTS),
)


class FolderWriter:
    """Writes the tables of one folder, whatever chance wants."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  a seed, not a secret

    def write_table(self, columns: Sequence[Column], ids: Iterator[Written], *, may_be_unread: bool) -> MessyTable:
        """A file with a row for each of some ids."""
        chance = self._random
        table = MessyTable(self._choose_layout(may_be_unread=may_be_unread))
        layout, headings = table.layout, [chance.choice(column.headings) for column in columns]
        order = chance.sample(range(len(columns)), len(columns))
        self._stray, self._table, self._line, self._text = layout.stray, table, 1, io.StringIO(newline="")
        self._csv = csv.writer(
            self._text, delimiter=layout.separator, lineterminator=layout.line_end, quoting=layout.quoting
        )
        for title in layout.titles:
            table.notes.setdefault("SC430", []).append(self._write([title, "", "x"[: chance.randrange(2)]]))
        self._write(self._add_stray(["person", *(headings[place] for place in order)], ""))
        for subject_id in ids:
            self._write_row(subject_id, columns, order)
        if not chance.randrange(6):
            line = self._write(self._add_stray([chance.choice(TOTALS), *([""] * len(order))], ""))
            table.notes.setdefault("SC432", []).append(line)
        table.text = self._text.getvalue()
        return table

    def _choose_layout(self, *, may_be_unread: bool) -> Layout:
        chance = self._random
        separators = (*",,,,,,,,\t\t", *(";|" if may_be_unread else ""))
        titles = chance.choices(["五月考核表", "单位：元", '"附件"'], k=chance.choice([0, 0, 0, 1, 2]))
        line_end = chance.choice(["\n", "\r\n", "\n", "\r"])
        quoting = csv.QUOTE_MINIMAL if line_end != "\r" and chance.randrange(3) else csv.QUOTE_ALL
        return Layout(
            chance.choice(separators),
            line_end,
            chance.choice(["utf-8", "utf-8-sig", "utf-16"]),
            quoting,
            tuple(titles),
            chance.randrange(1, 4) if not chance.randrange(4) else -1,
        )

    def _write(self, cells: Sequence[str]) -> int:
        """Write a record; the line in which it begins."""
        line, start = self._line, self._text.tell()
        self._csv.writerow(cells)
        written = self._text.getvalue()[start:]
        self._line += len(LINE_END.findall(written))
        if len(LINE_END.findall(written)) > 1:
            self._table.notes.setdefault("SC429", []).append(line)
        return line

    def _add_stray(self, cells: list[str], text: str) -> list[str]:
        """Cells with the one of the column that has no heading."""
        return [*cells[: self._stray], text, *cells[self._stray :]] if self._stray >= 0 else cells

    def _write_row(self, subject_id: Written, columns: Sequence[Column], order: Sequence[int]) -> None:
        chance, table = self._random, self._table
        if not chance.randrange(12):
            self._write([])
        written = {column.name: chance.choice(column.choices) for column in columns}
        if "no" in written:  # mostly every row has a key of its own
            number = len(table.rows) if chance.randrange(10) else chance.randrange(3)
            written["no"] = Written(f"N{number}", f"N{number}", is_told=False)
        stray = "1000" if self._stray >= 0 and not chance.randrange(3) else ""
        texts = [subject_id.text, *(written[columns[place].name].text for place in order)]
        cells = self._add_stray(texts, stray)
        is_short = not (cells[-1] or chance.randrange(2))
        line = self._write(cells[:-1] if is_short else cells)
        if is_short:
            table.notes.setdefault("SC428", []).append(line)
        table.rows.append(MessyRow(line, subject_id, written))
        if stray:
            table.notes.setdefault("SC431", []).append(line)

    def draw_ids(self, count: int, known_count: int) -> Iterator[Written]:
        """Ids of so many rows: of `known` people in many forms, of strangers, or of nobody."""
        chance = self._random
        for number in range(count):
            if not chance.randrange(12):
                yield Written(chance.choice(BROKEN_IDS), None, is_told=True)
                continue
            person = number if known_count == count else chance.randrange(known_count + 2)
            form = chance.choice(ID_FORMS)
            yield Written(form.format(person), f"E{person}", is_told=form.format(person) != f"E{person}")

    def write_folder(self) -> dict[str, MessyTable]:
        """Some people, what they did, and what they are fined."""
        people = self._random.randrange(1, 9)
        tables = {"person": self.write_table(PERSON, self.draw_ids(people, people), may_be_unread=True)}
        for name, columns in (("visits", VISITS), ("fines", FINES)):
            rows = self._random.randrange(9)
            tables[name] = self.write_table(columns, self.draw_ids(rows, people), may_be_unread=False)
        return tables
