"""Keys and values that are written as TOML are read as they were."""

from decimal import Decimal

import tomli
from hypothesis import given
from hypothesis import strategies as st

from scorecore.policy.toml_values import write_key, write_value

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["\x7f", "\x00", "\x0b", "\x1b", '"', "\\"])
"""Surrogates are in no text of UTF-8."""
scalars = (
    texts
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.decimals(-(10**9), 10**9, places=2).filter(bool)
    | st.dates()
    | st.datetimes()
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


@given(key=texts, value=values)
def test_what_is_written_is_read(key: str, value: object) -> None:
    """Control characters, which TOML wants escaped, too: a suggested case with one was left out."""
    assert tomli.loads(f"{write_key(key)} = {write_value(value)}", parse_float=Decimal) == {key: value}
