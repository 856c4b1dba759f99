"""A policy that is ready to decide: what `scorecore.load` gives."""

import logging
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, Self

from attrs import define, field

from scorecore.analysis.explain import Explanation, explain
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics, FactsRejected, PolicyRejected
from scorecore.diagnostics.source import Source
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.library.decision import Decision, DecisionBuilder
from scorecore.library.decision_tables import DecisionTables
from scorecore.library.document import Document, DocumentReader, read_period
from scorecore.library.explanation_schema import describe_explanation
from scorecore.library.frames import read_frames
from scorecore.library.json_schemas import describe_decision, describe_facts
from scorecore.library.policy_loader import PolicyLoader
from scorecore.library.telemetry import Observation, join_codes
from scorecore.plugins import Plugins, installed, load_scorers
from scorecore.program.model import Program
from scorecore.values.period import Period

MAX_EVALUATORS: Final = 64
"""Periods for which a policy keeps what it has generated."""


def load(
    policy: "str | Path | Source", *, parents: Iterable[str | Path] = (), plugins: Plugins | None = None
) -> "CompiledPolicy":
    """Compile a policy file, or a text in memory, and everything that it rests on.

    The policies that it extends or uses are looked for beside the file and in the folders `parents`; those of a
    `Source` in `parents` alone. `plugins` are those that are installed, unless others are given, such as
    `Plugins({"bonus": Scorer("bonus", Bonus)})`.

    Raises PolicyRejected with every problem of the policy, each with its file, line and column; with those of the
    plugins, if one of them does not load or does not fit the contract; or with the one of a file that cannot be read.
    """
    name = policy.name if isinstance(policy, Source) else str(policy)
    with Observation("load", logging.INFO, {"file": name}) as observation:
        diagnostics = Diagnostics()
        brought = load_scorers(installed(), diagnostics) if plugins is None else plugins
        folders = tuple(map(Path, parents))
        loader = PolicyLoader(folders, brought, tuple(diagnostics))
        checked = loader.check_source(policy, folders) if isinstance(policy, Source) else loader.check(Path(policy))
        if checked.program is None:
            raise PolicyRejected(checked.diagnostics)
        compiled = CompiledPolicy(checked.program, checked.used, checked.diagnostics)
        observation.fields |= {"policy": compiled.name, "program": compiled.digest}
        observation.fields["codes"] = join_codes(checked.diagnostics)
        return compiled


@define(eq=False)
class CompiledPolicy:
    """A policy that is ready to decide. It never changes, can be used by many threads, and can be pickled."""

    program: Program
    """What was compiled, without plugins."""
    used: Mapping[str, Program]
    """By `id@version` the programs of the policies that it uses, and that they use."""
    notes: tuple[Diagnostic, ...] = ()
    """What `scorecore check` notes about the policy; nothing that keeps it from deciding."""
    _reader: DocumentReader = field(init=False, repr=False)
    _builder: DecisionBuilder = field(init=False, repr=False)
    _evaluators: dict[Period, SubjectEvaluator] = field(init=False, repr=False, factory=dict)
    _lock: Lock = field(init=False, repr=False, factory=Lock)

    def __attrs_post_init__(self) -> None:
        self._reader = DocumentReader(self.program)
        self._builder = DecisionBuilder(self.program)

    def __reduce__(self) -> tuple[type[Self], tuple[Program, Mapping[str, Program], tuple[Diagnostic, ...]]]:
        return type(self), (self.program, self.used, self.notes)

    @property
    def name(self) -> str:
        """`id@version`."""
        return self._builder.policy

    @property
    def title(self) -> str:
        """What the policy is called."""
        return self.program.title

    @property
    def digest(self) -> str:
        """The digest of what the policy means: comments, places and labels do not change it."""
        return self._builder.digest

    @property
    def effective_from(self) -> date:
        """The first day of its force."""
        return self.program.effective_from

    @property
    def effective_to(self) -> date | None:
        """The last day of its force; None: it has no end."""
        return self.program.effective_to

    def decide(self, facts: Document) -> Decision:
        """Decide about one subject.

        `facts` is a dict, or JSON read with `json.loads(text, parse_float=Decimal)`, with these keys:

        - `period`: the label of the period, such as `"2024-05"`
        - the name of the subject (`[policy] subject`): its facts by name
        - the name of each table of events: a list of rows, each a dict of its fields; `[]` says that there were none
        - `id`: the subject's id, for diagnostics and explanations
        - `history`: a list of earlier decisions, where the policy reads them: `{"ago": 1, **decision.results}`
        - `uses`: by name the decision of each policy that is used, or a list of them: `decision.results`
        - `groups`: values that depend on others, by their names in `scorecore expand`: `decision.groups`

        Numbers are int, Decimal or text, in the unit that the policy declares; dates are `date` or ISO text. What is
        left out or None is missing: whatever needs it is held, with the reason. So is what needs a value that does not
        fit its fact. Nothing is rounded.

        Raises FactsRejected with every binary float, every key that means nothing, a table that is not a list, and a
        period that does not exist or lies outside the policy's force.
        """
        with Observation("decide", logging.DEBUG, {"policy": self.name}) as observation:
            period, subject_facts = self._reader.read(facts)
            outcome = self._evaluator(period).decide(subject_facts)
            decision = self._builder.build(period.label, subject_facts, outcome)
            if observation.is_observed:
                causes = (cause for causes in decision.held.values() for cause in causes)
                observation.fields |= {"period": period.label, "held": len(decision.held), "codes": join_codes(causes)}
            return decision

    def explain(self, facts: Document) -> Explanation:
        """Decide about one subject, and show what every result rests on: formulas, inputs, events and clauses.

        `facts` are those of `decide`, and raise the same.
        """
        period, subject_facts = self._reader.read(facts)
        return explain(self.program, self._evaluator(period), subject_facts)

    def decide_many(self, frames: Mapping[str, Any], *, period: str, known_at: date | None = None) -> DecisionTables:
        """Decide about everybody in frames of Polars, Arrow or pandas, in columns.

        `frames` has a table for the subject, one for each table of events, and `history` where the policy reads it, by
        name or label. Each has a column with the ids, headed by the name or label of the subject, and a column for each
        fact or field; a column `period` allows rows of more than one period. Numbers are integers, decimals or text.
        Earlier periods, and policies that are used, are decided first, if the frames have their facts. Facts that
        became known after the day `known_at` are left out.

        What is wrong with single cells holds only what needs them; it is in `diagnostics` and `holds`.

        Raises FactsRejected for a name that means nothing, for what is not a frame, for a period that does not exist or
        lies outside the policy's force, and where nobody can be decided about, such as for a column of binary floats.
        """
        with Observation("decide_many", logging.INFO, {"policy": self.name, "period": str(period)}) as observation:
            diagnostics = Diagnostics()
            raw = read_frames(self.program, frames, diagnostics)
            named_period = read_period(self.program, period, diagnostics)
            if named_period is None or len(diagnostics):
                raise FactsRejected(tuple(diagnostics))
            runner = PeriodRunner(self.program, self.used, known_at=known_at)
            decisions = runner.decide(named_period, raw, diagnostics)
            if decisions is None:
                raise FactsRejected(tuple(diagnostics))
            observation.fields |= {"subjects": len(decisions), "held": len(decisions.held)}
            observation.fields["codes"] = join_codes(diagnostics)
            return DecisionTables.of(decisions, tuple(diagnostics))

    def json_schema(self, of: Literal["facts", "decision", "explanation"] = "facts") -> dict[str, Any]:
        """The JSON Schema (2020-12) of what `decide` takes, or of what `to_json` of a decision or explanation gives."""
        describe = {"facts": describe_facts, "decision": describe_decision, "explanation": describe_explanation}
        return describe[of](self.program)

    def _evaluator(self, period: Period) -> SubjectEvaluator:
        """What decides a period; what was generated for it is kept."""
        evaluator = self._evaluators.get(period)
        if evaluator is None:
            evaluator = SubjectEvaluator.of(self.program, period)
            with self._lock:
                if len(self._evaluators) >= MAX_EVALUATORS:
                    self._evaluators.pop(next(iter(self._evaluators)), None)
                self._evaluators[period] = evaluator
        return evaluator
