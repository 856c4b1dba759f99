"""An explanation as plain data, for programs that read it."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic, Translate
from scorecore.values.canonical_json import format_decimal

if TYPE_CHECKING:
    from scorecore.analysis.explain import (
        ExplainedEntry,
        ExplainedResult,
        Explanation,
        GroupComparison,
        ItemExplanation,
    )

Describe = Callable[[Diagnostic], dict[str, Any]]
"""A problem as plain data."""


def describe_explanation(explanation: "Explanation", describe: Describe) -> dict[str, Any]:
    """An explanation as plain data, with the names of the language; `describe` gives that of why something is held."""
    return _Data(describe).explanation(explanation)


def explanation_to_json(explanation: "Explanation", translate: Translate) -> dict[str, Any]:
    """As `describe_explanation`, only of what JSON has: decimals and dates are text."""
    described = describe_explanation(explanation, lambda cause: cause.to_json(translate))
    data: dict[str, Any] = json.loads(json.dumps(described, default=_to_text))
    return data


def _to_text(value: Any) -> str:  # noqa: ANN401  what JSON does not have
    return format_decimal(value) if isinstance(value, Decimal) else str(value)


@frozen
class _Data:
    describe: Describe

    def explanation(self, explanation: "Explanation") -> dict[str, Any]:
        return (
            {
                "policy": f"{explanation.program.id}@{explanation.program.version}",
                "subject": explanation.subject,
                "period": explanation.period,
                "facts": {fact.name: fact.value for fact in explanation.facts if fact.value is not None},
                "values": [self.result(value_result) for value_result in explanation.values],
                "groups": [self.comparison(comparison) for comparison in explanation.groups],
                "items": [self.item(item) for item in explanation.items],
                "score": self.score(explanation) if explanation.score else None,
                "grade": self.grade(explanation) if explanation.grade else None,
                "pay": [
                    {"kind": pay_line.kind, "sign": pay_line.sign, **self.result(pay_line.result)}
                    for pay_line in explanation.pay
                ],
                "net": explanation.net,
                "partial": explanation.partial,
                "balances": [
                    {"opens": self.result(opening), "closes": self.result(closing)}
                    for opening, closing in explanation.carries
                ],
                "actions": [self.result(action) for action in explanation.actions],
            }
            | self.matters(explanation)
            | ({"not_assessed": self.result(explanation.excluded)} if explanation.excluded else {})
        )

    def matters(self, explanation: "Explanation") -> dict[str, Any]:
        """The open matters; nothing where there are none."""
        names = ("table", "key", "stage", "since", "owner", "missing")
        matters = [{name: getattr(matter, name) for name in names} for matter in explanation.matters]
        return {"matters": matters} if matters else {}

    def score(self, explanation: "Explanation") -> dict[str, Any]:
        assert explanation.score is not None  # noqa: S101  the caller has looked
        ends = (
            {"least": explanation.possible.least, "most": explanation.possible.most} if explanation.possible else None
        )
        return self.item(explanation.score) | ({"possible": ends} if ends else {})

    def grade(self, explanation: "Explanation") -> dict[str, Any]:
        assert explanation.grade is not None  # noqa: S101  the caller has looked
        return self.result(explanation.grade) | (
            {"possible": list(explanation.possible_grades)} if explanation.possible_grades else {}
        )

    def item(self, item: "ItemExplanation") -> dict[str, Any]:
        entries = [
            {name: value for name, value in self.entry(entry).items() if value not in (None, "")}
            for entry in item.entries
        ]
        return {**self.result(item.result), "most": item.most, "entries": entries}

    def comparison(self, comparison: "GroupComparison") -> dict[str, Any]:
        fields: dict[str, Any] = {
            "name": comparison.name,
            "group": comparison.group,
            "key": comparison.key,
            "value": comparison.value,
            "of": comparison.size,
            "amount": comparison.amount,
            "weight": comparison.weight,
            "total_weight": comparison.total_weight,
        }
        fields |= {"held": [self.describe(cause) for cause in comparison.held]} if comparison.held else {}
        return {name: value for name, value in fields.items() if value is not None}

    def entry(self, entry: "ExplainedEntry") -> dict[str, Any]:
        names = ("reason", "label", "quantity", "points", "table", "event", "authority")
        fields = {name: getattr(entry, name) for name in names}
        if entry.formula:
            inputs = {part.name: part.value for part in entry.inputs if part.value is not None}
            fields |= {"formula": entry.formula, "inputs": inputs}
        return fields | ({"details": {detail.name: detail.value for detail in entry.details}} if entry.details else {})

    def result(self, result: "ExplainedResult") -> dict[str, Any]:
        fields: dict[str, Any] = {
            "name": result.name,
            "label": result.label,
            "value": result.value,
            "authority": result.authority,
        }
        if result.formula:
            fields |= {
                "formula": result.formula,
                "inputs": {
                    formula_input.name: formula_input.value
                    for formula_input in result.inputs
                    if formula_input.value is not None
                },
            }
        if result.held:
            fields["held"] = [self.describe(cause) for cause in result.held]
        return {name: value for name, value in fields.items() if value not in (None, "")}
