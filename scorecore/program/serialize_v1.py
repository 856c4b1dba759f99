"""Programs as they were packed before format 2: read into the classes of now, their old identity checked.

The old digest was taken of a form of the program with its labels and places. It is computed from what was packed, so
that no class of now has to know how it was once written. Nothing is packed so any more.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from scorecore.diagnostics.source import Location
from scorecore.language import expressions
from scorecore.language.bands import Band, BandTable
from scorecore.language.groups import Group, GroupFold
from scorecore.program import model, schema, steps
from scorecore.program.model import Program
from scorecore.values.calendar import Calendar
from scorecore.values.canonical_json import digest
from scorecore.values.period import PeriodKind
from scorecore.values.step_id import StepId
from scorecore.values.types import Type, TypeKind, from_units

PlainData = Any
Fields = dict[str, Any]


class MalformedError(ValueError):
    """Data that no program was packed into."""


def deserialize_v1(packed: PlainData, program: str) -> Program:
    """The program that was packed and had the digest `program`; raises MalformedError for other data."""
    try:
        is_same = digest("program", _form_of_program(packed)) == program
        unpacked = _unpacked(packed) if is_same else None
    except MalformedError:
        raise
    except Exception as error:  # whatever a changed program breaks
        raise MalformedError(f"{type(error).__name__}: {error}") from error
    if not isinstance(unpacked, Program):
        raise MalformedError(f"this is not the program {program}")
    return unpacked


# into the classes of now


def _aggregate(fields: Fields) -> expressions.Expression:
    """One value of the rows of a table, by what was called its fold."""
    value: Any = fields.get("value")
    where = fields.get("where")
    typed = {"type": fields["type"], "place": fields["place"]}
    match fields["fold"]:
        case "size":
            return expressions.Count(**typed, table=fields["table"], where=where)
        case "at":
            return expressions.HistoryAt(**typed, field=value, ago=fields["ago"])
        case "last":
            return expressions.Latest(**typed, field=value, default=fields["default"])
        case "run":
            return expressions.PrecedingRun(**typed, condition=value)
        case "one":
            return expressions.DependencyValue(**typed, field=value)
    return _FOLDS[fields["fold"]](**typed, table=fields["table"], where=where, body=value)


_FOLDS: Final[Mapping[str, Callable[..., expressions.Expression]]] = {
    "sum": expressions.SumOver,
    "exists": expressions.Exists,
    "all": expressions.ForAll,
    "exists_one": expressions.ExistsOne,
}


def _step(part: type[Any], *names: str) -> Callable[[Fields], Any]:
    """Makes a part of a program in which some fields name steps."""

    def build(fields: Fields) -> Any:  # noqa: ANN401  a part of a program
        return part(**fields | {name: _step_names(fields[name]) for name in names if name in fields})

    return build


def _step_names(names: Any) -> Any:  # noqa: ANN401  a name or a tuple of names
    if isinstance(names, tuple):
        return tuple(map(_step_names, names))
    return StepId.parse(names) if names else names


_BUILDERS: Final[Mapping[str, Callable[[Fields], Any]]] = {
    "Location": lambda fields: Location(**fields),
    "Type": lambda fields: Type(**fields),
    "PeriodKind": lambda fields: PeriodKind(**fields),
    "Calendar": lambda fields: Calendar(**fields),
    "Band": lambda fields: Band(**fields),
    "BandTable": lambda fields: BandTable(**fields),
    "Group": lambda fields: Group(**fields),
    "Column": lambda fields: schema.FactColumn(**fields),
    "Use": lambda fields: schema.PolicyDependency(**fields),
    "EventTable": lambda fields: schema.EventTable(**fields),
    "Schema": lambda fields: schema.Schema(**fields),
    "Parameter": lambda fields: model.Parameter(**fields),
    "Step": _step(steps.Step, "name", "held_by"),
    "Account": _step(steps.Account, "name", "held_by"),
    "EntryRule": lambda fields: steps.EntryRule(**fields),
    "Grouped": _step(steps.GroupStep, "name", "of", "weight", "held_by"),
    "Item": _step(model.Item, "step", "applies"),
    "Grade": lambda fields: model.Grade(**fields),
    "PayLine": _step(model.PayLine, "step", "applies"),
    "Carry": _step(model.Carry, "closes"),
    "Hold": _step(model.Hold, "step"),
    "Action": _step(model.Action, "step"),
    "Monotone": lambda fields: model.MonotoneClaim(**fields),
    "Program": lambda fields: model.Program(**{"level": 1, **fields}),
    "Constant": lambda fields: expressions.Constant(**fields),
    "Read": lambda fields: expressions.Read(**fields),
    "Field": lambda fields: expressions.Field(**fields),
    "Has": lambda fields: expressions.Has(fields["type"], fields["place"], fields["of"]),
    "Apply": lambda fields: expressions.Apply(**fields),
    "Lookup": lambda fields: expressions.Lookup(**fields),
    "Nth": lambda fields: expressions.Nth(**fields),
    "Running": lambda fields: expressions.AccountSoFar(**fields),
    "Aggregate": _aggregate,
}
_ENUMS: Final[Mapping[str, Callable[[str], Any]]] = {"Kind": TypeKind, "GroupFold": GroupFold, "Fold": str}
_SCALARS: Final[Mapping[str, Callable[[str], Any]]] = {
    "decimal": Decimal,
    "timestamp": datetime.fromisoformat,
    "date": date.fromisoformat,
    "int": int,
}


def _unpacked(packed: PlainData) -> Any:  # noqa: ANN401  a value or a part of a program
    match packed:
        case bool() | str() | int():
            return packed
        case ["list", *elements]:
            return tuple(map(_unpacked, elements))
        case ["none"]:
            return None
        case ["is", str(name), str(text)]:
            return _ENUMS[name](text)
        case ["of", str(name), dict(fields)] if name in _BUILDERS:
            return _BUILDERS[name]({key: _unpacked(member) for key, member in fields.items()})
        case [str(kind), str(text)] if kind in _SCALARS:
            return _scalar(kind, text)
    raise MalformedError(f"{packed!r:.60} is not a part of a program")


def _scalar(kind: str, text: str) -> Any:  # noqa: ANN401  a value of any type
    try:
        return _SCALARS[kind](text)
    except (ValueError, InvalidOperation):
        raise MalformedError(f"{text!r:.60} is not a part of a program") from None


# the form that the old digest was taken of

_STEP_KINDS: Final = {"Step": "step", "Account": "account", "Grouped": "grouped"}
_DEFAULTS: Final[Mapping[str, Mapping[str, PlainData]]] = {
    "Program": {"level": 1},
    "Group": {"held": "wait"},
    "Grouped": {"places": 0},
}
"""What was not packed, being at its default, and yet part of the form."""
_CONSTANTS: Final = {"int": "int", "decimal": "decimal", "date": "date", "timestamp": "timestamp"}


def _form_of_program(packed: PlainData) -> PlainData:
    match packed:
        case ["of", "Program", dict(fields)]:
            return _form_of_fields("Program", fields)
    raise MalformedError(f"{packed!r:.60} is not a part of a program")


def _form_of_fields(name: str, fields: Fields) -> Fields:
    form = dict(_DEFAULTS.get(name, {}))
    for key, member in fields.items():
        if member not in (["none"], ["list"], "") and member is not False:
            form[key] = _form(member)
    return form


def _form(packed: PlainData) -> PlainData:
    match packed:
        case ["list", *elements]:
            return [_form(element) for element in elements]
        case ["is", _, str(text)]:
            return text
        case ["of", str(name), dict(fields)] if name in _EXPRESSIONS:
            return _EXPRESSIONS[name](fields)
        case ["of", "Type", dict(fields)]:
            return _form_of_type(fields)
        case ["of", "Location", dict(fields)]:
            return str(_unpacked(packed))
        case ["of", str(name), dict(fields)]:
            kind = {"kind": _STEP_KINDS[name]} if name in _STEP_KINDS else {}
            return kind | _form_of_fields(name, fields)
    return _unpacked(packed)


def _form_of_type(fields: Fields) -> Fields:
    accepted: Type = _unpacked(["of", "Type", fields])
    form: Fields = {"kind": accepted.kind.value}
    if accepted.is_number:
        form |= {"min": from_units(accepted.low), "max": from_units(accepted.high)}
        form |= {"places": accepted.places} if accepted.is_decimal else {}
    return form | ({"among": list(accepted.among)} if accepted.among is not None else {})


def _parts(fields: Fields, names: Sequence[str]) -> Fields:
    return {name: _form(fields[name]) for name in names if name in fields and fields[name] != ["none"]}


def _at(fields: Fields) -> Fields:
    return {"at": _form(fields["place"])}


def _form_of_constant(fields: Fields) -> Fields:
    match fields["value"]:
        case [str(kind), _] as tagged if kind in _CONSTANTS:
            return {_CONSTANTS[kind]: _unpacked(tagged)}
        case bool() | str() as constant:
            return {"constant": constant}
        case number:
            return {"int": number}


def _form_of_apply(fields: Fields) -> Fields:
    options = [_option(option) for option in fields.get("options", ["list"])[1:]]
    operands = [_form(operand) for operand in fields["operands"][1:]]
    return {"apply": fields["operator"], "to": operands, **_at(fields)} | ({"with": options} if options else {})


def _option(packed: PlainData) -> PlainData:
    match packed:
        case ["of", "Calendar", {"name": name}]:
            return name
    return _unpacked(packed)


def _form_of_nth(fields: Fields) -> Fields:
    return {"nth": _form(fields["order"]), "over": fields["table"], **_at(fields)} | _parts(fields, ("by", "where"))


def _form_of_aggregate(fields: Fields) -> Fields:
    form = {"fold": _form(fields["fold"]), "over": fields["table"], **_at(fields)}
    form |= _parts(fields, ("where", "value", "default"))
    return form | ({"ago": fields["ago"]} if fields.get("ago") else {})


_EXPRESSIONS: Final[Mapping[str, Callable[[Fields], Fields]]] = {
    "Constant": _form_of_constant,
    "Read": lambda fields: {"read": fields["name"]},
    "Field": lambda fields: {"field": fields["name"], "of": fields["table"]},
    "Running": lambda _: {"running": True},
    "Has": lambda fields: {"has": _form(fields["of"])},
    "Lookup": lambda fields: {"lookup": fields["table"], "key": _form(fields["key"])},
    "Apply": _form_of_apply,
    "Nth": _form_of_nth,
    "Aggregate": _form_of_aggregate,
}
"""By the name of an expression how its form was made."""
