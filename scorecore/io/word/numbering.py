"""The numbers before paragraphs, which a file of Word does not contain but counts: 第一条, (一), 1.2.

ECMA-376, part 1, section 17.9: a paragraph names a list and a level; a list is a copy of an abstract one, which counts
through all its copies unless a copy begins anew.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from xml.etree import ElementTree as ET

from attrs import define, field, frozen

from scorecore.policy.regulation.markers import write_han
from scorecore.policy.regulation.numerals import CIRCLED

WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS: Final = 9
_MOST: Final = 999
"""Numbers beyond are not those of clauses, and stay in digits."""
_COUNT: Final = re.compile("[0-9]{1,6}")
_BLANK: Final = re.compile(r"%([1-9])")
_ROMAN: Final = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_LETTERS: Final = 26
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"


def _write_roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def _write_letter(number: int) -> str:
    """A to Z, then AA to ZZ, as Word counts."""
    count, place = divmod(number - 1, _LETTERS)
    return chr(ord("a") + place) * (count + 1)


def _pick(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if number <= len(signs) else str(number)


_FORMATS: Final[Mapping[str, Callable[[int], str]]] = {
    **dict.fromkeys(
        (
            "chineseCounting", "chineseCountingThousand", "japaneseCounting", "koreanDigital2", "taiwaneseCounting",
            "taiwaneseCountingThousand", "ideographDigital",
        ),
        write_han,
    ),
    **dict.fromkeys(("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), _pick(CIRCLED)),
    "decimalEnclosedParen": lambda number: f"({number})",
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "decimalZero": lambda number: f"{number:02}",
    "ideographTraditional": _pick(_STEMS),
    "ideographZodiac": _pick(_BRANCHES),
    "lowerLetter": _write_letter,
    "upperLetter": lambda number: _write_letter(number).upper(),
    "lowerRoman": _write_roman,
    "upperRoman": lambda number: _write_roman(number).upper(),
}  # fmt: skip
"""How a level writes its numbers; in digits if not named here."""
_SILENT: Final = frozenset({"bullet", "none"})


@frozen
class NumberLevel:
    """How one level of a list is counted and written."""

    start: int = 1
    number_format: str = "decimal"
    text: str = ""
    """With `%1` for the number of the first level, and so on."""
    restarts_after: int | None = None
    """The level, from 1, after which it begins anew; None: any above it; 0: never."""
    is_legal: bool = False
    """Whether all its numbers are written in digits."""


@define
class _Count:
    """Where an abstract list has got to, by level; None before the first paragraph of a level."""

    numbers: list[int | None] = field(factory=lambda: [None] * _LEVELS)


@define
class Numbering:
    """The lists of a file, which count while its paragraphs are read in their order."""

    abstract: Mapping[str, Mapping[int, NumberLevel]] = field(factory=dict)
    lists: Mapping[str, str] = field(factory=dict)
    """By its id the abstract list that a list is a copy of."""
    overrides: Mapping[str, Mapping[int, int]] = field(factory=dict)
    """By list and level where a copy begins anew."""
    _counts: dict[str, _Count] = field(factory=dict, init=False)
    _begun: set[str] = field(factory=set, init=False)

    @classmethod
    def read(cls, root: ET.Element | None) -> "Numbering":
        """The lists that a part declares; none where a file has no such part."""
        if root is None:
            return cls()
        abstract = {
            _attribute(element, "abstractNumId"): _read_levels(element)
            for element in root.iterfind(f"{WORD}abstractNum")
        }
        lists, overrides = {}, {}
        for element in root.iterfind(f"{WORD}num"):
            list_id = _attribute(element, "numId")
            lists[list_id] = _value(element, "abstractNumId")
            overrides[list_id] = {
                level: read_count(start)
                for override in element.iterfind(f"{WORD}lvlOverride")
                if (level := read_count(_attribute(override, "ilvl"))) < _LEVELS
                and (start := _value(override, "startOverride"))
            }
        return cls(abstract, lists, overrides)

    def write_next(self, list_id: str, level: int) -> str:
        """The number of the next paragraph of a list and level; empty where it has none."""
        name = self.lists.get(list_id, "")
        levels = self.abstract.get(name, {})
        if level not in levels:
            return ""
        numbers = self._counts.setdefault(name, _Count()).numbers
        if list_id not in self._begun:
            self._begun.add(list_id)
            for overridden, start in self.overrides.get(list_id, {}).items():
                numbers[overridden] = start - 1
        current = numbers[level]
        numbers[level] = levels[level].start if current is None else current + 1
        for deeper in range(level + 1, _LEVELS):
            if deeper in levels and _begins_again(levels[deeper], deeper, level):
                numbers[deeper] = None
        return self._write(levels, level, numbers)

    @staticmethod
    def _write(levels: Mapping[int, NumberLevel], level: int, numbers: list[int | None]) -> str:
        own = levels[level]
        if own.number_format in _SILENT:
            return ""

        def write(match: re.Match[str]) -> str:
            named = int(match[1]) - 1
            named_level = levels.get(named, NumberLevel())
            number = numbers[named]
            digits = named_level.start if number is None else number
            write_number = (
                str if own.is_legal or not 1 <= digits <= _MOST else _FORMATS.get(named_level.number_format, str)
            )
            return "" if named_level.number_format in _SILENT else write_number(digits)

        return _BLANK.sub(write, own.text)


def _begins_again(deeper: NumberLevel, number: int, counted: int) -> bool:
    if deeper.restarts_after is None:
        return counted < number
    return counted < deeper.restarts_after


def _read_levels(abstract: ET.Element) -> dict[int, NumberLevel]:
    levels = {}
    for element in abstract.iterfind(f"{WORD}lvl"):
        restart = _value(element, "lvlRestart")
        levels[read_count(_attribute(element, "ilvl"))] = NumberLevel(
            read_count(_value(element, "start"), 1),
            _value(element, "numFmt") or "decimal",
            _value(element, "lvlText"),
            read_count(restart) if restart else None,
            element.find(f"{WORD}isLgl") is not None,
        )
    return {level: declared for level, declared in levels.items() if level < _LEVELS}


def read_count(text: str, default: int = 0) -> int:
    """A small number of an attribute; the default where there is none, or none that can be read."""
    return int(text) if _COUNT.fullmatch(text) else default


def _attribute(element: ET.Element, name: str) -> str:
    return element.get(f"{WORD}{name}", "")


def _value(element: ET.Element, name: str) -> str:
    """The value of a property; empty where there is none."""
    child = element.find(f"{WORD}{name}")
    return "" if child is None else _attribute(child, "val")
