"""Facts, parameters and tables of a policy, drawn as TOML."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from attrs import evolve
from hypothesis import strategies as st

from scorecore.values.types import MAX_INT, TypeKind
from strategies.drafts import inline
from strategies.terms import DAYS, ODD, ROUND, Term, literal, plain, quoted
from strategies.values import TEXTS
from strategies.writer import Writer

_BOUNDS: Final = (
    # pairs of bounds, and places: what most policies have, and what a few have
    *(("0", "100", 2), ("-1000", "1000", 3), ("0", "1000000", 2), ("", "", -1), ("0", "", -1), ("0.01", "", -1)),
    *(("-1", "1", 12), ("0", "0.000001", 12), ("0", "1000000", 0), ("5", "5", 1)),
)
_WIDE_BOUNDS: Final = (
    ("0", f"{10**14}", 6),
    (f"{-(10**18)}", f"{10**18}", 12),
    ("0", f"{9 * 10**6}.999999999999", 12),
    (f"{-(10**26 - 1)}", f"{10**26 - 1}", 12),
    (f"{-(10**26 - 1)}.99", f"{10**26 - 1}.99", 2),
    (f"{9 * 10**25}", f"{10**26 - 1}", 0),
)
_INT_BOUNDS: Final = (("0", "100"), ("-5", "5"), ("", ""), ("0", "1"), ("1", "12"))
_WIDE_INT_BOUNDS: Final = ((f"{-MAX_INT}", f"{MAX_INT}"), ("0", f"{10**12}"), (f"{-(10**17)}", "0"))


def parameter_value(write: Writer, kind: TypeKind) -> tuple[str, Term]:
    match kind:
        case TypeKind.BOOL:
            return write.pick(["true", "false"]), Term("", kind)
        case TypeKind.STRING:
            text = write.pick(TEXTS)
            return quoted(text), Term("", kind, among=(text,))
        case TypeKind.DATE:
            return write.pick(DAYS), Term("", kind)
        case TypeKind.INT:
            number = write.pick([1, 0, 12, -3, 100])
            return str(number), Term("", kind, 3)
        case _:
            value = write.pick((*ROUND, *ODD))
            return plain(value), literal(value)


def bands_of(write: Writer, kind: str, *, text: bool, of_texts: Sequence[str] = ()) -> tuple[str, list[Term]]:
    """The bands of a table as TOML, for each of some texts, and their values."""
    if not of_texts:
        return _bands_of(write, kind, text=text)
    drawn = [_bands_of(write, kind, text=text) for _ in of_texts]
    rows = [
        bands.removeprefix("[").removesuffix("]").replace("{ from", f"{{ of = {quoted(of_text)}, from")
        for of_text, (bands, _) in zip(of_texts, drawn, strict=True)
    ]
    return f"[{', '.join(rows)}]", [value for _, values in drawn for value in values]


def _bands_of(write: Writer, kind: str, *, text: bool) -> tuple[str, list[Term]]:
    count = write.count(1, 4)
    drawn = [parameter_value(write, TypeKind.STRING if text else TypeKind.DECIMAL) for _ in range(count)]
    values = [evolve(term, text=written) for written, term in drawn]
    if kind == "exact":
        texts = write.draw(st.lists(st.sampled_from(TEXTS), min_size=count, max_size=count, unique=True))
        rows = [inline({"of": quoted(of_text), "is": value.text}) for of_text, value in zip(texts, values, strict=True)]
        return f"[{', '.join(rows)}]", values
    pool = [0, 0, -100, *((*ROUND, *ODD) if write.chance(50) else (1, 2, 10, 60, 100, 1000))]
    pool += [10**15, -(10**20)] if write.chance(5) else []
    starts = sorted({Decimal(write.pick(pool)) for _ in range(count)})
    write.edges += starts
    pairs = [{"from": plain(start), "is": value.text} for start, value in zip(starts, values, strict=False)]
    if write.chance(30):
        end = starts[-1] + write.pick([Decimal(1), Decimal(1000), Decimal("0.001")])
        pairs[-1]["up_to"] = plain(end)
        write.edges.append(end)
    return f"[{', '.join(map(inline, pairs))}]", values[: len(starts)]


def fact(write: Writer, name: str, kind: TypeKind, *, wide: bool) -> tuple[str, Term]:
    """A fact, or a field of an event, as TOML and as a term."""
    pairs = {"type": quoted(kind.value)}
    among: tuple[str, ...] | None = None
    digits, places = 1, 0
    if kind is TypeKind.STRING and write.chance(60):
        among = tuple(write.draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3, unique=True)))
        pairs["among"] = f"[{', '.join(map(quoted, among))}]"
    if kind is TypeKind.INT:
        low, high = write.pick(_INT_BOUNDS if not wide or write.chance(70) else _WIDE_INT_BOUNDS)
        pairs |= {key: end for key, end in (("min", low), ("max", high)) if end}
        digits = max(len((low or "1000000000").strip("-")), len((high or "1000000000").strip("-")))
        write.edges += [Decimal(end) for end in (low, high) if end]
    if kind is TypeKind.DECIMAL:
        low, high, places = write.pick(_BOUNDS if not wide or write.chance(70) else _WIDE_BOUNDS)
        write.edges += [Decimal(end) for end in (low, high) if end]
        if write.chance(30):  # as money is, without a unit that could not be added to others
            low, high, places = low or f"{-(10**12)}", high or f"{10**12}", places if places >= 0 else 2
        pairs |= {key: end for key, end in (("min", low), ("max", high)) if end}
        pairs |= {"places": str(places)} if places >= 0 else {}
        digits = max(len(end.strip("-").partition(".")[0]) if end else 10 for end in (low, high))
        places = places if places >= 0 else 6
    optional = write.chance(20)
    pairs |= {"optional": "true"} if optional else {}
    pairs |= {"label": quoted(f"字段 {name}")} if write.chance(20) else {}
    return inline(pairs), Term(name, kind, digits, places, among, optional)
