"""The CEL specification's own conformance cases as a judge: an expression that we accept gives CEL's value.

How many of its 1,101 cases give the same value, are an error in both, or deviate for which reason: the totals in
`cel/deviations.toml`, which names every case that deviates, say so and are checked here. The cases are not part of this
project: they lie beside it, or where CEL_CORE says.
"""

import json
import os
import tomllib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from cel.support import Refusal, compiled, evaluated
from scorecore.language.cel.parser import RESERVED
from scorecore.language.cel.scope import FactName
from scorecore.values.types import (
    BOOL,
    MAX_INT,
    Type,
    TypeKind,
    decimal_type,
    integer_type,
    string_type,
)
from scorecore.values.unknown import Unknown

HERE: Final = Path(__file__).parents[1]
BESIDE: Final = HERE.parent.parent / "shared" / "conformance" / "cel_core.json"
CORE: Final = Path(os.environ.get("CEL_CORE", BESIDE))

Case = dict[str, Any]
CASES: Final[dict[str, Case]] = (
    {f"{case['file']}/{case['section']}/{case['name']}": case for case in json.loads(CORE.read_text("utf-8"))}
    if CORE.exists()
    else {}
)
DEVIATIONS: Final = tomllib.loads((HERE / "cel" / "deviations.toml").read_text("utf-8"))

pytestmark = pytest.mark.skipif(not CASES, reason="there is no cel_core.json; CEL_CORE may name the file")


class Verdict(Enum):
    """How we stand to what a case expects."""

    SAME_VALUE = "same_value"
    BOTH_REFUSE = "both_refuse"
    """CEL has an error; we refuse the expression, or its value is unknown."""
    OUT_OF_SCOPE = "out_of_scope"
    """CEL has a value; we refuse the expression."""
    DIFFERENT = "different"


KINDS: Final = {
    "bool_value": TypeKind.BOOL,
    "int64_value": TypeKind.INT,
    "double_value": TypeKind.DECIMAL,
    "string_value": TypeKind.STRING,
}
"""The values of the specification that a policy can have."""
TYPES: Final[dict[TypeKind, Type]] = {
    TypeKind.BOOL: BOOL,
    TypeKind.INT: integer_type(-MAX_INT, MAX_INT),
    TypeKind.DECIMAL: decimal_type(-(10**12), 10**12, 12),
    TypeKind.STRING: string_type(),
}
PRIMITIVES: Final = {
    TypeKind.BOOL: "BOOL",
    TypeKind.INT: "INT64",
    TypeKind.DECIMAL: "DOUBLE",
    TypeKind.STRING: "STRING",
}


def value_of(written: dict[str, Any]) -> tuple[TypeKind | None, Any]:
    """A value of the specification as ours; no kind where policies have none."""
    ((name, value),) = written.items()
    kind = KINDS.get(name)
    if kind is TypeKind.INT:
        return kind, int(value)
    # a double literal is an exact decimal in a policy: the shortest one that CEL would print so
    return kind, Decimal(repr(float(value))) if kind is TypeKind.DECIMAL else value


def given(case: Case) -> Iterator[tuple[str, TypeKind, Any]]:
    """The bindings that can be facts of a policy."""
    for name, binding in case.get("bindings", {}).items():
        kind, value = value_of(binding["value"])
        if kind and name.isidentifier() and name not in RESERVED:
            yield name, kind, value


def judge(case: Case) -> Verdict:
    facts = {name: FactName(TYPES[kind]) for name, kind, _ in given(case)}
    expression = compiled(case["expr"], facts)
    if isinstance(expression, Refusal):
        return Verdict.BOTH_REFUSE if "eval_error" in case else Verdict.OUT_OF_SCOPE
    value = evaluated(expression, {name: value for name, _, value in given(case)})
    if "eval_error" in case:
        return Verdict.BOTH_REFUSE if isinstance(value, Unknown) else Verdict.DIFFERENT
    typed = case.get("typed_result", {})
    agrees = (expression.type.kind, value) == value_of(case["value"] if "value" in case else typed["result"])
    deduced = typed.get("deduced_type", {}).get("primitive")
    return Verdict.SAME_VALUE if agrees and deduced in {None, PRIMITIVES[expression.type.kind]} else Verdict.DIFFERENT


@cache
def listed() -> dict[str, Verdict]:
    """What `deviations.toml` says about each case that it names."""
    return {
        name: verdict
        for verdict in (Verdict.OUT_OF_SCOPE, Verdict.DIFFERENT)
        for group in DEVIATIONS[verdict.value].values()
        for name in group["cases"]
    }


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    """A case agrees with CEL, or deviates exactly as it is listed."""
    verdict = judge(CASES[name])
    if name in listed():
        assert verdict is listed()[name]
    else:
        assert verdict in {Verdict.SAME_VALUE, Verdict.BOTH_REFUSE}


def test_the_list_names_each_case_once() -> None:
    """What is listed is a case of the specification, and has one reason."""
    groups = [group for verdict in ("out_of_scope", "different") for group in DEVIATIONS[verdict].values()]
    names = [name for group in groups for name in group["cases"]]
    assert set(names) <= CASES.keys()
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert all(group["reason"] and group["cases"] for group in groups)


def test_the_totals_are_those_of_the_list() -> None:
    """How many cases agree, and how many deviate for which reason, stands in the list for everyone to see."""
    verdicts = Counter(judge(case).value for case in CASES.values())
    reasons = {
        verdict: {name: len(group["cases"]) for name, group in DEVIATIONS[verdict].items()}
        for verdict in ("out_of_scope", "different")
    }
    assert DEVIATIONS["totals"] == {"cases": len(CASES), **verdicts, "by_reason": reasons}
