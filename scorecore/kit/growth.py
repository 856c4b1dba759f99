"""How much a scorer makes of what is written: twice as much may give about twice as much, whatever the machine."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import attrs
from attrs import evolve

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.kit.subject import Example, Subject
from scorecore.language.cel.syntax import (
    LiteralSyntax,
    Syntax,
    measure,
)
from scorecore.plugins import Entry, ItemContext
from scorecore.policy import model as policy
from scorecore.policy.model import HIDDEN
from scorecore.policy.structure import structure

MAX_ENTRIES: Final = 20_000
"""Entries of one item."""
SIZES: Final = (8, 16, 32)
"""How often a list is repeated, and how many parts an expression gets."""
SLACK: Final = 64
"""Steps that do not count as growth."""


def find_excess(subject: Subject) -> Iterator[str]:
    """Keys with which the entries, or the parts of their expressions, grow faster than what is written."""
    for example, item in subject.used:
        parameters = structure(item.rest, subject.scorer.parameters, Diagnostics())
        if parameters is None:
            continue  # the policy has problems, which another test reports
        context = make_context(example, item)
        for field in attrs.fields(subject.scorer.parameters):
            value = getattr(parameters, field.name)
            if field.metadata.get(HIDDEN) or not (isinstance(value, Syntax) or (isinstance(value, tuple) and value)):
                continue
            small, middle, large = (
                count_steps(evolve(parameters, **{field.alias or field.name: enlarge(value, factor)}), context)
                for factor in SIZES
            )
            if large > MAX_ENTRIES or (large - middle) > 2 * (middle - small) + SLACK:
                yield (
                    f"{item.place}: item `{item.id}`: with {SIZES} times as much in `{field.name.rstrip('_')}` there "
                    f"are {small}, {middle} and {large} steps"
                )


def make_context(example: Example, item: policy.ItemDeclaration) -> ItemContext:
    assert example.policy is not None  # noqa: S101  it has items
    points = None if item.points == "open" else item.points
    return ItemContext.of(item, example.policy, points)


def enlarge(value: Any, factor: int) -> Any:  # noqa: ANN401  an expression or a list
    """A list so many times, or an expression with so many parts more."""
    if isinstance(value, tuple):
        return value * factor
    for number in range(factor):
        value = value + LiteralSyntax(number, value.place)
    return value


def count_steps(parameters: Any, context: ItemContext) -> int:  # noqa: ANN401  an instance of the scorer's class
    """How many entries there are, and parts of their expressions."""
    steps = 0
    for entry in islice(parameters.entries(context), MAX_ENTRIES + 1):
        steps += 1
        if isinstance(entry, Entry):
            steps += sum(measure(part)[0] for part in (entry.points, entry.when, entry.quantity) if part is not None)
        if steps > MAX_ENTRIES:
            break
    return steps
