"""Decisions about everybody as flat frames, with names instead of numbers."""

import polars as pl
from attrs import field, frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.batch.evaluator import build_population
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.result_tables import decisions_table, entries_table, holds_table, pay_table


@frozen(eq=False)
class DecisionTables:
    """The decisions of a period, as Polars frames; `.to_arrow()` and `.to_pandas()` give others.

    The first two columns of each are the id, headed by the name of the subject, and `period`.
    """

    decisions: pl.DataFrame
    """A row for each subject, in the order of the ids: a column for each result by its name in the language, as in
    `Decision.results`; `pay.net` and `partial`, if the policy pays. Null: it is held."""
    entries: pl.DataFrame
    """A row for each reason for points: item, reason, label, quantity, points, table, event, authority."""
    pay: pl.DataFrame
    """A row for each pay line that applies: line, kind, label, amount, effect (with its sign), authority."""
    holds: pl.DataFrame
    """A row for each result that is held and each of its causes: step, code, reason, place."""
    diagnostics: tuple[Diagnostic, ...]
    """What is wrong with the frames, such as rows of ids that nobody has."""
    _batch: Decisions = field(repr=False)

    @classmethod
    def of(cls, decisions: Decisions, diagnostics: tuple[Diagnostic, ...]) -> "DecisionTables":
        """The tables of decisions, with what was wrong with their facts."""
        holds = holds_table(decisions, Diagnostic.message)
        frames = (decisions_table(decisions), entries_table(decisions), pay_table(decisions), holds)
        return cls(*frames, diagnostics, decisions)

    def __len__(self) -> int:
        """The number of subjects."""
        return len(self.decisions)

    def group_values(self) -> pl.DataFrame:
        """A row for each subject, in the order of `decisions`: the id, and each value that depends on others.

        Kept with the facts of a subject, they are the `groups` with which it can be decided again alone.
        """
        program, facts = self._batch.program, self._batch.facts
        ids = facts.ids.alias(program.schema.subject)
        texts = {str(step.name): step.text for step in program.grouped}
        groups = build_population(program, facts).groups
        return pl.DataFrame([ids, *(groups[name].alias(text) for name, text in texts.items())])
