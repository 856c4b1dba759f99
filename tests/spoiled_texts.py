"""Texts as they are while somebody types: cut off, or with something odd in the place of a part."""

from typing import Any, Final

from hypothesis import strategies as st

_FRAGMENTS: Final = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ['"', "'", '"""', "[", "]]", "{", "}", "=", ".", "\r", "\n[", "\ud800", "\x00", "😀", "政策", "\\"]
    ),
)


def spoil(data: Any, text: str) -> str:
    """A text as it may be while somebody types: cut off, or with something in the place of a part."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.one_of(st.just(len(text)), st.integers(start, min(len(text), start + 200))))
    return text[:start] + data.draw(_FRAGMENTS) + text[end:]
