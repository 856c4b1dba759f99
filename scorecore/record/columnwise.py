"""Everybody's payload written in columns: the same bytes, and what is unknown left to Python.

A payload is canonical JSON of what lies in frames already, so Polars writes it: each value as text, then texts joined
by name, then rows joined by subject. Whoever has something unknown, bad or held is written one by one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore import decisions
from scorecore.canonical import LARGEST, encode
from scorecore.columns.evaluate import Company
from scorecore.columns.evaluate import company as company_of
from scorecore.decisions import Decisions
from scorecore.facts.records import SUBJECT, Facts, Rows, readable, records
from scorecore.program import Column, Program
from scorecore.record.payloads import key_of, payload, placed, results_of, table_of, tables_of

_STEP: Final = 10_000
"""Subjects that are written at once: some 20 MB."""
_ESCAPED: Final = r'["\\\x00-\x1f]'
"""What JSON does not write as it is."""


def payloads_of(made: Decisions, step: int = _STEP, *, company: Company | None = None) -> Iterator[bytes]:
    """Everybody's payload in their order: what `payload` gives of a record and its result. `step` are made at once.

    `company` has their group values, where these are known.
    """
    everybody = _Everybody.of(made, company or company_of(made.program, made.facts))
    for start in range(0, len(made), step):
        yield from everybody.written(start, min(start + step, len(made)))


@frozen(eq=False)
class _Everybody:
    made: Decisions
    """Entries and pay lines in the order of payloads."""
    company: Company
    known: pl.Series
    """Of whom nothing is unknown or held."""
    missing: Mapping[str, str]
    """What stands for the tables that were not given."""

    @classmethod
    def of(cls, made: Decisions, company: Company) -> "_Everybody":
        program, facts = company.program, company.facts
        known = _known(program, facts, company.groups).scatter(sorted(made.held), values=False)
        entries = made.entries.sort(decisions.SUBJECT, "rule", "event", nulls_last=False)
        pay = made.pay.sort(decisions.SUBJECT, "line")
        one = next(records(program, facts, [0])).rows
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
        part = decisions.only(near, subjects)
        return [payload(*one) for one in zip(self.company.records(subjects), results_of(part), strict=True)]

    def texts(self, start: int, stop: int) -> pl.Series:
        """The payloads of subjects as text; of those with something unknown, anything."""
        facts, frame = self.made.facts, self.made.frame[start:stop]
        values = readable(facts.subjects[start:stop], self.made.program.schema.columns)
        values = values.hstack(self.company.groups[start:stop].get_columns()).rename(key_of)
        columns = [
            *self.tables(start, stop),
            _object(values, stop - start).alias("facts"),
            self.of_subjects(self.entry_texts(start, stop), start, stop).alias("entries"),
            self.of_subjects(self.pay_texts(start, stop), start, stop).alias("pay"),
            _object(frame.drop(decisions.SUBJECT), stop - start).alias("values"),
            _strings(facts.ids[start:stop]).alias("subject"),
        ]
        parts: list[pl.Expr | str] = ['{"facts":{"tables":{']
        for at, name in enumerate(sorted(tables_of(self.made.program))):
            parts.append(f"{',' if at else ''}{_key(name)}")
            parts += [self.missing[name]] if name in self.missing else ["[", pl.col(f"#{name}"), "]"]
        parts += ['},"values":{', pl.col("facts"), '}},"result":{"entries":[', pl.col("entries"), '],"pay":[']
        parts += [pl.col("pay"), '],"values":{', pl.col("values"), '}},"subject":', pl.col("subject"), "}"]
        return pl.DataFrame(columns).select(_joined(parts)).to_series()

    def tables(self, start: int, stop: int) -> Iterator[pl.Series]:
        """For each table the rows of each subject."""
        for name, columns in tables_of(self.made.program).items():
            rows = self.made.facts.rows.get(name)
            if rows is None:
                continue
            part = _slice(rows, start, stop)
            text = pl.DataFrame([part[SUBJECT].alias(decisions.SUBJECT), _object(readable(part, columns), len(part))])
            braced = text.select(decisions.SUBJECT, _joined(["{", pl.last(), "}"]))
            yield self.of_subjects(braced, start, stop).alias(f"#{name}")

    def entry_texts(self, start: int, stop: int) -> pl.DataFrame:
        part = placed(self.made, _between(self.made.entries, start, stop))
        quantity = pl.concat_str(pl.lit(","), _value("quantity", part.schema["quantity"])).fill_null("")
        points = _value("points", part.schema["points"])
        return part.select(
            decisions.SUBJECT, _joined(["[", pl.col("rule"), ",", points, ",", pl.col("at"), quantity, "]"])
        )

    def pay_texts(self, start: int, stop: int) -> pl.DataFrame:
        part = _between(self.made.pay, start, stop)
        amount = _value("amount", part.schema["amount"])
        return part.select(decisions.SUBJECT, _joined(["[", pl.col("line"), ",", amount, "]"]))

    @staticmethod
    def of_subjects(texts: pl.DataFrame, start: int, stop: int) -> pl.Series:
        """The texts of each subject in a row, with commas between them; `texts` has the subject and its text."""
        joined = (
            texts.group_by(decisions.SUBJECT, maintain_order=True)
            .agg(pl.nth(1))
            .select(pl.col(decisions.SUBJECT).cast(pl.UInt32), pl.last().list.join(",").alias("text"))
        )
        every = pl.int_range(start, stop, dtype=pl.UInt32, eager=True).alias(decisions.SUBJECT).to_frame()
        return every.join(joined, on=decisions.SUBJECT, how="left", maintain_order="left")["text"].fill_null("")


def _known(program: Program, facts: Facts, groups: pl.DataFrame) -> pl.Series:
    """For each subject whether all that it reads is known."""
    required = [facts.subjects[one.name] for one in program.schema.columns if not one.optional]
    lacking = [one for one in (*required, *groups.iter_columns()) if one.null_count()]
    several = [one.is_null().arg_true() for one in lacking]
    several += [pl.Series(values=sorted(cells.rows), dtype=pl.UInt32) for cells in facts.bad.values()]
    for table in program.schema.events:
        if table.name in facts.rows:
            several += _unknown_events(table.columns, facts.rows[table.name])
    several += [pl.Series(values=sorted(rows.distrusted), dtype=pl.UInt32) for rows in facts.rows.values()]
    known = pl.repeat(value=True, n=len(facts), dtype=pl.Boolean, eager=True)
    return known.scatter(pl.concat(several).unique(), values=False) if several else known


def _unknown_events(columns: Sequence[Column], rows: Rows) -> Iterator[pl.Series]:
    """The subjects that have an event of which something is unknown."""
    for one in columns:
        if not one.optional and rows.frame[one.name].null_count():
            yield rows.frame[SUBJECT].filter(rows.frame[one.name].is_null())
    for cells in rows.bad.values():
        yield rows.frame[SUBJECT][sorted(cells.rows)]


def _slice(rows: Rows, start: int, stop: int) -> pl.DataFrame:
    """The rows of some subjects."""
    first = rows.ends[start - 1] if start else 0
    return rows.frame[first : rows.ends[stop - 1]]


def _between(ledger: pl.DataFrame, start: int, stop: int) -> pl.DataFrame:
    """The part of a ledger, sorted by subject, that is about some subjects."""
    first, last = ledger[decisions.SUBJECT].search_sorted(pl.Series([start, stop]))
    return ledger[first:last]


# text


def _joined(parts: Sequence[pl.Expr | str]) -> pl.Expr:
    return pl.concat_str([pl.lit(one) if isinstance(one, str) else one for one in parts])


def _key(name: str) -> str:
    return f"{encode(name).decode()}:"


def _object(of: pl.DataFrame, height: int) -> pl.Series:
    """For each row its values by name, in canonical order and without braces; what is null is left out."""
    if not of.width:
        return pl.repeat("", height, dtype=pl.String, eager=True)
    texts = {name: _strings(of[name]) if of.schema[name] == pl.String else of[name] for name in sorted(of.columns)}
    members = [
        _joined([_key(name), pl.col(name) if column.dtype == pl.String else _value(name, column.dtype)])
        for name, column in texts.items()
    ]
    return pl.DataFrame(texts).select(pl.concat_str(members, separator=",", ignore_nulls=True)).to_series()


def _value(name: str, dtype: pl.DataType) -> pl.Expr:
    """The canonical text of numbers, dates and truth values; null where there is none."""
    column = pl.col(name)
    if isinstance(dtype, pl.Decimal):
        text = column.cast(pl.String)
        return _quoted(text.str.replace(r"\.?0+$", "") if dtype.scale else text)
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("true")).when(~column).then(pl.lit("false"))
    if dtype == pl.Date:
        return _quoted(column.cast(pl.String))
    if dtype == pl.Datetime:
        whole = column.dt.microsecond() == 0
        return _quoted(
            pl.when(whole)
            .then(column.dt.to_string("%Y-%m-%dT%H:%M:%S"))
            .otherwise(column.dt.to_string("%Y-%m-%dT%H:%M:%S%.6f"))
        )
    text = column.cast(pl.String)
    return pl.when(column.is_between(-LARGEST, LARGEST)).then(text).otherwise(_quoted(text))


def _quoted(text: pl.Expr) -> pl.Expr:
    return _joined(['"', text, '"'])


def _strings(texts: pl.Series) -> pl.Series:
    """Texts as JSON has them; null where there is none."""
    frame = texts.alias("text").to_frame()
    quoted = frame.select(_quoted(pl.col("text"))).to_series()
    odd = texts.str.contains(_ESCAPED).fill_null(value=False)
    if not odd.any():
        return quoted
    at = odd.arg_true()
    return quoted.scatter(at, [encode(texts[one]).decode() for one in at])
