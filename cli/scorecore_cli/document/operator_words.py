"""Operators in words: a sentence for each, and how tightly it holds its operands together."""

from typing import Final

from attrs import frozen

from scorecore_cli.language import _

CONDITIONAL: Final = 0
OR: Final = 1
AND: Final = 2
COMPARE: Final = 3
ADD: Final = 4
MULTIPLY: Final = 5
TIGHT: Final = 9
"""How tightly words hold together; what is inside something tighter is put in brackets."""


@frozen
class OperatorWords:
    """A sentence with blanks `{a}`, `{b}`, `{c}` for operands, `{option}` for a calendar or a time, or `{parts}`."""

    sentence: str
    level: int = TIGHT
    inside: int = CONDITIONAL
    """How tightly the first operand has to hold together; those after it more."""

    @property
    def is_list(self) -> bool:
        return "{parts}" in self.sentence

    def fill(self, **words: str) -> str:
        return self.sentence.format(**words)


def operator_words(operator: str) -> OperatorWords:
    """The words of an operator; every operator that is not written in another way has some."""
    return {**_signs(), **_comparisons(), **_numbers(), **_texts(), **_days(), **_worktime()}[operator]


def _signs() -> dict[str, OperatorWords]:
    return {
        "+": OperatorWords("{a} + {b}", ADD, ADD),
        "-": OperatorWords("{a} \u2212 {b}", ADD, ADD),
        "*": OperatorWords("{a} × {b}", MULTIPLY, MULTIPLY),
        "/": OperatorWords("{a} ÷ {b}", MULTIPLY, MULTIPLY),
        "negate": OperatorWords("\u2212{a}", TIGHT - 1, TIGHT),
        "or": OperatorWords(_("{a}, or {b}"), OR, OR),
        "and": OperatorWords(_("{a}, and {b}"), AND, AND),
        "not": OperatorWords(_("not: {a}"), COMPARE, COMPARE),
    }


def _comparisons() -> dict[str, OperatorWords]:
    return {
        "==": OperatorWords(_("{a} is {b}"), COMPARE, ADD),
        "!=": OperatorWords(_("{a} is not {b}"), COMPARE, ADD),
        "<": OperatorWords(_("{a} is less than {b}"), COMPARE, ADD),
        "<=": OperatorWords(_("{a} is at most {b}"), COMPARE, ADD),
        ">": OperatorWords(_("{a} is more than {b}"), COMPARE, ADD),
        ">=": OperatorWords(_("{a} is at least {b}"), COMPARE, ADD),
        "in": OperatorWords(_("{a} is among {options}"), COMPARE, ADD),
    }


def _numbers() -> dict[str, OperatorWords]:
    return {
        "least": OperatorWords(_("the least of: {parts}"), ADD - 1),
        "greatest": OperatorWords(_("the greatest of: {parts}"), ADD - 1),
        "abs": OperatorWords(_("{a} without its sign"), ADD - 1),
        "quotient": OperatorWords(_("the whole number of times that {b} goes into {a}"), ADD - 1),
        "int": OperatorWords(_("{a} without its decimal places"), ADD - 1),
    }


def _texts() -> dict[str, OperatorWords]:
    return {
        "contains": OperatorWords(_("{a} contains {b}"), COMPARE, ADD),
        "startsWith": OperatorWords(_("{a} begins with {b}"), COMPARE, ADD),
        "endsWith": OperatorWords(_("{a} ends with {b}"), COMPARE, ADD),
        "size": OperatorWords(_("the number of characters of {a}")),
    }


def _days() -> dict[str, OperatorWords]:
    return {
        "days": OperatorWords(_("the days from {a} to {b}"), inside=ADD),
        "months_between": OperatorWords(_("the complete months from {a} to {b}"), inside=ADD),
        "add_days": OperatorWords(_("the day {b} days after {a}"), inside=ADD),
        "year": OperatorWords(_("the year of {a}"), inside=ADD),
        "month": OperatorWords(_("the month of {a}"), inside=ADD),
        "day": OperatorWords(_("the day of the month of {a}"), inside=ADD),
        "date": OperatorWords(_("the day of {a}"), inside=ADD),
        "at": OperatorWords(_("{option} on {a}"), inside=ADD),
        "minutes_between": OperatorWords(_("the minutes from {a} to {b}"), inside=ADD),
        "hours_between": OperatorWords(_("the hours from {a} to {b}"), inside=ADD),
    }


def _worktime() -> dict[str, OperatorWords]:
    return {
        "is_workday": OperatorWords(_("{a} is a working day (calendar {option})"), COMPARE, ADD),
        "workdays": OperatorWords(_("the working days after {a} up to {b} (calendar {option})"), inside=ADD),
        "add_workdays": OperatorWords(_("the working day {b} working days after {a} (calendar {option})"), inside=ADD),
        "workminutes": OperatorWords(_("the working minutes from {a} to {b} (calendar {option})"), inside=ADD),
        "workhours": OperatorWords(_("the working hours from {a} to {b} (calendar {option})"), inside=ADD),
    }


def rounding_words(number: str, places: int, mode: str) -> str:
    """A number that is rounded, and how; half away from zero is what everybody expects."""
    modes = {
        "half_up": "",
        "half_even": _("a half to the even digit"),
        "up": _("away from zero"),
        "down": _("towards zero"),
        "ceiling": _("upwards"),
        "floor": _("downwards"),
    }
    rounded = _("{figures}, rounded to {count} places", figures=number, count=places)
    return _("{words} ({detail})", words=rounded, detail=modes[mode]) if modes[mode] else rounded
