"""The name that an author probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_SIMILARITY: Final = 0.7


def find_nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a reader would take `word` for; `None` if none is similar."""
    return next(iter(get_close_matches(word, sorted(candidates), n=1, cutoff=_SIMILARITY)), None)


def suggest(word: str, candidates: Iterable[str]) -> dict[str, str]:
    """The parameter `nearest` of a diagnostic, if a candidate is similar to `word`; else empty."""
    nearest_name = find_nearest(word, candidates)
    return {"nearest": nearest_name} if nearest_name else {}
