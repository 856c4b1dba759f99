"""One decision as Python values: results, the entries that add up to them, pay lines, and what is held."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import field, fields, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Translate
from scorecore.evaluate.outcome import Outcome, Posting
from scorecore.facts.model import SubjectFacts
from scorecore.program.digest import program_digest
from scorecore.program.model import Program, result_name
from scorecore.values.canonical_json import format_decimal
from scorecore.values.ratio import Ratio
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore.values.types import Value
from scorecore.values.unknown import Maybe, Unknown

PlainData = dict[str, Any]


@frozen
class DecisionEntry:
    """One reason for points. The points of all entries of an account, with its opening, are its result."""

    account: str
    """The result that it adds to: `items.<id>`, or `score.total`."""
    reason: str
    """A code, the same for all entries of a kind, such as `cap`."""
    label: str
    """The reason in words; empty if the policy has none."""
    points: Decimal
    """What is added to the account; may be negative, or 0 for what was waived."""
    quantity: Decimal | int | None
    """How many units the points are for; None if the policy does not say."""
    table: str
    """The table of the event that it rests on; empty if it rests on none."""
    event: str
    """The key of that event; empty if it rests on none."""
    authority: str
    """The clause."""


@frozen
class DecisionPay:
    """A pay line that applies to the subject, or may apply."""

    id: str
    kind: str
    """As the policy has it, such as `earning` or `deduction`."""
    label: str
    amount: Decimal | None
    """In the policy's currency, not negated for a deduction; None if it is held."""
    sign: int
    """What it does to net pay: 1 adds, -1 subtracts, 0 leaves it as it is."""
    authority: str
    """The clause."""


@frozen
class Decision:
    """What a policy decides about one subject and period. It can be pickled, and knows nothing of the program."""

    policy: str
    """`id@version`."""
    program: str
    """The digest of the program that decided, as `scorecore expand` prints it."""
    subject: str
    """The subject's id."""
    period: str
    """The label of the period, such as `2024-05`."""
    results: Mapping[str, Value | None]
    """Every result by its name in the language: `items.<id>`, `score.total`, `grade`, `pay.<id>`, `carry.<id>` (the
    closing balance), `actions.<id>` (whether it is proposed). None: it is held. With `ago` beside them they are a row
    of the history of a later period."""
    entries: tuple[DecisionEntry, ...]
    """The reasons for points, account by account."""
    pay: tuple[DecisionPay, ...]
    """The pay lines that apply, or may apply, in the policy's order."""
    net: Decimal | None
    """Net pay, in the policy's currency: the sum of the lines that are decided; None if the policy pays nothing."""
    partial: bool
    """Whether a pay line is held, so that `net` is only of the others."""
    held: Mapping[str, tuple[Diagnostic, ...]]
    """The results that have no value, each with its causes; empty if everything is decided."""
    groups: Mapping[str, Value | None] = field(factory=dict)
    """The values that depend on others, by their names in `scorecore expand`; as `groups` they can be given again."""

    @property
    def is_assessed(self) -> bool:
        """Whether the policy assesses the subject at all; if not, every result is held for that reason alone."""
        return all(cause.kind is not catalogue.EXCLUDED for causes in self.held.values() for cause in causes)

    @property
    def total(self) -> Decimal | None:
        """The total score; None if it is held, or the policy has no score."""
        total = self.results.get(SCORE_TOTAL)
        return total if isinstance(total, Decimal) else None

    @property
    def grade(self) -> str | None:
        """The id of the grade; None if it is held, or the policy has no grades."""
        grade = self.results.get(GRADE)
        return grade if isinstance(grade, str) else None

    @property
    def items(self) -> dict[str, Value | None]:
        """Points by item; None where they are held."""
        return self._section("items.")

    @property
    def carry(self) -> dict[str, Value | None]:
        """Closing balances by name; None where they are held."""
        return self._section("carry.")

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that are proposed, in the policy's order."""
        return tuple(name for name, is_proposed in self._section("actions.").items() if is_proposed is True)

    def _section(self, prefix: str) -> dict[str, Value | None]:
        return {name.removeprefix(prefix): value for name, value in self.results.items() if name.startswith(prefix)}

    def to_json(self, translate: Translate = str) -> PlainData:
        """The same as plain data for `json.dumps`, as `CompiledPolicy.json_schema("decision")` describes it.

        Decimals are text without trailing zeros, dates and timestamps are ISO text, what is held is null. `translate`
        is such as `scorecore.translator("zh")`; without it the causes are in English.
        """
        return {
            "policy": self.policy,
            "program": self.program,
            "subject": self.subject,
            "period": self.period,
            "results": _plain_row(self.results),
            "entries": [_plain_fields(entry) for entry in self.entries],
            "pay": [_plain_fields(line) for line in self.pay],
            "net": to_plain(self.net),
            "partial": self.partial,
            "held": {name: [_plain_cause(cause, translate) for cause in causes] for name, causes in self.held.items()},
            "groups": _plain_row(self.groups),
        }


def to_plain(value: Value | None) -> Any:  # noqa: ANN401  what JSON has
    """A value as JSON has it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    return format_decimal(value) if isinstance(value, Decimal | Ratio) else value.isoformat()


def _plain_row(row: Mapping[str, Value | None]) -> PlainData:
    return {str(name): to_plain(value) for name, value in row.items()}


def _plain_fields(part: DecisionEntry | DecisionPay) -> PlainData:
    return {attribute.name: to_plain(getattr(part, attribute.name)) for attribute in fields(type(part))}


def _plain_cause(cause: Diagnostic, translate: Translate) -> PlainData:
    return {"code": cause.kind.code, "message": cause.message(translate), "place": str(cause.location)}


@frozen(eq=False)
class DecisionBuilder:
    """Makes decisions of the outcomes of one program; what is the same for all of them is computed once."""

    program: Program
    policy: str = field(init=False)
    digest: str = field(init=False)
    _results: tuple[tuple[str, int], ...] = field(init=False)
    """The name of each result, and the number of its step."""
    _groups: tuple[tuple[str, int], ...] = field(init=False)
    _keys: Mapping[str, tuple[str, ...]] = field(init=False)
    """The names of the fields that make up the key of an event, by table."""

    @policy.default
    def _name(self) -> str:
        return f"{self.program.id}@{self.program.version}"

    @digest.default
    def _digest(self) -> str:
        return program_digest(self.program)

    @_results.default
    def _number_results(self) -> tuple[tuple[str, int], ...]:
        return tuple((str(result_name(name)), self.program.step_number(name)) for name in self.program.results())

    @_groups.default
    def _number_groups(self) -> tuple[tuple[str, int], ...]:
        return tuple((step.text, self.program.step_number(step.name)) for step in self.program.grouped)

    @_keys.default
    def _name_keys(self) -> Mapping[str, tuple[str, ...]]:
        return {table.name: table.key for table in self.program.schema.events}

    def build(self, period: str, facts: SubjectFacts, outcome: Outcome) -> Decision:
        """The decision of an outcome."""
        values = outcome.values
        pay = tuple(self._pay(outcome))
        held = (
            {str(result_name(name)): causes for name, causes in outcome.held().items()} if _has_unknown(values) else {}
        )
        amounts = [line.sign * line.amount for line in pay if line.amount is not None]
        return Decision(
            self.policy,
            self.digest,
            facts.subject,
            period,
            {name: _known(values[number]) for name, number in self._results},
            tuple(self._entry(posting, facts) for posting in outcome.entries),
            pay,
            sum(amounts, Decimal(0)) if self.program.pay else None,
            any(line.amount is None for line in pay),
            held,
            {name: _known(values[number]) for name, number in self._groups},
        )

    def _pay(self, outcome: Outcome) -> Iterator[DecisionPay]:
        for payment in outcome.lines():
            line, step = payment.line, self.program.step(payment.line.step)
            yield DecisionPay(line.step.name, line.kind, step.label, payment.amount, line.sign, step.authority)

    def _entry(self, posting: Posting, facts: SubjectFacts) -> DecisionEntry:
        number, quantity, points, position = posting
        rule = self.program.ledger[number]
        event = ""
        if rule.each:
            rows = facts.rows[rule.each]
            assert isinstance(rows, Sequence)  # noqa: S101  an entry rests on a row that is there
            event = " ".join(str(rows[position][name]) for name in self._keys[rule.each])
        return DecisionEntry(
            str(rule.account), rule.reason, rule.label, points, quantity, rule.each, event, rule.authority
        )


def _has_unknown(values: Sequence[Maybe]) -> bool:
    return any(value.__class__ is Unknown for value in values)


def _known(value: Maybe) -> Value | None:
    return None if isinstance(value, Unknown) else value
