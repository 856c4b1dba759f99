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
    PAY_CAUSES,
    PERIOD,
    ImpactTables,
)
from scorecore.analysis.program_diff import EARLIER
from scorecore.evaluate.decisions import NET
from scorecore.io.formats import Block
from scorecore.program.model import Program
from scorecore.values.canonical_json import format_decimal
from scorecore.values.step_id import GRADE
from scorecore_cli.impact_headings import COUNTS, make_headings
from scorecore_cli.labels import labeller, reason_label
from scorecore_cli.language import _, ngettext

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
        return _("{old} against {new}", old=_named(self.old), new=_named(self.new))

    def label(self) -> Callable[[str], str]:
        """The words for a part, a fact, a line, a grade."""
        labellers = labeller(self.old), labeller(self.new)
        labels = {
            f"parameters.{parameter.name}": parameter.label
            for side in (self.old, self.new)
            for parameter in side.parameters
        }
        labels |= {
            f"tables.{band_table.name}": band_table.label for side in (self.old, self.new) for band_table in side.tables
        }
        labels |= {
            f"facts.{events.name}": events.label for side in (self.old, self.new) for events in side.schema.events
        }
        subject = self.new.schema.subject
        labels |= {f"facts.{subject}.{column.name}": column.label for column in self.new.schema.columns}
        labels |= {"grades": _("grades"), EARLIER: _("earlier periods")}

        def words(name: str) -> str:
            return labels.get(name) or next(
                (side(name) for side in labellers[::-1] if side(name) != name.rpartition(".")[2]), name
            )

        return words

    def grade(self, grade_id: str | None) -> str:
        labels = {grade.id: grade.label for side in (self.old, self.new) for grade in side.grades}
        return "—" if grade_id is None else labels.get(grade_id) or grade_id

    def causes(self, names: str | None) -> str:
        words = self.label()
        return AND.join(map(words, names.split(AND))) if names else ""

    def summary(self) -> dict[str, Any]:
        """The figures that matter most."""
        people = self.found.people
        order = {grade.id: number for number, grade in enumerate(self.new.grades)}
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
        before, after = (Decimal(total or 0) for total in sums)
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
        summary = self.summary()
        yield _(
            "decisions: {decisions}; subjects: {subjects}; different: {differ}",
            **{name: summary[name] for name in ("decisions", "subjects", "differ")},
        )
        if self.new.grades or self.old.grades:
            yield _(
                "grade: {up} better, {down} worse, {other} otherwise different",
                up=summary["grade_up"],
                down=summary["grade_down"],
                other=summary["grade_other"],
            )
        if self.new.pay or self.old.pay:
            yield _("pay: {up} more, {down} less", up=summary["pay_up"], down=summary["pay_down"])
            net = {name: _money(amount) for name, amount in summary["net"].items()} | {
                "change": _signed(summary["net"]["change"])
            }
            yield _(
                "total net pay {before} before, {after} after, change {change} {currency}",
                **net,
                currency=self.new.currency,
            )
        if summary["held_before"] or summary["held_after"]:
            yield _(
                "something is held for {before} before, {after} after",
                before=summary["held_before"],
                after=summary["held_after"],
            )

    def _edits(self) -> Block:
        words = self.label()
        edits = self.found.edits.group_by("name", "before", "after", maintain_order=True).agg(PERIOD)
        rows = tuple(
            (name, words(name) if words(name) != name else "", before or "—", after or "—", _span(periods))
            for name, before, after, periods in edits.iter_rows()
        )
        return Block(_("what was edited"), (), (_("part"), _("label"), _("before"), _("after"), _("periods")), rows)

    def _causes(self) -> Block:
        words = self.label()
        rows = tuple(
            (words(line), self.causes(causes), str(people), _money(before), _money(after), _signed(change))
            for line, causes, people, before, after, change in impact_sums.sum_by_cause(self.found).iter_rows()
        )
        total = self.summary()["net"]["change"]
        rows += ((_("net pay"), "", "", "", "", _signed(total)),) if rows else ()
        headings = (_("line"), _("because of"), _("people"), _("before"), _("after"), _("change"))
        return Block(_("pay: what changes, and what causes it"), (), headings, rows, (2, 3, 4, 5))

    def _reasons(self) -> Block:
        words = self.label()
        rows = tuple(
            (
                words(item),
                reason_label(code, ""),
                str(people),
                format_decimal(before),
                format_decimal(after),
                _signed_plain(change),
            )
            for item, code, people, before, after, change in impact_sums.sum_by_reason(self.found).iter_rows()
        )
        headings = (_("item"), _("reason"), _("people"), _("before"), _("after"), _("change"))
        return Block(_("points: what changes"), (), headings, rows, (2, 3, 4, 5))

    def _moves(self) -> Block:
        rows = tuple(
            (self.grade(before), self.grade(after), str(count), _signed(change))
            for before, after, count, change in impact_sums.count_grade_moves(self.found).iter_rows()
        )
        headings = (_("grade before"), _("grade after"), self._counted()[0], _("change of net pay"))
        return Block(_("grades"), (), headings, rows if self.new.grades or self.old.grades else (), (2, 3))

    def _added(self, name: str) -> Block:
        rows = tuple(
            ("—" if key is None else str(key), *map(str, counts), _money(before), _money(after), _signed(change))
            for key, *counts, before, after, change in impact_sums.sum_by_columns(self.found, (name,)).iter_rows()
        )
        headings = (
            self.label()(name),
            *self._counted(),
            _("before"),
            _("after"),
            _("change"),
        )
        return Block(_("by {name}", name=self.label()(name)), (), headings, rows, (1, 2, 3, 4, 5, 6, 7))

    def _counted(self) -> tuple[str, str, str, str]:
        """Headings that say what is counted: people, or in more than one period their decisions."""
        if len(self.periods) == 1:
            return _("people"), _("people who differ"), _("people with more"), _("people with less")
        return _("number of decisions"), _("of these different"), _("of these more"), _("of these less")

    def _people(self) -> Iterator[Block]:
        per_person = impact_sums.sum_by_person(self.found)
        headings = (
            self.label()(self.new.schema.subject),
            _("grade"),
            _("before"),
            _("after"),
            _("change"),
            _("because of"),
        )
        grades = self._grades()
        for heading, people in (
            (_("who gets more"), per_person.filter(pl.col(CHANGE) > 0)),
            (_("who gets less"), per_person.filter(pl.col(CHANGE) < 0).reverse()),
            (_("whose grade or points alone differ"), per_person.filter(pl.col(CHANGE) == 0)),
        ):
            rows = tuple(
                (who, grades.get(who, ""), _money(before), _money(after), _signed(change), self.causes(causes))
                for who, _, before, after, change, causes in people.head(self.rows).iter_rows()
            )
            lines = _hidden(len(people), len(people) - len(rows))
            yield Block(heading, lines, headings, rows, (2, 3, 4))

    def _grades(self) -> dict[str, str]:
        """Of those whose grade differs: from what to what."""
        moved = self.found.people.filter(pl.col(GRADE + BEFORE).ne_missing(pl.col(GRADE + AFTER)))
        grade_moves = moved.group_by(ID, maintain_order=True).agg(
            pl.col(GRADE + BEFORE).first(), pl.col(GRADE + AFTER).first()
        )
        return {who: f"{self.grade(before)} → {self.grade(after)}" for who, before, after in grade_moves.iter_rows()}

    def _cliffs(self) -> Block:
        words = self.label()
        rows = tuple(
            (
                who,
                period,
                words(edge_of),
                value,
                format_decimal(edge),
                format_decimal(position),
                _signed_plain(distance),
            )
            for who, period, edge_of, value, edge, position, distance in self.cliffs.head(self.rows).iter_rows()
        )
        subject = self.label()(self.new.schema.subject)
        headings = (subject, _("period"), _("edge of"), _("value"), _("edge"), _("now at"), _("distance"))
        within = _("within {near} points of a grade, or {near} % of a band, by the new policy", near=self.near)
        lines = (within, *_hidden(len(self.cliffs), len(self.cliffs) - len(rows)))
        return Block(_("close to an edge"), lines, headings, rows, (4, 5, 6))

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
        facts = (*self.by, PERIOD)
        return make_headings(self.label(), self.new.schema.subject, facts, (*self._counted(), _("people")))

    def readable(self) -> dict[str, pl.DataFrame]:
        """The tables with words in place of names, and numbers of money with two places."""
        words = self.label()
        shown: dict[str, Callable[[Any], str | None]] = {
            CAUSES: self.causes,
            PAY_CAUSES: self.causes,
            "line": words,
            "item": words,
            "edge_of": words,
        }
        shown |= {
            "reason": lambda code: reason_label(str(code), ""),
            GRADE + BEFORE: self.grade,
            GRADE + AFTER: self.grade,
        }
        readable_tables = {}
        for name, frame in self.tables().items():
            columns = [column for column in frame.columns if column in shown]
            distinct = {column: frame[column].unique().drop_nulls().to_list() for column in columns}
            words_shown = frame.with_columns(
                pl.col(column).replace({name: shown[column](name) for name in values})
                for column, values in distinct.items()
            )
            readable_tables[name] = words_shown.rename(COUNTS, strict=False)
        return readable_tables


def _hidden(count: int, hidden: int) -> tuple[str, ...]:
    """How many people a table leaves out, if any."""
    if not hidden:
        return ()
    return (
        ngettext(
            "{count} person; {more} not shown, --out has all",
            "{count} people; {more} not shown, --out has all",
            count,
            more=hidden,
        ),
    )


def _named(program: Program) -> str:
    return f"{program.id}@{program.version}"


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
