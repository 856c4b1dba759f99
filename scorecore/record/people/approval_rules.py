"""Who approves what, how many of them, and from which amount on: data in the record, which an administrator sets.

    [[approval]]
    what = ["run", "correction"]
    total_from = "100000"
    approvals = 2
    by = ["bo", "chen"]

It is in the record and not in a policy: an author must not say how many look at what the author has written. What is
proposed keeps the rules that were in force then. No entry has an amount, so a run names the rules with amounts that
apply to it; who approves it, and who verifies the record, computes them again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.evaluate.decisions import NET
from scorecore.record.log.signatures import Actor
from scorecore.record.people.operators import Refusal
from scorecore.record.runs.manifest import Approval, Run

RULES: Final = "approval_rules"
"""The kind of an entry that sets the rules; those before it no longer hold for what is proposed later."""
POLICY: Final = "policy"
CORRECTION: Final = "correction"
WHAT: Final = ("run", CORRECTION, POLICY)
TOTAL: Final = "total_from"
PERSON: Final = "person_from"
_KEYS: Final = frozenset({"what", POLICY, TOTAL, PERSON, "approvals", "by"})
_MOST: Final = 100
"""How many rules a record may have, and how many operators one may want."""


@frozen
class ApprovalRule:
    """How many must approve some of what is proposed, and who."""

    what: tuple[str, ...]
    policy: str
    """The id of the policy; empty for every policy."""
    total_from: Decimal | None
    """The net pay of a run in all from which on it applies."""
    person_from: Decimal | None
    """The net pay of one person from which on it applies."""
    approvals: int
    by: tuple[str, ...]
    """The operators whose approvals count; empty for every approver."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "ApprovalRule":
        """Read a rule that was checked."""
        total, person = (None if data.get(name) is None else Decimal(data[name]) for name in (TOTAL, PERSON))
        return cls(tuple(data["what"]), data.get(POLICY, ""), total, person, data["approvals"], tuple(data["by"]))

    @property
    def has_amount(self) -> bool:
        """Whether it applies to runs that pay so much alone."""
        return self.total_from is not None or self.person_from is not None

    def is_about(self, what: str, policy: str) -> bool:
        """Whether it is about a run, a correction or a policy, whatever is paid."""
        return what in self.what and self.policy in {"", policy}

    def is_reached(self, amounts: Sequence[Decimal]) -> bool:
        """Whether what some people are paid is as much as it says."""
        is_total = self.total_from is not None and sum(amounts, Decimal(0)) >= self.total_from
        return is_total or (self.person_from is not None and max(amounts, default=Decimal(0)) >= self.person_from)

    def counts(self, actor: Actor) -> bool:
        """Whether an approval of somebody counts."""
        return not self.by or actor.operator in self.by

    def missing(self, approvals: Iterable[Approval]) -> int:
        """How many more must approve."""
        return max(0, self.approvals - sum(self.counts(approval.actor) for approval in approvals))


def check_rules(data: Any, operators: Iterable[str], index: int) -> Refusal | None:  # noqa: ANN401  plain data
    """What is wrong with the rules of a file or an entry: the number of a rule, and its key."""
    if not isinstance(data, list) or len(data) > _MOST:
        return catalogue.BAD_APPROVAL_RULE, {"entry": index, "rule": 0, "key": "approval"}
    for number, rule in enumerate(data, 1):
        key = _find_fault(rule, frozenset(operators))
        if key is not None:
            return catalogue.BAD_APPROVAL_RULE, {"entry": index, "rule": number, "key": key}
    return None


def _find_fault(rule: Any, operators: frozenset[str]) -> str | None:  # noqa: ANN401  plain data
    """The key of a rule that is not as it must be; None where all are."""
    if not isinstance(rule, dict):
        return "approval"
    unknown = sorted(map(str, rule.keys() - _KEYS))
    if unknown:
        return unknown[0]
    what, by, approvals = rule.get("what"), rule.get("by"), rule.get("approvals")
    if not isinstance(what, list) or not what or not all(each in WHAT for each in what):
        return "what"
    if not isinstance(by, list) or not all(isinstance(name, str) for name in by) or not operators.issuperset(by):
        return "by"
    if not isinstance(approvals, int) or isinstance(approvals, bool) or not 1 <= approvals <= (len(by) or _MOST):
        return "approvals"
    if not isinstance(rule.get(POLICY, ""), str):
        return POLICY
    faulty = (name for name in (TOTAL, PERSON) if name in rule and not _is_amount(rule[name], what))
    return next(faulty, None)


def _is_amount(value: Any, what: Sequence[str]) -> bool:  # noqa: ANN401  plain data
    """Whether a value is an amount as text; a policy has none."""
    try:
        return isinstance(value, str) and Decimal(value).is_finite() and POLICY not in what
    except InvalidOperation:
        return False


def complete_rules(data: Any) -> Any:  # noqa: ANN401  plain data
    """The rules of a file as an entry has them: what may be left out there is filled in."""
    if not isinstance(data, list):
        return data
    return [{"by": [], "approvals": 1, **rule} if isinstance(rule, dict) else rule for rule in data]


def what_is(run: Run) -> str:
    """Whether rules see a run as a correction."""
    return CORRECTION if run.corrects else "run"


def rules_for(rules: Sequence[ApprovalRule], runs: Iterable[Run]) -> tuple[ApprovalRule, ...]:
    """The rules that apply to runs which were proposed together; those with amounts are named by their manifests."""
    applying: dict[ApprovalRule, None] = {}
    for run in runs:
        named = run.manifest.get("rules", ())
        for number, rule in enumerate(rules):
            if rule.is_about(what_is(run), run.id) and (not rule.has_amount or number in named):
                applying[rule] = None
    return tuple(applying)


def find_reached(rules: Sequence[ApprovalRule], what: str, policy: str, results: Iterable[Any]) -> Iterator[int]:
    """The rules with amounts that apply to a run, by the plain results of its decisions."""
    if not any(rule.has_amount and rule.is_about(what, policy) for rule in rules):
        return
    amounts = [abs(Decimal(result["values"].get(NET) or 0)) for result in results]
    for number, rule in enumerate(rules):
        if rule.has_amount and rule.is_about(what, policy) and rule.is_reached(amounts):
            yield number
