"""Results that are seldom meant: net pay below zero, and ratings beyond their scale."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import NET, SUBJECT, Decisions
from scorecore.facts.model import ROW, Facts
from scorecore.facts.model import SUBJECT as ID_COLUMN

BEYOND_SCALE: Final = "beyond-scale"
"""The reason of an entry that shows a rating below zero or above the best one, with the rating as its quantity."""


def find_odd_results(decisions: Decisions) -> Iterator[Diagnostic]:
    """A note for each person and result, at the row of the person."""
    facts = decisions.facts
    if decisions.program.pay:
        negative = decisions.frame.filter(pl.col(NET) < 0).select(SUBJECT, NET)
        for subject, place, net in zip(*_locate_subjects(facts, negative[SUBJECT]), negative[NET], strict=True):
            yield Diagnostic(catalogue.NET_PAY_NEGATIVE, place, {"id": subject, "amount": _amount(net)})
    rules = {number: rule for number, rule in enumerate(decisions.program.ledger) if rule.reason == BEYOND_SCALE}
    beyond = decisions.entries.filter(pl.col("rule").is_in(list(rules))).select(SUBJECT, "rule", "quantity", "event")
    subjects, places = _locate_subjects(facts, beyond[SUBJECT])
    ratings = beyond.select("rule", "quantity", "event").rows()
    for subject, place, (number, rating, event) in zip(subjects, places, ratings, strict=True):
        rule = rules[number]
        place_of_rating = _locate_event(facts, rule.each, event) if rule.each else place
        params = {"id": subject, "label": rule.label, "value": f"{rating.normalize():f}"}
        yield Diagnostic(catalogue.RATING_BEYOND_SCALE, place_of_rating, params)


def _locate_event(facts: Facts, table: str, event: int) -> Location:
    """The row of an event."""
    rows = facts.rows[table]
    return Location(rows.source, int(rows.frame[ROW][event]), 0, in_sheet=bool(rows.columns))


def _locate_subjects(facts: Facts, numbers: pl.Series) -> tuple[list[str], list[Location]]:
    """The ids of many subjects, and their places."""
    column, in_sheet = facts.columns.get(ID_COLUMN, 0), bool(facts.columns)
    rows = facts.subjects[ROW].gather(numbers).to_list()
    places = [Location(facts.source, row, column, in_sheet=in_sheet) for row in rows]
    return facts.ids.gather(numbers).to_list(), places


def locate_subject(facts: Facts, number: int) -> Location:
    """The row of a subject, or in a sheet the cell of its id."""
    in_sheet = bool(facts.columns)
    return Location(facts.source, int(facts.subjects[ROW][number]), facts.columns.get(ID_COLUMN, 0), in_sheet=in_sheet)


def _amount(amount: Decimal) -> str:
    return f"{amount:,.2f}"
