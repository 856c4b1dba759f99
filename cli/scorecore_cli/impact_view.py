"""What an edit does to everyone, as tables of words: the same for a terminal and for a page."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
from attrs import frozen

from scorecore.analysis import impact_sums
from scorecore.analysis.causes import AFTER, AND, BEFORE
from scorecore.analysis.impact import (
    CAUSES,
    CHANGE,
    ID,
    PERIOD,
    TOTAL,
    ImpactTables,
)
from scorecore.analysis.program_diff import EARLIER
from scorecore.evaluate.decisions import NET
from scorecore.io.formats import Block
from scorecore.program.model import Program
from scorecore.values.canonical_json import format_decimal
from scorecore.values.step_id import GRADE
from scorecore_cli.labels import labeller, reason
from scorecore_cli.language import t

_MAX_CHANGED = 3
"""Periods that are named one by one."""


@frozen(eq=False)
class ImpactView:
    """A comparison, and how it is shown."""

    old: Program
    new: Program
    periods: tuple[str, ...]
    found: ImpactTables
    cliffs: pl.DataFrame
    near: Decimal
    by: tuple[str, ...] = ()
    rows: int = 20
    """People that a table shows at most."""

    @property
    def title(self) -> str:
        return f"{self.new.title}  {_span(self.periods)}"

    @property
    def names(self) -> str:
        return t("{old} against {new}", old=_named(self.old), new=_named(self.new))

    def label(self) -> Callable[[str], str]:
        """The words for a part, a fact, a line, a grade."""
        both = labeller(self.old), labeller(self.new)
        known = {f"parameters.{one.name}": one.label for side in (self.old, self.new) for one in side.parameters}
        known |= {f"tables.{one.name}": one.label for side in (self.old, self.new) for one in side.tables}
        known |= {f"facts.{one.name}": one.label for side in (self.old, self.new) for one in side.schema.events}
        subject = self.new.schema.subject
        known |= {f"facts.{subject}.{one.name}": one.label for one in self.new.schema.columns}
        known |= {"grades": t("grades"), EARLIER: t("earlier periods")}

        def words(name: str) -> str:
            return known.get(name) or next(
                (side(name) for side in both[::-1] if side(name) != name.rpartition(".")[2]), name
            )

        return words

    def grade(self, of: str | None) -> str:
        known = {one.id: one.label for side in (self.old, self.new) for one in side.grades}
        return "—" if of is None else known.get(of) or of

    def causes(self, of: str | None) -> str:
        words = self.label()
        return AND.join(map(words, of.split(AND))) if of else ""

    def summary(self) -> dict[str, Any]:
        """The figures that matter most."""
        people = self.found.people
        order = {one.id: number for number, one in enumerate(self.new.grades)}
        places = [
            pl.col(GRADE + side).replace_strict(order, default=None, return_dtype=pl.Int64) for side in (BEFORE, AFTER)
        ]
        counts = people.select(
            decisions=pl.len(),
            subjects=pl.col(ID).n_unique(),
            differ=pl.col("differs").sum(),
            grade_up=(places[1] < places[0]).sum(),
            grade_down=(places[1] > places[0]).sum(),
            grade_other=(
                pl.col(GRADE + BEFORE).ne_missing(pl.col(GRADE + AFTER)) & (places[1] - places[0]).is_null()
            ).sum(),
            pay_up=(pl.col(CHANGE) > 0).sum(),
            pay_down=(pl.col(CHANGE) < 0).sum(),
            held_before=pl.col(f"held{BEFORE}").sum(),
            held_after=pl.col(f"held{AFTER}").sum(),
        ).row(0, named=True)
        sums = people.select(pl.col(NET + side).fill_null(0).sum() for side in (BEFORE, AFTER)).row(0)
        before, after = (Decimal(one or 0) for one in sums)
        return counts | {"net": {"before": before, "after": after, "change": after - before}}

    def blocks(self) -> Iterator[Block]:
        """From top to bottom."""
        yield Block(self.title, (self.names, *self._lines()))
        yield self._edits()
        if self.new.pay or self.old.pay:
            yield self._causes()
        yield self._reasons()
        yield self._moves()
        for name in self.by:
            yield self._added(name)
        if len(self.periods) > 1:
            yield self._added(PERIOD)
        yield from self._people()
        yield self._cliffs()

    def _lines(self) -> Iterator[str]:
        of = self.summary()
        yield t(
            "{decisions} decisions about {subjects}; {differ} differ",
            **{name: of[name] for name in ("decisions", "subjects", "differ")},
        )
        if self.new.grades or self.old.grades:
            yield t(
                "grade: {up} better, {down} worse, {other} otherwise different",
                up=of["grade_up"],
                down=of["grade_down"],
                other=of["grade_other"],
            )
        if self.new.pay or self.old.pay:
            yield t("pay: {up} more, {down} less", up=of["pay_up"], down=of["pay_down"])
            net = {name: _money(amount) for name, amount in of["net"].items()} | {
                "change": _signed(of["net"]["change"])
            }
            yield t(
                "net pay in all {before} before, {after} after, change {change} {currency}",
                **net,
                currency=self.new.currency,
            )
        if of["held_before"] or of["held_after"]:
            yield t(
                "something is held for {before} before, {after} after", before=of["held_before"], after=of["held_after"]
            )

    def _edits(self) -> Block:
        words = self.label()
        found = self.found.edits.group_by("name", "before", "after", maintain_order=True).agg(PERIOD)
        rows = tuple(
            (name, words(name) if words(name) != name else "", before or "—", after or "—", _span(periods))
            for name, before, after, periods in found.iter_rows()
        )
        return Block(t("what was edited"), (), (t("part"), t("label"), t("before"), t("after"), t("periods")), rows)

    def _causes(self) -> Block:
        words = self.label()
        rows = tuple(
            (words(line), self.causes(causes), str(people), _money(before), _money(after), _signed(change))
            for line, causes, people, before, after, change in impact_sums.sum_by_cause(self.found).iter_rows()
        )
        total = self.summary()["net"]["change"]
        rows += ((t("net pay"), "", "", "", "", _signed(total)),) if rows else ()
        headings = (t("line"), t("because of"), t("people"), t("before"), t("after"), t("change"))
        return Block(t("pay: what changes, and what causes it"), (), headings, rows, (2, 3, 4, 5))

    def _reasons(self) -> Block:
        words = self.label()
        rows = tuple(
            (
                words(item),
                reason(code, ""),
                str(people),
                format_decimal(before),
                format_decimal(after),
                _signed_plain(change),
            )
            for item, code, people, before, after, change in impact_sums.sum_by_reason(self.found).iter_rows()
        )
        headings = (t("item"), t("reason"), t("people"), t("before"), t("after"), t("change"))
        return Block(t("points: what changes"), (), headings, rows, (2, 3, 4, 5))

    def _moves(self) -> Block:
        rows = tuple(
            (self.grade(before), self.grade(after), str(count), _signed(change))
            for before, after, count, change in impact_sums.count_grade_moves(self.found).iter_rows()
        )
        headings = (t("grade before"), t("grade after"), t("decisions"), t("change of net pay"))
        return Block(t("grades"), (), headings, rows if self.new.grades or self.old.grades else (), (2, 3))

    def _added(self, name: str) -> Block:
        rows = tuple(
            ("—" if key is None else str(key), *map(str, counts), _money(before), _money(after), _signed(change))
            for key, *counts, before, after, change in impact_sums.sum_by_columns(self.found, (name,)).iter_rows()
        )
        headings = (
            self.label()(name),
            t("decisions"),
            t("differ"),
            t("more"),
            t("less"),
            t("before"),
            t("after"),
            t("change"),
        )
        return Block(t("by {name}", name=self.label()(name)), (), headings, rows, (1, 2, 3, 4, 5, 6, 7))

    def _people(self) -> Iterator[Block]:
        found = impact_sums.sum_by_person(self.found)
        headings = (
            self.label()(self.new.schema.subject),
            t("grade"),
            t("before"),
            t("after"),
            t("change"),
            t("because of"),
        )
        grades = self._grades()
        for heading, several in (
            (t("who gets more"), found.filter(pl.col(CHANGE) > 0)),
            (t("who gets less"), found.filter(pl.col(CHANGE) < 0).reverse()),
            (t("whose grade or points alone differ"), found.filter(pl.col(CHANGE) == 0)),
        ):
            rows = tuple(
                (who, grades.get(who, ""), _money(before), _money(after), _signed(change), self.causes(causes))
                for who, _, before, after, change, causes in several.head(self.rows).iter_rows()
            )
            more = len(several) - len(rows)
            lines = (
                (t("{count} people; {more} are not shown, --out has all", count=len(several), more=more),)
                if more
                else ()
            )
            yield Block(heading, lines, headings, rows, (2, 3, 4))

    def _grades(self) -> dict[str, str]:
        """Of those whose grade differs: from what to what."""
        moved = self.found.people.filter(pl.col(GRADE + BEFORE).ne_missing(pl.col(GRADE + AFTER)))
        found = moved.group_by(ID, maintain_order=True).agg(
            pl.col(GRADE + BEFORE).first(), pl.col(GRADE + AFTER).first()
        )
        return {who: f"{self.grade(before)} → {self.grade(after)}" for who, before, after in found.iter_rows()}

    def _cliffs(self) -> Block:
        words = self.label()
        rows = tuple(
            (who, period, words(of), value, format_decimal(edge), format_decimal(at), _signed_plain(distance))
            for who, period, of, value, edge, at, distance in self.cliffs.head(self.rows).iter_rows()
        )
        subject = self.label()(self.new.schema.subject)
        headings = (subject, t("period"), t("edge of"), t("value"), t("edge"), t("stands at"), t("distance"))
        lines = [t("within {near} points of a grade, or {near} % of a band, by the new policy", near=self.near)]
        more = len(self.cliffs) - len(rows)
        lines += (
            [t("{count} people; {more} are not shown, --out has all", count=len(self.cliffs), more=more)]
            if more
            else []
        )
        return Block(t("close to an edge"), tuple(lines), headings, rows, (4, 5, 6))

    def tables(self) -> dict[str, pl.DataFrame]:
        """The frames for a workbook or a folder, all people among them."""
        grades = ("grade:before", "grade:after")
        return {
            "edits": self.found.edits,
            "causes": impact_sums.sum_by_cause(self.found),
            "reasons": impact_sums.sum_by_reason(self.found),
            "moves": impact_sums.count_grade_moves(self.found),
            **{
                f"by_{name}": impact_sums.sum_by_columns(self.found, (name,))
                for name in (*self.by, *([PERIOD] if len(self.periods) > 1 else []))
            },
            "by_grade": impact_sums.sum_by_columns(self.found, grades[1:]),
            "people": impact_sums.sum_by_person(self.found),
            "decisions": self.found.people.filter("differs").drop("differs"),
            "lines": self.found.lines,
            "entries": self.found.entries,
            "cliffs": self.cliffs,
        }

    def headings(self) -> Callable[[str], str]:
        """Names of sheets and columns."""
        words = self.label()
        known = {
            "edits": t("what was edited"),
            "causes": t("because of"),
            "reasons": t("points"),
            "moves": t("grades"),
            "by_grade": t("by {name}", name=t("grade after")),
            "people": t("by {name}", name=words(self.new.schema.subject)),
            "decisions": t("decisions"),
            "lines": t("pay ledger"),
            "entries": t("points ledger"),
            "cliffs": t("close to an edge"),
            ID: words(self.new.schema.subject),
            "name": t("part"),
            "before": t("before"),
            "after": t("after"),
            CHANGE: t("change"),
            "periods": t("periods that differ"),
            "differ": t("differ"),
            "up": t("more"),
            "down": t("less"),
            "edge_of": t("edge of"),
            "value": t("value"),
            "edge": t("edge"),
            "stands_at": t("stands at"),
            "distance": t("distance"),
            "line": t("line"),
            "item": t("item"),
            "reason": t("reason"),
            PERIOD: t("period"),
        }
        known |= {f"by_{name}": t("by {name}", name=words(name)) for name in (*self.by, PERIOD)}
        sides = {BEFORE: t("before"), AFTER: t("after")}
        results = {TOTAL: t("total"), GRADE: t("grade"), NET: t("net pay"), "held": t("held")}
        known |= {name + side: f"{text} {words_}" for name, text in results.items() for side, words_ in sides.items()}
        return lambda name: known.get(name) or words(name)

    def readable(self) -> dict[str, pl.DataFrame]:
        """The tables with words in place of names, and numbers of money with two places."""
        words = self.label()
        shown: dict[str, Callable[[Any], str | None]] = {
            CAUSES: self.causes,
            "line": words,
            "item": words,
            "edge_of": words,
        }
        shown |= {"reason": lambda code: reason(str(code), ""), GRADE + BEFORE: self.grade, GRADE + AFTER: self.grade}
        found = {}
        for name, frame in self.tables().items():
            columns = [column for column in frame.columns if column in shown]
            known = {column: frame[column].unique().drop_nulls().to_list() for column in columns}
            found[name] = frame.with_columns(
                pl.col(column).replace({one: shown[column](one) for one in values}) for column, values in known.items()
            )
        return found


def _named(of: Program) -> str:
    return f"{of.id}@{of.version}"


def _span(periods: Sequence[str]) -> str:
    """Periods in a row by the first and the last."""
    names = sorted(dict.fromkeys(periods))
    return ", ".join(names) if len(names) < _MAX_CHANGED else f"{names[0]}…{names[-1]}"


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


def _signed(value: Decimal) -> str:
    return f"{value:+,.2f}" if value else "0.00"


def _signed_plain(value: Decimal) -> str:
    return f"+{format_decimal(value)}" if value > 0 else format_decimal(value)
