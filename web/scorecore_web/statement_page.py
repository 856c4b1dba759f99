"""The statement of one person for one recorded month, as the person reads it, and what it says as plain data."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from attrs import asdict, frozen
from starlette.responses import Response

from scorecore.record.runs.recorded import Recorded
from scorecore.services.objections import ObjectableDecision, find_objectable, list_objections
from scorecore_cli.language import _, current
from scorecore_cli.objection_view import ShownObjection, describe_contested
from scorecore_cli.record_file import now
from scorecore_cli.statements.objection_words import Objection
from scorecore_cli.statements.statement import PayStatement
from scorecore_cli.statements.statement_input import StatementInput, read_recorded
from scorecore_web.record_page import require_record
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, render
from scorecore_web.requests import PageRequest
from scorecore_web.workbench import Workbench


@frozen
class DecisionAddress:
    """Whose decision of which policy and period; where the record has it, not which file decided it."""

    policy: str
    """Its id."""
    period: str
    person: str

    @classmethod
    def read(cls, fields: Mapping[str, str], person: str | None = None) -> "DecisionAddress":
        """From a query or a form; a session that has a person of its own names nobody else."""
        whose = fields.get("person", "") if person is None else person
        return cls(fields.get("policy", ""), fields.get("period", ""), whose)

    @property
    def query(self) -> str:
        """For the address of a page about it."""
        return urlencode({"policy": self.policy, "period": self.period, "person": self.person})

    def refuse(self) -> Refusal:
        return Refusal(404, _("the record has no decision about {id} in {period}", id=self.person, period=self.period))

    def find(self, recorded: Recorded) -> ObjectableDecision:
        """What is in force; raises Refusal where nothing is."""
        decision = find_objectable(recorded, self.policy, self.period, self.person, now()) if self.person else None
        if decision is None:
            raise self.refuse()
        return decision


def write_statement(workbench: Workbench, recorded: Recorded, address: DecisionAddress) -> PayStatement:
    """As `scorecore statements --record` writes it; raises Refusal where nothing is in force."""
    decision = address.find(recorded)
    key = ("statements", address.policy, address.period, current(), workbench.sign_record())
    source: StatementInput = workbench.keep(key, lambda: read_recorded(recorded, address.policy, address.period))
    objection = Objection(by=decision.deadlines.objecting)
    writer = source.make_writer(objection)
    return next(map(writer.write, source.explanations((address.person,))))


def list_own_objections(recorded: Recorded, address: DecisionAddress) -> list[dict[str, Any]]:
    """What the person has objected to in the period, and the answers."""
    mine = [
        objection
        for objection in list_objections(recorded, address.person)
        if (objection.run.id, objection.run.period) == (address.policy, address.period)
    ]
    return [_describe(recorded, ShownObjection.of(recorded, objection, now())) for objection in mine]


def _describe(recorded: Recorded, shown: ShownObjection) -> dict[str, Any]:
    return {
        "entry": shown.objection.entry,
        "at": shown.objection.at,
        "contested": describe_contested(recorded, shown),
        "reason": shown.text.reason if shown.text else "",
        "state": shown.state,
        "is_waiting": shown.objection.answer is None,
        "answer": shown.answer,
    }


def statement_page(request: PageRequest) -> Response:
    """What a person reads about their own pay."""
    require_record(request.workbench)
    address = DecisionAddress.read(request.query)
    with request.workbench.open_record() as log:
        recorded = Recorded.read(log)
        params = {
            "address": address,
            "statement": write_statement(request.workbench, recorded, address),
            "objections": list_own_objections(recorded, address),
        }
    return render(request, "statement.html.jinja", params)


def statement_data(request: PageRequest) -> Response:
    require_record(request.workbench)
    return as_json(describe_statement(request, DecisionAddress.read(request.query)))


def describe_statement(request: PageRequest, address: DecisionAddress) -> dict[str, Any]:
    """What a person reads about their own pay, as plain data."""
    with request.workbench.open_record() as log:
        recorded = Recorded.read(log)
        statement = write_statement(request.workbench, recorded, address)
        return asdict(statement) | {"objections": list_own_objections(recorded, address)}
