"""The words of a program: labels, titles, clauses, assumptions, documents, claims, and the places of all of it.

They decide nothing, so that they have no part in what a program is; but an explanation is made of them. So they are a
document of their own with a digest of its own, which a record keeps beside the program's.
"""

from decimal import Decimal
from typing import Any, Final

import attrs

from scorecore.diagnostics.source import Location
from scorecore.program.digest import PlainData
from scorecore.program.model import BoundClaim, MonotoneClaim, ObjectionRules, PaidOnceClaim, Program
from scorecore.program.schema import PolicyDependency
from scorecore.program.wire_names import TEXT_FIELDS, written_fields
from scorecore.values.canonical_json import digest

_NAMES: Final = ("id", "name", "step", "reason", "policy")
"""The fields by which people know a part, the first that it has."""


def texts_digest(program: Program) -> str:
    """SHA-256 of the words of a program, in hexadecimal digits."""
    return digest("texts", program_texts(program))


def program_texts(program: Program) -> dict[str, PlainData]:
    """The words of a program as nested dicts and lists, which have the shape of the program.

    Each part has its name, its words, and what its parts say. A place is `source:line:column`.
    """
    texts = part_texts(program)
    assert isinstance(texts, dict)  # noqa: S101  a program has a title
    return texts


def part_texts(part: Any) -> PlainData:  # noqa: ANN401  a part of a program of any class
    """The words of a part: a dict; a list for parts in a row, {} for one that says nothing; None for no words."""
    if isinstance(part, tuple):
        texts = [part_texts(element) for element in part]
        return [element or {} for element in texts] if any(texts) else None
    if not attrs.has(type(part)):
        return None
    words: dict[str, PlainData] = {}
    for field in written_fields(part):
        member = getattr(part, field.name)
        text = _text(member) if field.name in TEXT_FIELDS else part_texts(member)
        words |= {} if text is None else {field.name: text}
    words |= _policies(part)
    name = next((getattr(part, name) for name in _NAMES if getattr(part, name, None)), None)
    return {"called": name, **words} if words and isinstance(name, str) else words or None


def _policies(part: Any) -> dict[str, PlainData]:  # noqa: ANN401  a part of a program of any class
    """The names of other policies, which are packed beside their digests."""
    match part:
        case PolicyDependency(among=variants) if variants:
            return {"policies": [policy for _, policy, _ in variants]}
        case PolicyDependency(policy=policy):
            return {"policies": [policy]}
    return {}


def _text(member: Any) -> PlainData:  # noqa: ANN401  a value of any type
    match member:
        case Location(source=source, line=line, column=column):
            return f"{source}:{line}:{column}"
        case tuple():
            return [_text(element) for element in member]
        case MonotoneClaim(more=more, of=results, never=never):
            return {"more": more, "of": list(results), "never": never}
        case BoundClaim(of=results, min=low, max=high):
            ends = {"min": low, "max": high}
            return {"of": list(results), **{name: str(end) for name, end in ends.items() if end is not None}}
        case PaidOnceClaim(of=lines):
            return {"of": list(lines)}
        case ObjectionRules():
            return attrs.asdict(member)
    return member


def read_text(name: str, text: PlainData) -> Any:  # noqa: ANN401  a value of any type
    """A text field out of the words of a part; raises ValueError, TypeError or LookupError."""
    if name == "place":
        source, line, column = text.rsplit(":", 2)
        return Location(source, int(line), int(column))
    if name == "monotone":
        return tuple([MonotoneClaim(claim["more"], tuple(claim["of"]), claim["never"]) for claim in text])
    if name == "bounded":
        bounds = [[Decimal(claim[end]) if end in claim else None for end in ("min", "max")] for claim in text]
        return tuple([BoundClaim(tuple(claim["of"]), *ends) for claim, ends in zip(text, bounds, strict=True)])
    if name == "paid_once":
        return tuple([PaidOnceClaim(tuple(claim["of"])) for claim in text])
    if name == "objections":
        return ObjectionRules(**text)
    return tuple([read_text("", element) for element in text]) if isinstance(text, list) else text
