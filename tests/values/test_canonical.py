"""scj-1: one value has one spelling, and nothing else is read."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any

import polars as pl
import pytest
import rfc8785
from hypothesis import assume, example, given
from hypothesis import strategies as st

from scorecore.record.runs.json_columns import join_texts, json_text
from scorecore.values.canonical_json import LARGEST, decode, encode

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
LEAVES = st.booleans() | st.text(max_size=12) | st.integers(-LARGEST, LARGEST)
PLAIN = st.recursive(
    LEAVES, lambda children: st.lists(children, max_size=4) | st.dictionaries(KEYS, children, max_size=4)
)


@given(PLAIN)
@example(LARGEST)
@example(-LARGEST)
@example([0, -1, "", "\x7f", "\u2028", {}])
def test_what_is_written_is_read_again(value: Any) -> None:
    """Plain data of texts, bools and small whole numbers is the same after writing and reading."""
    assert decode(encode(value)) == value


@given(PLAIN)
@example(LARGEST)
@example(-LARGEST)
@example([0, -1, "", '\x00\x1f\x7f"\\/', "\u2028", "😀", {"": 0}])
def test_it_is_the_json_of_rfc_8785(value: Any) -> None:
    """Canonical bytes are, byte by byte, those of another implementation of RFC 8785."""
    assert encode(value) == rfc8785.dumps(value)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.none()))
def test_columns_of_texts_are_written_alike(values: list[str | None]) -> None:
    assert in_columns(values, pl.String()) == alone(values)


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(LARGEST - 2, LARGEST + 2) | st.none()))
@example([end * sign for end in (0, 1, LARGEST, LARGEST + 1, 2**63 - 1) for sign in (1, -1)])
def test_columns_of_whole_numbers_are_written_alike(values: list[int | None]) -> None:
    assert in_columns(values, pl.Int64()) == alone(values)
    assert in_columns(values, pl.Int128()) == alone(values)


@given(st.integers(0, 12), st.lists(st.integers(1 - 10**38, 10**38 - 1) | st.integers(-999, 999) | st.none()))
@example(0, [0, 1, -1, 10**38 - 1, LARGEST, LARGEST + 1])
@example(2, [0, 1, -1, 9, 10, 99, 100, -100, 101, 10**38 - 1])
@example(12, [1, -(10**11), 10**12 - 1, 10**12, 10**12 + 1, 1 - 10**38])
def test_columns_of_decimals_are_written_alike(places: int, values: list[int | None]) -> None:
    with localcontext(prec=40):
        decimals = [None if value is None else Decimal(value).scaleb(-places) for value in values]
    assert in_columns(decimals, pl.Decimal(38, places)) == alone(decimals)


@example([date.min, date.max, date(2024, 2, 29)], [datetime.min, datetime.max, datetime(2024, 5, 31)], [True, False])
@given(st.lists(st.dates() | st.none()), st.lists(st.datetimes() | st.none()), st.lists(st.booleans() | st.none()))
def test_columns_of_other_values_are_written_alike(
    days: list[date | None], moments: list[datetime | None], truths: list[bool | None]
) -> None:
    assert in_columns(days, pl.Date()) == alone(days)
    assert in_columns(moments, pl.Datetime("us")) == alone(moments)
    assert in_columns(truths, pl.Boolean()) == alone(truths)


def in_columns(values: Sequence[Any], dtype: pl.DataType) -> list[str | None]:
    """The texts that Polars writes."""
    column = pl.DataFrame([pl.Series("value", values, dtype=dtype)])
    return column.select(join_texts(json_text(pl.col("value"), dtype))).to_series().to_list()


def alone(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else encode(value).decode() for value in values]


@given(PLAIN, st.data())
def test_another_spelling_is_refused(value: Any, data: st.DataObject) -> None:
    """JSON that means the same but is written in another way is not read."""
    options = data.draw(
        st.fixed_dictionaries(
            {"ensure_ascii": st.booleans(), "separators": st.sampled_from([(",", ":"), (", ", ":"), (",", ": ")])}
        )
    )
    other_spelling = json.dumps(value, **options).encode("utf-8", "surrogatepass")
    assume(other_spelling != encode(value))
    with pytest.raises(ValueError, match="canonical"):
        decode(other_spelling)


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,.0123456789-eEtruefalsn\\u ', max_size=20).map(str.encode))
def test_no_bytes_are_read_in_two_ways(data: bytes) -> None:
    """Whatever the bytes: they are refused, or they are exactly what writing their value gives."""
    try:
        value = decode(data)
    except ValueError:
        return
    assert encode(value) == data


@pytest.mark.parametrize(
    "text",
    [
        "null",
        '{"a":null}',
        "1.5",
        "1e3",
        "NaN",
        "-Infinity",
        "-0",
        "9007199254740992",
        '{"b":1,"a":1}',
        '{"a":1,"a":1}',
        '{"ä":1}',
        ' "a"',
        '"a"\n',
        r'"\u00e4"',
        r'"\/"',
        r'"\ud800"',
        "[" * 100_000,
        "",
    ],
)
def test_what_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode(text.encode())


@pytest.mark.parametrize("value", [1.5, None, {1: "a"}, {"ä": 1}, {1, 2}, Decimal("NaN"), "\ud800", [object()]])
def test_what_has_no_form_is_not_written(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        encode(value)


def test_values_have_one_form() -> None:
    shanghai = timezone(timedelta(hours=8))
    values = [
        (Decimal("2.50"), Decimal("2.5")),
        (Decimal("-0.0"), Decimal(0)),
        (datetime(2024, 5, 31, 18, tzinfo=shanghai), datetime(2024, 5, 31, 10, tzinfo=UTC)),
    ]
    assert all(encode(left) == encode(right) for left, right in values)


def test_dates_instants_and_bytes() -> None:
    instant = datetime(2024, 5, 31, 10, 0, 0, 5, tzinfo=UTC)
    written = encode([date(2024, 5, 31), instant, datetime(2024, 5, 31, 10), b"\x00\xff", 2**53])
    assert written == b'["2024-05-31","2024-05-31T10:00:00.000005Z","2024-05-31T10:00:00","AP8=","9007199254740992"]'
