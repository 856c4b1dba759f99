"""Everybody's payload written in columns: the same bytes, and what is unknown left to Python.

A payload is canonical JSON of what lies in frames already, so Polars writes it: each value as text, then texts joined
by name, then rows joined by subject. Whoever has something unknown, bad or held is written one by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate import decisions
from scorecore.evaluate.batch.evaluator import Population
from scorecore.evaluate.batch.evaluator import build_population as company_of
from scorecore.evaluate.decisions import Decisions
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import SUBJECT, Facts, RowsBySubject
from scorecore.facts.readable import get_readable_dtype, make_readable
from scorecore.program.model import FactColumn, Program
from scorecore.record.log.prefetch import prefetch
from scorecore.record.runs.json_columns import (
    Part,
    joined,
    json_key,
    json_object,
    json_text,
)
from scorecore.record.runs.payload import (
    key_of,
    payload,
    placed,
    results_of,
    table_of,
    tables_of,
)
from scorecore.values.canonical_json import encode

_STEP: Final = 10_000
"""Subjects that are written at once: some 20 MB."""
_TEXT: Final = "text"


def batch_payloads(made: Decisions, step: int = _STEP, *, company: Population | None = None) -> Iterator[bytes]:
    """Everybody's payload in their order: what `payload` gives of a record and its result. `step` are made at once.

    `company` has their group values, where these are known.
    """
    everybody = _Everybody.of(made, company or company_of(made.program, made.facts))
    starts = range(0, len(made), step)
    yield from chain.from_iterable(prefetch(lambda at: everybody.written(at, min(at + step, len(made))), starts))


@frozen(eq=False)
class _Everybody:
    made: Decisions
    """Entries and pay lines in the order of payloads."""
    company: Population
    known: pl.Series
    """Of whom nothing is unknown or held."""
    missing: Mapping[str, str]
    """What stands for the tables that were not given."""

    @classmethod
    def of(cls, made: Decisions, company: Population) -> "_Everybody":
        program, facts = company.program, company.facts
        known = _known(program, facts, company.groups).scatter(sorted(made.held), values=False)
        entries = made.entries.sort(decisions.SUBJECT, "rule", "event", nulls_last=False)
        pay = made.pay.sort(decisions.SUBJECT, "line")
        one = next(extract_subject_facts(program, facts, [0])).rows
        missing = {name: encode(table_of(one[name])).decode() for name in tables_of(program) if name not in facts.rows}
        return cls(evolve(made, entries=entries, pay=pay), company, known, missing)

    def written(self, start: int, stop: int) -> list[bytes]:
        """The payloads of the subjects from `start` to before `stop`."""
        known = self.known[start:stop]
        if not known.any():
            return self.one_by_one(range(start, stop))
        found: list[bytes] = self.texts(start, stop).cast(pl.Binary).to_list()
        others = [start + at for at in (~known).arg_true()]
        for who, data in zip(others, self.one_by_one(others), strict=True):
            found[who - start] = data
        return found

    def one_by_one(self, subjects: Sequence[int]) -> list[bytes]:
        """The payloads of some subjects by themselves; their numbers ascend."""
        if not subjects:
            return []
        made, bounds = self.made, (subjects[0], subjects[-1] + 1)
        near = evolve(made, entries=_between(made.entries, *bounds), pay=_between(made.pay, *bounds))
        part = decisions.select_subjects(near, subjects)
        return [payload(*one) for one in zip(self.company.subject_facts(subjects), results_of(part), strict=True)]

    def texts(self, start: int, stop: int) -> pl.Series:
        """The payloads of subjects as text; of those with something unknown, anything."""
        frame, facts = self.made.frame, self.company.facts
        values = _texts(self.company.program.schema.columns)
        values |= {key_of(one.name): json_text(pl.lit(one[start:stop]), one.dtype) for one in self.company.groups}
        results = {
            name: json_text(pl.col(name), frame.schema[name]) for name in frame.columns if name != decisions.SUBJECT
        }
        columns = [
            facts.subjects[start:stop].lazy().select(json_object(values).alias("facts")),
            frame[start:stop].lazy().select(json_object(results).alias("values")),
            facts.ids[start:stop].to_frame().lazy().select(joined(json_text(pl.first(), pl.String())).alias("subject")),
            _of_each(self.entry_texts(start, stop), start, stop).rename({_TEXT: "entries"}),
            _of_each(self.pay_texts(start, stop), start, stop).rename({_TEXT: "pay"}),
        ]
        parts: list[Part] = ['{"facts":{"tables":{']
        for at, (name, several) in enumerate(sorted(tables_of(self.made.program).items())):
            parts.append(f"{',' if at else ''}{json_key(name)}")
            if name in self.missing:
                parts.append(self.missing[name])
            else:
                texts = _row_texts(facts.rows[name], several, start, stop)
                columns.append(_of_each(texts, start, stop).rename({_TEXT: f"#{name}"}))
                parts += ["[", pl.col(f"#{name}"), "]"]
        parts += ['},"values":{', pl.col("facts"), '}},"result":{"entries":[', pl.col("entries"), '],"pay":[']
        parts += [pl.col("pay"), '],"values":{', pl.col("values"), '}},"subject":', pl.col("subject"), "}"]
        # one query: until all is written Python is asked for nothing, and other threads run
        return pl.concat(columns, how="horizontal").select(joined(parts)).collect().to_series()

    def entry_texts(self, start: int, stop: int) -> pl.LazyFrame:
        part = placed(self.made, _between(self.made.entries, start, stop))
        quantity = joined([",", *json_text(pl.col("quantity"), part.schema["quantity"])]).fill_null("")
        points = json_text(pl.col("points"), part.schema["points"])
        entry = joined(["[", pl.col("rule"), ",", *points, ",", pl.col("at"), quantity, "]"])
        return part.lazy().select(decisions.SUBJECT, entry.alias(_TEXT))

    def pay_texts(self, start: int, stop: int) -> pl.LazyFrame:
        part = _between(self.made.pay, start, stop)
        amount = json_text(pl.col("amount"), part.schema["amount"])
        line = joined(["[", pl.col("line"), ",", *amount, "]"])
        return part.lazy().select(decisions.SUBJECT, line.alias(_TEXT))


def _row_texts(rows: RowsBySubject, columns: Sequence[FactColumn], start: int, stop: int) -> pl.LazyFrame:
    """The rows of a table that some subjects have; the subject and the text of each."""
    part = rows.frame[rows.ends[start - 1] if start else 0 : rows.ends[stop - 1]].lazy()
    row = joined(["{", json_object(_texts(columns)), "}"])
    return part.select(pl.col(SUBJECT).alias(decisions.SUBJECT), row.alias(_TEXT))


def _of_each(texts: pl.LazyFrame, start: int, stop: int) -> pl.LazyFrame:
    """The texts of each subject in one, with commas between them; empty where there is none."""
    grouped = texts.group_by(decisions.SUBJECT, maintain_order=True).agg(_TEXT)
    joined = grouped.select(pl.col(decisions.SUBJECT).cast(pl.UInt32), pl.col(_TEXT).list.join(","))
    every = pl.int_range(start, stop, dtype=pl.UInt32, eager=True).alias(decisions.SUBJECT).to_frame()
    found = every.lazy().join(joined, on=decisions.SUBJECT, how="left", maintain_order="left")
    return found.select(pl.col(_TEXT).fill_null(""))


def _known(program: Program, facts: Facts, groups: pl.DataFrame) -> pl.Series:
    """For each subject whether all that it reads is known."""
    required = [facts.subjects[one.name] for one in program.schema.columns if not one.optional]
    lacking = [one for one in (*required, *groups.iter_columns()) if one.null_count()]
    several = [one.is_null().arg_true() for one in lacking]
    several += [pl.Series(values=sorted(faults), dtype=pl.UInt32) for faults in facts.bad.values()]
    for table in program.schema.events:
        if table.name in facts.rows:
            several += _unknown_events(table.columns, facts.rows[table.name])
    several += [pl.Series(values=sorted(rows.distrusted), dtype=pl.UInt32) for rows in facts.rows.values()]
    known = pl.repeat(value=True, n=len(facts), dtype=pl.Boolean, eager=True)
    return known.scatter(pl.concat(several).unique(), values=False) if several else known


def _unknown_events(columns: Sequence[FactColumn], rows: RowsBySubject) -> Iterator[pl.Series]:
    """The subjects that have an event of which something is unknown."""
    for one in columns:
        if not one.optional and rows.frame[one.name].null_count():
            yield rows.frame[SUBJECT].filter(rows.frame[one.name].is_null())
    for faults in rows.bad.values():
        yield rows.frame[SUBJECT][sorted(faults)]


def _between(ledger: pl.DataFrame, start: int, stop: int) -> pl.DataFrame:
    """The part of a ledger, sorted by subject, that is about some subjects."""
    first, last = ledger[decisions.SUBJECT].search_sorted(pl.Series([start, stop]))
    return ledger[first:last]


def _texts(columns: Sequence[FactColumn]) -> dict[str, list[Part]]:
    """The texts of facts by name."""
    return {
        one.name: json_text(make_readable(pl.col(one.name), one.type), get_readable_dtype(one.type)) for one in columns
    }
