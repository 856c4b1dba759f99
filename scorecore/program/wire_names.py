"""What the classes of a program are called where it is written down, and which fields are words for people.

A name is for good: a class may be renamed, what was recorded with its name may not.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from scorecore.language.bands import Band, BandTable
from scorecore.language.groups import Group, GroupFold
from scorecore.language.identity import NODE_NAMES
from scorecore.program import model, schema, steps
from scorecore.values.calendar import Calendar
from scorecore.values.period import PeriodKind
from scorecore.values.types import Type, TypeKind

WIRE_NAMES: Final[Mapping[type[Any], str]] = {
    Type: "type",
    TypeKind: "type-kind",
    PeriodKind: "period-kind",
    Calendar: "calendar",
    Band: "band",
    BandTable: "table",
    Group: "group",
    GroupFold: "group-fold",
    schema.FactColumn: "column",
    schema.PolicyDependency: "dependency",
    schema.EventTable: "events",
    schema.Stage: "stage",
    schema.Clock: "clock",
    schema.Schema: "schema",
    model.Parameter: "parameter",
    steps.Step: "step",
    steps.Account: "account",
    steps.EntryRule: "entry",
    steps.GroupStep: "group-step",
    model.Item: "item",
    model.Grade: "grade",
    model.PayLine: "pay-line",
    model.Carry: "carry",
    model.Hold: "hold",
    model.Action: "action",
    model.MonotoneClaim: "claim",
    model.BoundClaim: "bound_claim",
    model.PaidOnceClaim: "paid_once_claim",
    model.ObjectionRules: "objection_rules",
    model.Program: "program",
    **NODE_NAMES,
}
"""By class the name in what is digested and what is packed."""
TEXT_FIELDS: Final = frozenset(
    {
        "assumptions",
        "authority",
        "bounded",
        "clause",
        "documents",
        "escalate",
        "fixed",
        "label",
        "monotone",
        "objections",
        "owner",
        "paid_once",
        "place",
        "shown",
        "status",
        "title",
        "unit",
        "version",
    }
)
"""What says something to people and decides nothing, whichever part of a program has it."""


def written_fields(part: Any) -> "Iterator[attrs.Attribute[Any]]":  # noqa: ANN401  a part of a program of any class
    """The fields of a part that are written down: those that do not follow from others, and are not at their default.

    Private ones say where on this machine a policy lay; they are not written.
    """
    for field in attrs.fields(type(part)):
        value = getattr(part, field.name)
        at_default = type(value) is type(field.default) and value == field.default
        if field.init and not field.name.startswith("_") and not at_default:
            yield field
