"""Every way to write a text or a number means what it means in Google's CEL."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from cel.facts import ABSENT
from cel.sides import accepted, by_cel, typed

_NAMED: Final = {"\a": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}


@st.composite
def text_literals(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and one of the many ways to write it down."""
    # CEL has no surrogates, and what ends a line is a matter of the file that an expression stands in
    value = draw(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\\"'`?/ " + "".join(_NAMED))))
    fence = draw(st.sampled_from(["'", '"', "'''", '"""']))
    lines = set("\r") if len(fence) == 3 else set("\r\n")
    # whether a raw text can end with a backslash is disputed among implementations of CEL
    if draw(st.booleans()) and not set(value) & {*lines, fence[0]} and not value.endswith("\\"):
        return value, draw(st.sampled_from("rR")) + fence + value + fence

    def spell(character: str) -> str:
        code = ord(character)
        ways = [f"\\U{code:08x}"]
        ways += [f"\\u{code:04X}"] if code < 0x10000 else []
        ways += [f"\\x{code:02x}", f"\\X{code:02X}", f"\\{code:03o}"] if code < 0x100 else []
        ways += [f"\\{_NAMED[character]}"] if character in _NAMED else []
        ways += [f"\\{character}"] if character in "\\\"'`?" else []
        plain = character not in {*lines, "\\", fence[0]}
        return str(draw(st.sampled_from([character] * plain * 5 + ways)))

    return value, fence + "".join(map(spell, value)) + fence


@given(text_literals())
def test_text_literals(written: tuple[str, str]) -> None:
    """Every way to write a text is read as CEL reads it."""
    value, literal = written
    assert accepted(literal, ABSENT) == by_cel(literal, ABSENT) == [value]


@st.composite
def number_literals(draw: st.DrawFn) -> str:
    """A number with at most 15 digits, which a double shows as it was written, and not more than 12 places."""
    if draw(st.booleans()):
        number = draw(st.integers(-(2**63), 2**63 - 1) | st.integers(-100, 100))
        zeros = "0" * draw(st.integers(0, 3))
        digits = draw(st.sampled_from([f"{zeros}{abs(number)}", f"0x{abs(number):x}", f"0x{zeros}{abs(number):X}"]))
        return f"-{digits}" if number < 0 else digits
    integer, part = draw(st.integers(0, 10**7)), draw(st.text("0123456789", min_size=1, max_size=8))
    power = draw(st.integers(-4, 8))
    exponent = draw(st.sampled_from(["", f"{draw(st.sampled_from('eE'))}{draw(st.sampled_from(['', '+']))}{power}"]))
    exponent = exponent.replace("+-", "-")
    return draw(st.sampled_from(["", "-"])) + draw(st.sampled_from([f"{integer}.{part}", f".{part}"])) + exponent


@given(number_literals())
def test_number_literals(literal: str) -> None:
    """Every way to write a number is read as CEL reads it."""
    assert typed(accepted(literal, ABSENT)) == typed(by_cel(literal, ABSENT))
