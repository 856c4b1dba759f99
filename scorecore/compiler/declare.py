"""What a policy declares — facts, parameters, tables, balances — typed and with bounds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import pairwise
from typing import Final

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.language.bands import Band, BandTable
from scorecore.language.groups import Group
from scorecore.policy import model as policy
from scorecore.program import model as program
from scorecore.program.schema import EventTable, FactColumn
from scorecore.values.types import (
    BOOL,
    DATE,
    MAX_DECIMAL,
    MAX_INT,
    PLACES,
    TIMESTAMP,
    Type,
    TypeKind,
    Value,
    decimal_type,
    from_units,
    integer_type,
    string_type,
    to_units,
    type_of_constant,
    union_type,
)

MAX_MONEY: Final = Decimal(10**12)
MONEY_PLACES: Final = 2
MOST: Final = 10**9
"""Default bound of numbers that are not money; two of them can be multiplied, as integers too."""
NUMBER_PLACES: Final = 6


def number_type(
    part: policy.FactDeclaration | policy.CarryDeclaration | policy.ValueDeclaration,
    kind: TypeKind,
    currency: str,
    diagnostics: Diagnostics,
) -> Type:
    """The type of a declared number, with the defaults of its type and unit."""
    money = bool(currency) and part.unit.split("/")[0].strip() == currency
    most = MAX_MONEY if money and kind is TypeKind.DECIMAL else Decimal(MOST)
    low = -most if part.min is None else part.min
    high = most if part.max is None else part.max
    default = 0 if kind is TypeKind.INT else MONEY_PLACES if money else NUMBER_PLACES
    places = default if part.places is None else part.places
    if low > high:
        diagnostics.add(catalogue.EMPTY_BOUNDS, *part.at("min" if part.max is None else "max"), low=low, high=high)
        low = high
    if not 0 <= places <= PLACES or (kind is TypeKind.INT and places):
        diagnostics.add(catalogue.BAD_PLACES, *part.at("places"), places=places)
        places = default
    step = 10 ** (PLACES - places)
    for name, end in (("min", part.min), ("max", part.max)):
        if end is not None and to_units(end) % step:
            diagnostics.add(catalogue.BOUND_TOO_FINE, *part.at(name), key=name, value=end, places=places)
            return decimal_type(0, 0, places) if kind is TypeKind.DECIMAL else integer_type(0, 0)
    declared_type = Type(kind, to_units(low), to_units(high), places)
    if not declared_type.fits:
        limit = MAX_INT if kind is TypeKind.INT else from_units(MAX_DECIMAL)
        diagnostics.add(catalogue.BOUND_TOO_LARGE, *part.at("max" if abs(high) >= abs(low) else "min"), limit=limit)
        return decimal_type(0, 0, places) if kind is TypeKind.DECIMAL else integer_type(0, 0)
    return declared_type


def _check_numeric_keys(
    part: policy.FactDeclaration | policy.ValueDeclaration, kind: TypeKind, diagnostics: Diagnostics
) -> None:
    """Only numbers have bounds and places."""
    numeric = {"min": part.min, "max": part.max, "places": part.places}
    numeric_keys = [name for name, value in numeric.items() if value is not None]
    if numeric_keys and kind not in {TypeKind.INT, TypeKind.DECIMAL}:
        diagnostics.add(catalogue.KEY_NOT_FOR, *part.at(numeric_keys[0]), key=numeric_keys[0], type=kind.value)


def result_type(value: policy.ValueDeclaration, currency: str, diagnostics: Diagnostics) -> Type | None:
    """The type in which a value is kept that is a result; None for any other value."""
    if value.result is None:
        for name in ("min", "max", "places"):
            if getattr(value, name) is not None:
                diagnostics.add(catalogue.TOGETHER, *value.at(name), first=name, second="result")
        return None
    kind = TypeKind(value.result)
    _check_numeric_keys(value, kind, diagnostics)
    if kind in {TypeKind.INT, TypeKind.DECIMAL}:
        return number_type(value, kind, currency, diagnostics)
    return {TypeKind.BOOL: BOOL, TypeKind.DATE: DATE, TypeKind.TIMESTAMP: TIMESTAMP}.get(kind) or string_type(None)


def fact_type(fact: policy.FactDeclaration, currency: str, diagnostics: Diagnostics) -> Type:
    """The type of a fact; what does not suit its kind is a problem."""
    kind = TypeKind(fact.type)
    _check_numeric_keys(fact, kind, diagnostics)
    if fact.among is not None and kind is not TypeKind.STRING:
        diagnostics.add(catalogue.KEY_NOT_FOR, *fact.at("among"), key="among", type=fact.type)
    match kind:
        case TypeKind.BOOL:
            return BOOL
        case TypeKind.DATE:
            return DATE
        case TypeKind.TIMESTAMP:
            return TIMESTAMP
        case TypeKind.STRING:
            if fact.among is not None and len(set(fact.among)) < max(1, len(fact.among)):
                repeated = next(
                    (position for position, text in enumerate(fact.among) if text in fact.among[:position]), ""
                )
                diagnostics.add(catalogue.AMONG_REPEATS, *fact.at(f"among.{repeated}" if repeated else "among"))
            return string_type(dict.fromkeys(fact.among) if fact.among else None)
        case _:
            return number_type(fact, kind, currency, diagnostics)


def declare_columns(
    facts: Mapping[str, policy.FactDeclaration], currency: str, diagnostics: Diagnostics
) -> tuple[FactColumn, ...]:
    """The columns of a fact table; a label names one column, so that files can have it as a heading."""
    labels: dict[str, str] = {}
    for name, fact in facts.items():
        if fact.label and labels.setdefault(fact.label, name) != name:
            diagnostics.add(catalogue.LABEL_TWICE, *fact.at("label"), label=fact.label, name=labels[fact.label])
    return tuple(
        FactColumn(
            name,
            fact_type(fact, currency, diagnostics),
            fact.label,
            fact.unit,
            fact.optional,
            fact.authority,
            fact.fixed,
        )
        for name, fact in facts.items()
    )


def declare_event_table(
    name: str, events: policy.EventsDeclaration, currency: str, diagnostics: Diagnostics
) -> EventTable:
    """An event table; its key and date are fields of it that are always there."""
    for number, field in enumerate(events.key):
        if field not in events.fields:
            diagnostics.add(
                catalogue.NO_FIELD, *events.at(f"key.{number}"), name=field, table=name, **suggest(field, events.fields)
            )
        elif events.fields[field].optional:
            diagnostics.add(catalogue.KEY_OPTIONAL, *events.fields[field].at("optional"), name=field)
    for number, field in enumerate(events.shown):
        if field not in events.fields:
            near = suggest(field, events.fields)
            diagnostics.add(catalogue.NO_FIELD, *events.at(f"shown.{number}"), name=field, table=name, **near)
    if not events.key:
        diagnostics.add(catalogue.NO_KEY, *events.at("key"), table=name)
    dated = events.fields.get(events.dated_by)
    if events.dated_by and dated is None:
        near = suggest(events.dated_by, events.fields)
        diagnostics.add(catalogue.NO_FIELD, *events.at("dated_by"), name=events.dated_by, table=name, **near)
    elif dated is not None and (dated.type not in _DATING or dated.optional):
        diagnostics.add(
            catalogue.NOT_DATED, *dated.at("optional" if dated.type in _DATING else "type"), name=events.dated_by
        )
    columns = declare_columns(events.fields, currency, diagnostics)
    table = EventTable(name, columns, events.key, events.dated_by, events.label, events.authority)
    return evolve(table, fixed=events.fixed or events.common, shown=events.shown, common=events.common)


_DATING: Final = frozenset({"date", "timestamp"})
"""Types of what can put an event into a period."""


def declare_group(
    name: str, part: policy.GroupDeclaration, facts: Iterable[FactColumn], diagnostics: Diagnostics
) -> Group:
    """A group; it is made by a fact that has few values."""
    types = {column.name: column.type for column in facts}
    if part.by and part.by not in types:
        diagnostics.add(catalogue.NO_GROUP_FACT, *part.at("by"), name=part.by, **suggest(part.by, types))
    elif part.by and types[part.by].kind not in {TypeKind.STRING, TypeKind.INT, TypeKind.BOOL}:
        diagnostics.add(catalogue.GROUP_UNFIT, *part.at("by"), name=part.by, type=types[part.by])
    return Group(name, part.by, part.held, part.ties or "", part.label, part.authority)


def _ascending(dates: Iterable[tuple[date, policy.Part]], effective: date, diagnostics: Diagnostics) -> None:
    """Dated values are in order, and one is in force from the first day on."""
    dated = list(dates)
    for (earlier, _), (later, part) in pairwise(dated):
        if later <= earlier:
            diagnostics.add(catalogue.NOT_ASCENDING, *part.at("from"), earlier=earlier, later=later)
    if dated and dated[0][0] > effective:
        diagnostics.add(catalogue.LATE_START, *dated[0][1].at("from"), first=dated[0][0], effective=effective)


_FITTING: Final = {
    "decimal": (int, Decimal),
    "int": (int,),
    "string": (str,),
    "bool": (bool,),
    "date": (date,),
}


def declare_parameter(
    name: str, part: policy.ParameterDeclaration, effective: date, diagnostics: Diagnostics
) -> program.Parameter | None:
    """A parameter; None where a branch has yet to set it."""
    values: list[tuple[date, Value]] = []
    places = []
    for dated in part.values:
        value = dated.is_
        if not isinstance(value, _FITTING[part.type]) or (isinstance(value, bool) and part.type != "bool"):
            shown = f'"{value}"' if isinstance(value, str) else value
            diagnostics.add(catalogue.VALUE_UNFIT, *dated.at("is"), value=shown, type=part.type)
            continue
        value = Decimal(value) if part.type == "decimal" else value  # type: ignore[arg-type]
        if isinstance(value, int | Decimal) and not type_of_constant(value).fits:
            diagnostics.add(catalogue.NUMBER_TOO_LARGE, *dated.at("is"), number=value)
            continue
        places.append(dated.at("is")[0])
        values.append((dated.from_, value))
    _ascending(((dated.from_, dated) for dated in part.values), effective, diagnostics)
    if part.prorate and part.type != "decimal":
        diagnostics.add(catalogue.KEY_NOT_FOR, *part.at("prorate"), key="prorate", type=part.type)
    if not values:
        return None
    parameter_type = reduce(_wider, (type_of_constant(value) for _, value in values))
    if part.prorate:
        parameter_type = evolve(parameter_type, varying=_LONGEST_PERIOD)
    about = (part.label, part.unit, part.authority)
    return program.Parameter(name, parameter_type, tuple(values), part.prorate, *about, places=tuple(places))


_LONGEST_PERIOD: Final = 366
"""Days, over which a parameter is prorated."""


def _wider(left: Type, right: Type) -> Type:
    union = union_type(left, right)
    assert union is not None  # noqa: S101  values of one declared type
    return union


def placeholder_type(part: policy.ParameterDeclaration) -> Type:
    """The type of a parameter that a branch has yet to set: one value stands for all."""
    by_name = {"bool": BOOL, "date": DATE, "string": string_type(), "int": integer_type(1, 1)}
    return by_name.get(part.type, decimal_type(1, 1, 0))


def declare_band_table(
    name: str, part: policy.BandTableDeclaration, effective: date, diagnostics: Diagnostics
) -> BandTable | None:
    """A band table; None where a branch has yet to set it."""
    if part.bands and part.versions:
        diagnostics.add(catalogue.BANDS_TWICE, *part.at("versions"))
    text = part.type == "string"
    if text and part.kind not in {"whole", "exact"}:
        diagnostics.add(catalogue.KEY_NOT_FOR, *part.at("kind"), key=part.kind, type=part.type)
    if text and part.bounds is not None:
        diagnostics.add(catalogue.KEY_NOT_FOR, *part.at("bounds"), key="bounds", type=part.type)
    if part.kind != "exact" and part.edge is None:
        diagnostics.add(catalogue.NO_EDGE, *part.at(), table=name)
    _ascending(((dated.from_, dated) for dated in part.versions), effective, diagnostics)
    dated = [(dated_bands.from_, dated_bands.bands) for dated_bands in part.versions] or [(date.min, part.bands)]
    versions = tuple((start, _bands(part, bands, diagnostics)) for start, bands in dated if bands)
    if not versions and not part.versions:
        if not part.open:
            diagnostics.add(catalogue.NO_BANDS, *part.at(), table=name)
        return None
    if len(versions) < len(dated):
        for dated_bands in part.versions:
            if not dated_bands.bands:
                diagnostics.add(catalogue.NO_BANDS, *dated_bands.at(), table=name)
        return None
    return BandTable(name, part.kind, part.edge or "", versions, text, part.label, part.unit, part.authority)


def placeholder_table(name: str, part: policy.BandTableDeclaration) -> BandTable:
    """A table that a branch has yet to set: one band stands for all."""
    start = "" if part.kind == "exact" else Decimal(0)
    text = part.type == "string"
    band = Band(start, "" if text else Decimal(1))
    return BandTable(name, part.kind, part.edge or "", ((date.min, (band,)),), text, part.label, part.unit)


def _bands(
    part: policy.BandTableDeclaration, bands: Sequence[policy.BandDeclaration], diagnostics: Diagnostics
) -> tuple[Band, ...]:
    declared: list[Band] = []
    for number, band in enumerate(bands):
        exact = part.kind == "exact"
        start = band.of if exact else band.from_
        if start is None or (exact and band.from_ is not None) or (not exact and band.of is not None):
            diagnostics.add(
                catalogue.BAND_BEGINS,
                *band.at("from" if exact else "of"),
                key="of" if exact else "from",
                kind=part.kind,
            )
            continue
        if isinstance(band.is_, str) != (part.type == "string"):
            shown = f'"{band.is_}"' if isinstance(band.is_, str) else band.is_
            diagnostics.add(catalogue.VALUE_UNFIT, *band.at("is"), value=shown, type=part.type)
            continue
        if exact and start in {earlier_band.start for earlier_band in declared}:
            first = next(earlier_band.place for earlier_band in bands if earlier_band.of == start)
            diagnostics.add(catalogue.NAMED_TWICE, *band.at("of"), name=start, first=first.line)
        if not exact and declared and start <= declared[-1].start:  # type: ignore[operator]
            diagnostics.add(catalogue.NOT_ASCENDING, *band.at("from"), earlier=declared[-1].start, later=start)
        last = number + 1 == len(bands)
        if band.up_to is not None and (exact or not last or band.up_to <= start):  # type: ignore[operator]
            diagnostics.add(catalogue.BAD_END, *band.at("up_to"), value=band.up_to)
        declared.append(Band(start, band.is_, band.up_to, place=band.place))
    return tuple(declared)
