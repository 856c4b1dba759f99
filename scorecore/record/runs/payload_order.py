"""How results are put in order in a payload: nothing is known by its position in the policy."""

from collections.abc import Iterable
from typing import Any

from scorecore.program.model import Program
from scorecore.program.steps import Account
from scorecore.values.canonical_json import encode

PlainData = dict[str, Any]
"""By name texts, whole numbers, truth values, and lists and dicts of these."""


def number_rules(program: Program) -> tuple[tuple[str, int], ...]:
    """By its number in the ledger of a program, the account of a rule and its number there: 0 is the opening."""
    rules: list[tuple[str, int]] = []
    for rule in program.ledger:
        if rules and rules[-1][0] == rule.account:
            number = rules[-1][1] + 1
        else:
            account = program.step(rule.account)
            number = 0 if isinstance(account, Account) and account.opens_with else 1
        rules.append((rule.account, number))
    return tuple(rules)


def sort_entries(entries: Iterable[list[Any]]) -> list[list[Any]]:
    """Entries by account, the number of their rule there, and event."""
    return sorted(entries, key=lambda entry: (entry[0], entry[1], entry[3]))


def sort_causes(causes: Iterable[PlainData]) -> list[PlainData]:
    """The causes of one held result, in an order that does not depend on that of the policy's parts."""

    def kind_then_place(cause: PlainData) -> tuple[str, bytes, str, int, int]:
        place = cause["source"], cause.get("line", 0), cause.get("column", 0)
        return (cause["code"], encode(cause.get("blanks", {})), *place)

    return sorted(causes, key=kind_then_place)
