"""A house rule: people who are paid or fined can look up why."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from scorecore.plugin import Check, Diagnostic, DiagnosticKind, Policy, Program, hookimpl

NO_CLAUSE: Final = DiagnosticKind("SC620", "the pay line `{name}` does not name a clause", ('add authority = "…"',))


def clauses(policy: Policy, _program: Program) -> Iterator[Diagnostic]:
    """Every pay line names the clause that it carries out."""
    for line in policy.pay:
        if not line.authority.strip():
            place, length = line.at("id")
            yield Diagnostic(NO_CLAUSE, place, {"name": line.id}, length)


@hookimpl
def checks() -> Iterable[Check]:
    return [Check("clauses", clauses)]


@hookimpl
def words() -> Mapping[str, Mapping[str, str]]:
    return {
        "zh": {
            "Every pay line names the clause that it carries out.": "每一条薪酬项目都注明所依据的条款。",
            NO_CLAUSE.message: "薪酬项目 `{name}` 没有注明条款",
            NO_CLAUSE.advice[0]: '请加上 authority = "…"',
        }
    }
