"""Everybody's payload written in columns: the same bytes, and what is unknown left to Python.

A payload is canonical JSON of what lies in frames already, so Polars writes it: each value as text, then texts joined
by name, then rows joined by subject. A subject with something unknown, bad or held is written alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate import decisions
from scorecore.evaluate.batch.evaluator import Population, build_population
from scorecore.evaluate.decisions import Decisions
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import SUBJECT, Facts, RowsBySubject
from scorecore.facts.readable import get_readable_dtype, make_readable
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.record.log.prefetch import prefetch
from scorecore.record.runs.json_columns import (
    Part,
    join_texts,
    json_key,
    json_object,
    json_text,
)
from scorecore.record.runs.payload import (
    ResultWriter,
    encode_payload,
    key_of,
    place_in_payload,
    table_data,
    tables_of,
)
from scorecore.record.runs.payload_order import number_rules
from scorecore.values.canonical_json import encode

_BATCH_SIZE: Final = 10_000
"""Subjects that are written at once: some 20 MB."""
_TEXT: Final = "text"
_ORDER: Final = "order"
"""The position of an entry or a pay line in a payload, among those of its subject."""


def batch_payloads(
    made: Decisions, batch_size: int = _BATCH_SIZE, *, population: Population | None = None
) -> Iterator[bytes]:
    """Everybody's payload in their order: what `encode_payload` gives of the facts and the result of each.

    `batch_size` are written at once. `population` has their group values, where these are known.
    """
    batch = _BatchWriter.of(made, population or build_population(made.program, made.facts))
    starts = range(0, len(made), batch_size)
    yield from chain.from_iterable(
        prefetch(lambda start: batch.write(start, min(start + batch_size, len(made))), starts)
    )


@frozen(eq=False)
class _BatchWriter:
    decisions: Decisions
    """Entries and pay lines in the order of payloads."""
    population: Population
    known: pl.Series
    """Of whom nothing is unknown or held."""
    missing: Mapping[str, str]
    """What stands for the tables that were not given."""

    @classmethod
    def of(cls, made: Decisions, population: Population) -> "_BatchWriter":
        program, facts = population.program, population.facts
        is_known = _find_known(program, facts, population.groups).scatter(sorted(made.held), values=False)
        rule_ranks, line_ranks = _rank(number_rules(made.program)), _rank([line.step for line in made.program.pay])
        entries = made.entries.with_columns(rule_ranks[made.entries["rule"]])
        entries = entries.sort(decisions.SUBJECT, _ORDER, "event", nulls_last=False)
        pay = made.pay.with_columns(line_ranks[made.pay["line"]]).sort(decisions.SUBJECT, _ORDER)
        first_rows = next(extract_subject_facts(program, facts, [0])).rows
        missing = {
            name: encode(table_data(first_rows[name])).decode() for name in tables_of(program) if name not in facts.rows
        }
        ordered = evolve(made, entries=entries.drop(_ORDER), pay=pay.drop(_ORDER))
        return cls(ordered, population, is_known, missing)

    def write(self, start: int, stop: int) -> list[bytes]:
        """The payloads of the subjects from `start` to before `stop`."""
        is_known = self.known[start:stop]
        if not is_known.any():
            return self.write_each(range(start, stop))
        payloads: list[bytes] = self.texts(start, stop).cast(pl.Binary).to_list()
        apart = [start + number for number in (~is_known).arg_true()]
        for subject, payload in zip(apart, self.write_each(apart), strict=True):
            payloads[subject - start] = payload
        return payloads

    def write_each(self, subjects: Sequence[int]) -> list[bytes]:
        """The payloads of some subjects, each alone; their numbers ascend."""
        if not subjects:
            return []
        start, stop = subjects[0], subjects[-1] + 1
        entries, pay = (_between(ledger, start, stop) for ledger in (self.decisions.entries, self.decisions.pay))
        part = decisions.select_subjects(evolve(self.decisions, entries=entries, pay=pay), subjects)
        results = ResultWriter(self.decisions.program).write_all(part)
        return [encode_payload(*each) for each in zip(self.population.subject_facts(subjects), results, strict=True)]

    def texts(self, start: int, stop: int) -> pl.Series:
        """The payloads of subjects as text; of those with something unknown, anything."""
        ids = self.population.facts.ids[start:stop].to_frame().lazy()
        columns = [
            self.fact_texts(start, stop),
            self.result_texts(start, stop),
            ids.select(join_texts(json_text(pl.first(), pl.String())).alias("subject")),
            _of_each(self.entry_texts(start, stop), start, stop).rename({_TEXT: "entries"}),
            _of_each(self.pay_texts(start, stop), start, stop).rename({_TEXT: "pay"}),
        ]
        parts: list[Part] = ['{"facts":{"tables":{']
        for number, (name, fields) in enumerate(sorted(tables_of(self.decisions.program).items())):
            parts.append(f"{',' if number else ''}{json_key(name)}")
            if name in self.missing:
                parts.append(self.missing[name])
            else:
                texts = _row_texts(self.population.facts.rows[name], fields, start, stop)
                columns.append(_of_each(texts, start, stop).rename({_TEXT: f"#{name}"}))
                parts += ["[", pl.col(f"#{name}"), "]"]
        parts += ['},"values":{', pl.col("facts"), '}},"result":{"entries":[', pl.col("entries"), '],"pay":{']
        parts += [pl.col("pay"), '},"values":{', pl.col("values"), '}},"subject":', pl.col("subject"), "}"]
        # one query: until all is written Python is asked for nothing, and other threads run
        return pl.concat(columns, how="horizontal").select(join_texts(parts)).collect().to_series()

    def fact_texts(self, start: int, stop: int) -> pl.LazyFrame:
        facts = self.population.facts.subjects[start:stop].lazy()
        texts = _texts(self.population.program.schema.columns)
        for group_value in self.population.groups:
            texts[key_of(group_value.name)] = json_text(pl.lit(group_value[start:stop]), group_value.dtype)
        return facts.with_columns(json_object(texts).alias("facts")).select("facts")  # a row each, without facts too

    def result_texts(self, start: int, stop: int) -> pl.LazyFrame:
        frame = self.decisions.frame
        names = [name for name in frame.columns if name != decisions.SUBJECT]
        texts = {name: json_text(pl.col(name), frame.schema[name]) for name in names}
        return frame[start:stop].lazy().with_columns(json_object(texts).alias("values")).select("values")

    def entry_texts(self, start: int, stop: int) -> pl.LazyFrame:
        entries = place_in_payload(self.decisions, _between(self.decisions.entries, start, stop))
        quantity = join_texts([",", *json_text(pl.col("quantity"), entries.schema["quantity"])]).fill_null("")
        points = json_text(pl.col("points"), entries.schema["points"])
        rules = [f"{encode(account).decode()},{number}" for account, number in number_rules(self.decisions.program)]
        rule = pl.lit(pl.Series(values=rules, dtype=pl.String)[entries["rule"]])
        entry = join_texts(["[", rule, ",", *points, ",", pl.col("at"), quantity, "]"])
        return entries.lazy().select(decisions.SUBJECT, entry.alias(_TEXT))

    def pay_texts(self, start: int, stop: int) -> pl.LazyFrame:
        pay = _between(self.decisions.pay, start, stop)
        amount = json_text(pl.col("amount"), pay.schema["amount"])
        keys = pl.Series(values=[json_key(line.step) for line in self.decisions.program.pay], dtype=pl.String)
        line = join_texts([pl.lit(keys[pay["line"]]), *amount])
        return pay.lazy().select(decisions.SUBJECT, line.alias(_TEXT))


def _rank(keys: Sequence[str] | Sequence[tuple[str, int]]) -> pl.Series:
    """The place of each key among all."""
    ranks = [0] * len(keys)
    for rank, position in enumerate(sorted(range(len(keys)), key=lambda position: keys[position])):
        ranks[position] = rank
    return pl.Series(_ORDER, ranks, dtype=pl.UInt32)


def _row_texts(rows: RowsBySubject, columns: Sequence[FactColumn], start: int, stop: int) -> pl.LazyFrame:
    """The rows of a table that some subjects have; the subject and the text of each."""
    part = rows.frame[rows.ends[start - 1] if start else 0 : rows.ends[stop - 1]].lazy()
    row = join_texts(["{", json_object(_texts(columns)), "}"])
    return part.select(pl.col(SUBJECT).alias(decisions.SUBJECT), row.alias(_TEXT))


def _of_each(texts: pl.LazyFrame, start: int, stop: int) -> pl.LazyFrame:
    """The texts of each subject in one, with commas between them; empty for a subject that has none."""
    grouped = texts.group_by(decisions.SUBJECT, maintain_order=True).agg(_TEXT)
    joined = grouped.select(pl.col(decisions.SUBJECT).cast(pl.UInt32), pl.col(_TEXT).list.join(","))
    subjects = pl.int_range(start, stop, dtype=pl.UInt32, eager=True).alias(decisions.SUBJECT).to_frame()
    of_everybody = subjects.lazy().join(joined, on=decisions.SUBJECT, how="left", maintain_order="left")
    return of_everybody.select(pl.col(_TEXT).fill_null(""))


def _find_known(program: Program, facts: Facts, groups: pl.DataFrame) -> pl.Series:
    """For each subject whether all that it reads is known."""
    required = [facts.subjects[column.name] for column in program.schema.columns if not column.optional]
    lacking = [values for values in (*required, *groups.iter_columns()) if values.null_count()]
    unknown = [values.is_null().arg_true() for values in lacking]
    unknown += [pl.Series(values=sorted(faults), dtype=pl.UInt32) for faults in facts.bad.values()]
    for table in program.schema.events:
        if table.name in facts.rows:
            unknown += _unknown_events(table.columns, facts.rows[table.name])
    unknown += [pl.Series(values=sorted(rows.distrusted), dtype=pl.UInt32) for rows in facts.rows.values()]
    is_known = pl.repeat(value=True, n=len(facts), dtype=pl.Boolean, eager=True)
    return is_known.scatter(pl.concat(unknown).unique(), values=False) if unknown else is_known


def _unknown_events(columns: Sequence[FactColumn], rows: RowsBySubject) -> Iterator[pl.Series]:
    """The subjects that have an event of which something is unknown."""
    for column in columns:
        if not column.optional and rows.frame[column.name].null_count():
            yield rows.frame[SUBJECT].filter(rows.frame[column.name].is_null())
    for faults in rows.bad.values():
        yield rows.frame[SUBJECT][sorted(faults)]


def _between(ledger: pl.DataFrame, start: int, stop: int) -> pl.DataFrame:
    """The part of a ledger, sorted by subject, that is about some subjects."""
    first, last = ledger[decisions.SUBJECT].search_sorted(pl.Series([start, stop]))
    return ledger[first:last]


def _texts(columns: Sequence[FactColumn]) -> dict[str, list[Part]]:
    """The texts of facts by name."""
    return {
        column.name: json_text(make_readable(pl.col(column.name), column.type), get_readable_dtype(column.type))
        for column in columns
    }
