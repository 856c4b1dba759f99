"""What a policy declares — facts, parameters, tables, balances — typed and with bounds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import pairwise
from typing import Final

from attrs import evolve

from scorecore import kinds, policy, program
from scorecore.policy import Value
from scorecore.problems import Problems, hint
from scorecore.types import (
    BOOL,
    DATE,
    LARGEST_DECIMAL,
    LARGEST_INT,
    PLACES,
    TIMESTAMP,
    Kind,
    Type,
    constant,
    decimal,
    from_units,
    integer,
    string,
    union,
    units,
)

MOST_MONEY: Final = Decimal(10**12)
MONEY_PLACES: Final = 2
MOST: Final = 10**9
"""Default bound of numbers that are no money; two of them can be multiplied, as integers too."""
NUMBER_PLACES: Final = 6


def number_type(part: policy.Fact | policy.Carry, kind: Kind, currency: str, problems: Problems) -> Type:
    """The type of a declared number, with the defaults of its type and unit."""
    money = bool(currency) and part.unit.split("/")[0].strip() == currency
    most = MOST_MONEY if money and kind is Kind.DECIMAL else Decimal(MOST)
    low = -most if part.min is None else part.min
    high = most if part.max is None else part.max
    default = 0 if kind is Kind.INT else MONEY_PLACES if money else NUMBER_PLACES
    places = default if part.places is None else part.places
    if low > high:
        problems.add(kinds.EMPTY_BOUNDS, *part.at("min" if part.max is None else "max"), low=low, high=high)
        low = high
    if not 0 <= places <= PLACES or (kind is Kind.INT and places):
        problems.add(kinds.BAD_PLACES, *part.at("places"), places=places)
        places = default
    step = 10 ** (PLACES - places)
    for name, end in (("min", part.min), ("max", part.max)):
        if end is not None and units(end) % step:
            problems.add(kinds.BOUND_TOO_FINE, *part.at(name), key=name, value=end, places=places)
            return decimal(0, 0, places) if kind is Kind.DECIMAL else integer(0, 0)
    of = Type(kind, units(low), units(high), places)
    if not of.fits:
        limit = LARGEST_INT if kind is Kind.INT else from_units(LARGEST_DECIMAL)
        problems.add(kinds.BOUND_TOO_LARGE, *part.at("max" if abs(high) >= abs(low) else "min"), limit=limit)
        return decimal(0, 0, places) if kind is Kind.DECIMAL else integer(0, 0)
    return of


def fact_type(fact: policy.Fact, currency: str, problems: Problems) -> Type:
    """The type of a fact; what does not suit its kind is a problem."""
    kind = Kind(fact.type)
    numeric = {"min": fact.min, "max": fact.max, "places": fact.places}
    given = [name for name, value in numeric.items() if value is not None]
    if given and kind not in {Kind.INT, Kind.DECIMAL}:
        problems.add(kinds.KEY_NOT_FOR, *fact.at(given[0]), key=given[0], type=fact.type)
    if fact.among is not None and kind is not Kind.STRING:
        problems.add(kinds.KEY_NOT_FOR, *fact.at("among"), key="among", type=fact.type)
    match kind:
        case Kind.BOOL:
            return BOOL
        case Kind.DATE:
            return DATE
        case Kind.TIMESTAMP:
            return TIMESTAMP
        case Kind.STRING:
            if fact.among is not None and len(set(fact.among)) < max(1, len(fact.among)):
                again = next((at for at, one in enumerate(fact.among) if one in fact.among[:at]), "")
                problems.add(kinds.AMONG_REPEATS, *fact.at(f"among.{again}" if again else "among"))
            return string(dict.fromkeys(fact.among) if fact.among else None)
        case _:
            return number_type(fact, kind, currency, problems)


def columns(facts: Mapping[str, policy.Fact], currency: str, problems: Problems) -> tuple[program.Column, ...]:
    """The columns of a fact table; a label names one column, so that files can have it as a heading."""
    labels: dict[str, str] = {}
    for name, fact in facts.items():
        if fact.label and labels.setdefault(fact.label, name) != name:
            problems.add(kinds.LABEL_TWICE, *fact.at("label"), label=fact.label, name=labels[fact.label])
    return tuple(
        program.Column(
            name, fact_type(fact, currency, problems), fact.label, fact.unit, fact.optional, fact.authority, fact.fixed
        )
        for name, fact in facts.items()
    )


def event_table(name: str, events: policy.Events, currency: str, problems: Problems) -> program.EventTable:
    """An event table; its key and date are fields of it that are always there."""
    for number, field in enumerate(events.key):
        if field not in events.fields:
            problems.add(
                kinds.NO_FIELD, *events.at(f"key.{number}"), name=field, table=name, **hint(field, events.fields)
            )
        elif events.fields[field].optional:
            problems.add(kinds.KEY_OPTIONAL, *events.fields[field].at("optional"), name=field)
    for number, field in enumerate(events.shown):
        if field not in events.fields:
            near = hint(field, events.fields)
            problems.add(kinds.NO_FIELD, *events.at(f"shown.{number}"), name=field, table=name, **near)
    if not events.key:
        problems.add(kinds.NO_KEY, *events.at("key"), table=name)
    dated = events.fields.get(events.dated_by)
    if events.dated_by and dated is None:
        near = hint(events.dated_by, events.fields)
        problems.add(kinds.NO_FIELD, *events.at("dated_by"), name=events.dated_by, table=name, **near)
    elif dated is not None and (dated.type not in _DATING or dated.optional):
        problems.add(kinds.NOT_DATED, *dated.at("optional" if dated.type in _DATING else "type"), name=events.dated_by)
    found = columns(events.fields, currency, problems)
    table = program.EventTable(name, found, events.key, events.dated_by, events.label, events.authority)
    return evolve(table, fixed=events.fixed, shown=events.shown)


_DATING: Final = frozenset({"date", "timestamp"})
"""Types of what can put an event into a period."""


def group(name: str, part: policy.Group, facts: Iterable[program.Column], problems: Problems) -> program.Group:
    """A group; it is made by a fact that has few values."""
    types = {one.name: one.type for one in facts}
    if part.by and part.by not in types:
        problems.add(kinds.NO_GROUP_FACT, *part.at("by"), name=part.by, **hint(part.by, types))
    elif part.by and types[part.by].kind not in {Kind.STRING, Kind.INT, Kind.BOOL}:
        problems.add(kinds.GROUP_UNFIT, *part.at("by"), name=part.by, type=types[part.by])
    return program.Group(name, part.by, part.held, part.ties or "", part.label, part.authority)


def _ascending(dates: Iterable[tuple[date, policy.Part]], effective: date, problems: Problems) -> None:
    """Dated values stand in order, and one is in force from the first day on."""
    dated = list(dates)
    for (earlier, _), (later, part) in pairwise(dated):
        if later <= earlier:
            problems.add(kinds.NOT_ASCENDING, *part.at("from"), earlier=earlier, later=later)
    if dated and dated[0][0] > effective:
        problems.add(kinds.LATE_START, *dated[0][1].at("from"), first=dated[0][0], effective=effective)


_FITTING: Final = {
    "decimal": (int, Decimal),
    "int": (int,),
    "string": (str,),
    "bool": (bool,),
    "date": (date,),
}


def parameter(name: str, part: policy.Parameter, effective: date, problems: Problems) -> program.Parameter | None:
    """A parameter; None where a branch has yet to set it."""
    values: list[tuple[date, Value]] = []
    places = []
    for dated in part.values:
        value = dated.is_
        if not isinstance(value, _FITTING[part.type]) or (isinstance(value, bool) and part.type != "bool"):
            shown = f'"{value}"' if isinstance(value, str) else value
            problems.add(kinds.VALUE_UNFIT, *dated.at("is"), value=shown, type=part.type)
            continue
        places.append(dated.at("is")[0])
        values.append((dated.from_, Decimal(value) if part.type == "decimal" else value))  # type: ignore[arg-type]
    _ascending(((dated.from_, dated) for dated in part.values), effective, problems)
    if part.prorate and part.type != "decimal":
        problems.add(kinds.KEY_NOT_FOR, *part.at("prorate"), key="prorate", type=part.type)
    if not values:
        return None
    of = reduce(_wider, (constant(value) for _, value in values))
    if part.prorate:
        of = Type(of.kind, of.low, of.high, PLACES)
    about = (part.label, part.unit, part.authority)
    return program.Parameter(name, of, tuple(values), part.prorate, *about, places=tuple(places))


def _wider(one: Type, other: Type) -> Type:
    both = union(one, other)
    assert both is not None  # noqa: S101  values of one declared type
    return both


def unset_type(part: policy.Parameter) -> Type:
    """The type of a parameter that a branch has yet to set: one value stands for all."""
    by_name = {"bool": BOOL, "date": DATE, "string": string(), "int": integer(1, 1)}
    return by_name.get(part.type, decimal(1, 1, 0))


def band_table(name: str, part: policy.BandTable, effective: date, problems: Problems) -> program.BandTable | None:
    """A band table; None where a branch has yet to set it."""
    if part.bands and part.versions:
        problems.add(kinds.BANDS_TWICE, *part.at("versions"))
    text = part.type == "string"
    if text and part.kind not in {"whole", "exact"}:
        problems.add(kinds.KEY_NOT_FOR, *part.at("kind"), key=part.kind, type=part.type)
    if text and part.bounds is not None:
        problems.add(kinds.KEY_NOT_FOR, *part.at("bounds"), key="bounds", type=part.type)
    if part.kind != "exact" and part.edge is None:
        problems.add(kinds.NO_EDGE, *part.at(), table=name)
    _ascending(((dated.from_, dated) for dated in part.versions), effective, problems)
    dated = [(one.from_, one.bands) for one in part.versions] or [(date.min, part.bands)]
    versions = tuple((start, _bands(part, bands, problems)) for start, bands in dated if bands)
    if not versions:
        if not part.open:
            problems.add(kinds.NO_BANDS, *part.at(), table=name)
        return None
    return program.BandTable(name, part.kind, part.edge or "", versions, text, part.label, part.unit, part.authority)


def unset_table(name: str, part: policy.BandTable) -> program.BandTable:
    """A table that a branch has yet to set: one band stands for all."""
    start = "" if part.kind == "exact" else Decimal(0)
    text = part.type == "string"
    band = program.Band(start, "" if text else Decimal(1))
    return program.BandTable(name, part.kind, part.edge or "", ((date.min, (band,)),), text, part.label, part.unit)


def _bands(part: policy.BandTable, bands: Sequence[policy.Band], problems: Problems) -> tuple[program.Band, ...]:
    found: list[program.Band] = []
    for number, band in enumerate(bands):
        exact = part.kind == "exact"
        start = band.of if exact else band.from_
        if start is None or (exact and band.from_ is not None) or (not exact and band.of is not None):
            problems.add(
                kinds.BAND_BEGINS, *band.at("from" if exact else "of"), key="of" if exact else "from", kind=part.kind
            )
            continue
        if isinstance(band.is_, str) != (part.type == "string"):
            shown = f'"{band.is_}"' if isinstance(band.is_, str) else band.is_
            problems.add(kinds.VALUE_UNFIT, *band.at("is"), value=shown, type=part.type)
            continue
        if exact and start in {one.start for one in found}:
            first = next(one.place for one in bands if one.of == start)
            problems.add(kinds.NAMED_TWICE, *band.at("of"), name=start, first=first.line)
        if not exact and found and start <= found[-1].start:  # type: ignore[operator]
            problems.add(kinds.NOT_ASCENDING, *band.at("from"), earlier=found[-1].start, later=start)
        last = number + 1 == len(bands)
        if band.up_to is not None and (exact or not last or band.up_to <= start):  # type: ignore[operator]
            problems.add(kinds.BAD_END, *band.at("up_to"), value=band.up_to)
        found.append(program.Band(start, band.is_, band.up_to, place=band.place))
    return tuple(found)
