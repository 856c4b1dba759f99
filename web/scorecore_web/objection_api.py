"""Statements and objections as JSON: read, noted and answered."""

from collections.abc import Iterator, Mapping
from typing import Final

from scorecore_web import objection_page, own_page, statement_page
from scorecore_web.api_schemas import (
    ANY,
    FLAG,
    NUMBER,
    TEXT,
    Schema,
    declare_asking,
    declare_reading,
    listed,
    shape,
    with_optional,
)
from scorecore_web.permissions import Permission
from scorecore_web.routes import GuardedRoute

_DECISION: Final[Mapping[str, str]] = {
    "policy": "The id of the policy that has decided.",
    "period": "The label of the period.",
    "person": "The id of the person.",
}
_OBJECTION: Final = shape(entry=NUMBER, at=TEXT, person=TEXT, policy=TEXT, period=TEXT, contested=TEXT, state=TEXT)
_OBJECT: Final = shape(
    policy=TEXT,
    period=TEXT,
    person=TEXT,
    decision={"type": "integer", "description": "The entry of the decision, as `contestable` says it."},
    contested={"type": ["integer", "string"], "description": "The number of an entry, or `whole`."},
    reason=TEXT,
)
_ANSWER: Final = with_optional(shape(verdict={"enum": ["refused", "accepted"]}, reason=TEXT), correction=NUMBER)
_STATEMENT: Final = shape(subject=TEXT, headline=TEXT, lines=listed(TEXT), blocks=listed(ANY), objections=listed(ANY))
_VALUES: Final = {"type": ["object", "null"]}


def list_objection_routes() -> Iterator[GuardedRoute]:
    """Their addresses with their descriptions."""
    sides: Schema = {"with": _VALUES, "without": _VALUES}
    yield declare_reading(
        "/api/record/statement",
        statement_page.statement_data,
        "What a person reads about their own pay, as `scorecore statements`.",
        _STATEMENT,
        _DECISION,
    )
    yield declare_reading(
        "/api/record/contestable",
        objection_page.contestable_data,
        "What of a decision can be contested.",
        shape(decision=NUMBER, entries=listed(shape(number=TEXT, contested=TEXT, figure=TEXT))),
        _DECISION,
    )
    yield declare_reading(
        "/api/objections",
        objection_page.objections_data,
        "The objections, first those that wait for an answer.",
        shape(objections=listed(_OBJECTION)),
    )
    yield declare_reading(
        "/api/objections/{entry}",
        objection_page.objection_data,
        "An objection, with the results with and without what is contested.",
        with_optional(_OBJECTION, corrections=listed(NUMBER), **sides),
    )
    yield from _list_acting()
    yield from _list_own()


def _list_acting() -> Iterator[GuardedRoute]:
    """What adds to the record."""
    yield declare_asking(
        "/api/objections",
        objection_page.object_data,
        "Note an objection, as `scorecore record object`.",
        _OBJECT,
        shape(entry=NUMBER),
        Permission.RECORD,
    )
    yield declare_asking(
        "/api/objections/{entry}/answer",
        objection_page.answer_data,
        "Answer an objection, as `scorecore record answer`.",
        _ANSWER,
        shape(entry=NUMBER),
        Permission.APPROVE,
    )


def _list_own() -> Iterator[GuardedRoute]:
    """What an employee reads about themselves; the person is that of the account."""
    state = shape(contested=TEXT, state=TEXT, is_waiting=FLAG)
    month = shape(policy=TEXT, period=TEXT, title=TEXT, objections=listed(state))
    address = {name: _DECISION[name] for name in ("policy", "period")}
    own = Permission.OWN
    yield declare_reading(
        "/api/my",
        own_page.own_data,
        "The months of the person of the account.",
        shape(statements=listed(month)),
        {},
        own,
    )
    yield declare_reading(
        "/api/my/statement",
        own_page.own_statement_data,
        "The statement of the person of the account.",
        _STATEMENT,
        address,
        own,
    )
