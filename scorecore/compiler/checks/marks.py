"""What is marked in the file of a policy for a part of an expression, which knows only where it begins."""

import re
from collections.abc import Iterable
from typing import Final

from attrs import evolve

from scorecore.diagnostics.source import Location
from scorecore.policy.load import Document

_WORD: Final = re.compile(r"[A-Za-z_][\w.]*")


def mark_call(place: Location, documents: Iterable[Document]) -> tuple[Location, int]:
    """The place in its file of a name or a call, with its length; programs know files by the ids of policies."""
    source = next((document.source for document in documents if document.id == place.source), None)
    if source is None:
        return place, 1
    text = source.line(place.line)[place.column - 1 :]
    word = _WORD.match(text)
    length = word.end() if word else 1
    return evolve(place, source=source.name), length + _measure_brackets(text[length:])


def _measure_brackets(text: str) -> int:
    """How long a text in brackets is with which a text begins; 0 where it begins with none, or does not close it."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position + 1 if position else 0
    return 0
