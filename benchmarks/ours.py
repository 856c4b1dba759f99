"""All that the benchmarks know of scorecore: how to compile, take facts in, decide, and read the results."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from scorecore.compiler.compile import compile_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.evaluate.batch import evaluator as columns
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.period_context import period_context
from scorecore.evaluate.reference.evaluator import ReferenceEvaluator
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.ingest import ingest
from scorecore.facts.model import Facts, SubjectFacts
from scorecore.facts.raw import RawTable
from scorecore.facts.subject_facts import subject_facts
from scorecore.io.policy_files import find_parents, read_source
from scorecore.plugins import Scorer, installed, load_scorers
from scorecore.program.model import Program
from scorecore.values.unknown import Unknown

__all__ = ["ReferenceEvaluator", "SubjectEvaluator", "Unknown", "compile_policy", "period_context", "subject_facts"]

POLICIES = Path(__file__).parent.parent / "policies"
GALAXY = POLICIES / "galaxy" / "branch.toml"


def scorers() -> Mapping[str, Scorer]:
    """The scorers that are installed."""
    return load_scorers(installed(), Diagnostics())


def sources(path: Path) -> tuple[Source, dict[str, Source]]:
    """The text of a policy, and those of its parents."""
    source = read_source(path, Diagnostics())
    assert source is not None
    return source, find_parents(source, [path.parent])


def compiled(path: Path) -> Program:
    """The program of a policy file."""
    return compile_policy(*sources(path), scorers())


def taken_in(program: Program, label: str, tables: Mapping[str, pl.DataFrame]) -> Facts:
    """Raw frames as typed facts of a period."""
    period = program.period.period(label)
    assert period is not None
    diagnostics = Diagnostics()
    facts = ingest(program, period, {name: RawTable(frame, name) for name, frame in tables.items()}, diagnostics)
    if facts is None:
        raise ValueError(*diagnostics)
    return facts


def decided(program: Program, facts: Facts, *, ledgers: bool) -> Decisions:
    """Everyone, in columns."""
    return columns.evaluate_batch(program, facts, ledgers=ledgers)


def in_memory(program: Program, facts: Facts, subjects: Sequence[int]) -> Iterator[SubjectFacts]:
    """Some subjects as the row evaluator reads them."""
    return extract_subject_facts(program, facts, subjects)


def results(decisions: Decisions) -> pl.DataFrame:
    """The decisions with the subjects' ids in front."""
    return decisions.frame.with_columns(decisions.facts.ids.gather(decisions.frame["subject"]).alias("subject"))


def entries(decisions: Decisions) -> pl.DataFrame:
    """Every entry with what its numbers stand for: person, account, reason, and the key of its event by field."""
    ledger = decisions.program.ledger
    entry_rows = decisions.entries.with_columns(
        decisions.facts.ids.gather(decisions.entries["subject"]).alias("subject"),
        *(
            pl.Series(name, [getattr(rule, name) for rule in ledger], dtype=pl.String)
            .gather(decisions.entries["rule"])
            .alias(name)
            for name in ("account", "reason", "each")
        ),
    )
    keys = {table.name: table.key for table in decisions.program.schema.events}
    parts = []
    for (table,), rows in entry_rows.partition_by("each", as_dict=True).items():
        if table:
            frame = decisions.facts.rows[table].frame
            found_keys = [frame[key].gather(rows["event"]).cast(pl.String).alias(key) for key in keys[table]]
            parts.append(rows.drop("rule", "each", "event").with_columns(found_keys))
        else:
            parts.append(rows.drop("rule", "each", "event"))
    return pl.concat(parts, how="diagonal")


def pay(decisions: Decisions) -> pl.DataFrame:
    """Every line of pay with its name and the subject's id."""
    names = pl.Series("line", [line.step for line in decisions.program.pay], dtype=pl.String)
    return decisions.pay.with_columns(
        decisions.facts.ids.gather(decisions.pay["subject"]).alias("subject"),
        names.gather(decisions.pay["line"]).alias("line"),
    )


def held(decisions: Decisions) -> Mapping[int, Mapping[str, Any]]:
    """Who has something held, and why."""
    return decisions.held
