"""The pages of objections: which wait, one of them with both sides of what is contested, and its answer."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from scorecore.io.formats import Block
from scorecore.record.people.contest import answer, object_to
from scorecore.record.people.objections import ACCEPTED, REFUSED, RecordedObjection
from scorecore.record.runs.recorded import Recorded
from scorecore.services.objections import ObjectableDecision, list_objections, read_contested
from scorecore_cli.language import _
from scorecore_cli.objection_view import (
    ShownObjection,
    compare_sides,
    describe_contested,
    list_contestable_rows,
)
from scorecore_cli.proposal_view import describe_actor
from scorecore_cli.record_file import now
from scorecore_web.record_page import require_record
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, render
from scorecore_web.requests import PageRequest, UploadedFile, read_number
from scorecore_web.statement_page import DecisionAddress
from scorecore_web.workbench import Workbench

WHOLE: Final = "whole"
MAX_REASON: Final = 4000


def objections_page(request: PageRequest) -> Response:
    """All of them, first those that wait."""
    rows: list[dict[str, Any]] = []
    if request.workbench.has_record:
        with request.workbench.open_record() as log:
            recorded = Recorded.read(log)
            rows = [describe_objection(recorded, objection) for objection in list_objections(recorded)]
    return render(request, "objections.html.jinja", {"objections": rows})


def describe_objection(recorded: Recorded, objection: RecordedObjection) -> dict[str, Any]:
    """One line of the table."""
    shown = ShownObjection.of(recorded, objection, now())
    return {
        "entry": objection.entry,
        "at": objection.at,
        "person": shown.text.subject if shown.text else "",
        "policy": objection.run.id,
        "title": recorded.program(objection.run).title,
        "period": objection.run.period,
        "run": objection.run.number,
        "contested": describe_contested(recorded, shown),
        "reason": shown.text.reason if shown.text else "",
        "evidence": shown.text.evidence if shown.text else (),
        "by": describe_actor(objection.maker) if objection.maker else "",
        "state": shown.state,
        "is_waiting": objection.answer is None,
        "answer": shown.answer,
    }


def _find_objection(request: PageRequest, recorded: Recorded) -> RecordedObjection:
    number = read_number(request.path["entry"])
    objection = recorded.people.objections.get(number) if number is not None else None
    if objection is None:
        raise Refusal(404, _("there is no such objection"))
    return objection


def objection_page(request: PageRequest) -> Response:
    """One objection, both sides of what is contested, and the answer or its form."""
    require_record(request.workbench)
    with request.workbench.open_record() as log:
        recorded = Recorded.read(log)
        objection = _find_objection(request, recorded)
        contested = read_contested(recorded, objection, now())
        shown = ShownObjection.of(recorded, objection, now())
        sides: Block | None = compare_sides(recorded, shown, contested.sides) if contested.sides else None
        params = {
            "objection": describe_objection(recorded, objection),
            "sides": sides,
            "corrections": [(run.number, run.reason) for run in contested.corrections],
            "documents": list(_list_documents(request.workbench, contested.text.evidence if contested.text else ())),
            "correct": find_correction_page(request.workbench, objection.run.id, objection.run.period),
            "max_reason": MAX_REASON,
        }
    return render(request, "objection.html.jinja", params)


def _list_documents(workbench: Workbench, digests: Sequence[str]) -> list[tuple[str, str]]:
    """The digests with the names of the documents that are here."""
    documents = ((digest, workbench.uploads.find_document(digest)) for digest in digests)
    return [(digest, document[0] if document else "") for digest, document in documents]


def find_correction_page(workbench: Workbench, policy_id: str, label: str) -> str:
    """Where a month is decided again; empty where no policy of the folder has decided it."""
    versions = []
    for policy in workbench.list_policies().values():
        program = workbench.check(policy).program
        period = program.period.period(label) if program and program.id == policy_id else None
        if program is not None and period is not None and program.in_force(period):
            versions.append((program.effective_from, policy.address))
    return f"{max(versions)[1]}/corrections/{label}" if versions else ""  # the last that came into force decides


def document_file(request: PageRequest) -> Response:
    """A document that was handed in with an objection."""
    require_record(request.workbench)
    digest = request.query.get("digest", "")
    with request.workbench.open_record() as log:
        recorded = Recorded.read(log)
        contested = read_contested(recorded, _find_objection(request, recorded), now())
    is_named = contested.text is not None and digest in contested.text.evidence
    document = request.workbench.uploads.find_document(digest) if is_named else None
    if document is None:
        raise Refusal(404, _("there is no such document"))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(document[0], safe='')}"}
    return Response(document[1], media_type="application/octet-stream", headers=headers)


# answering


def answer_objection(request: PageRequest) -> Response:
    entry = settle_objection(request, request.form)
    return RedirectResponse(f"/objections/{entry}?answered=1", 303)


def settle_objection(request: PageRequest, fields: Any) -> int:  # noqa: ANN401  of a form, or a document
    """As `scorecore record answer` does; raises Refusal."""
    require_record(request.workbench)
    verdict, reason = str(fields.get("verdict", "")), str(fields.get("reason", "")).strip()
    correction = read_number(str(fields.get("correction", "")))
    if verdict not in {ACCEPTED, REFUSED} or len(reason) > MAX_REASON:
        raise Refusal(400, _("the form is damaged"))
    if not reason:
        raise Refusal(400, _("an answer needs a reason"))
    if verdict == ACCEPTED and correction is None:
        raise Refusal(400, _("name the correction by which the objection is accepted"))
    number = correction if verdict == ACCEPTED else None
    with request.workbench.writing, request.open_record_to_write() as log:
        recorded = Recorded.read(log)
        objection = _find_objection(request, recorded)
        _refuse_own(request, recorded, objection)
        try:
            answer(recorded, objection, verdict, reason, now=now(), correction=number)
        except ValueError:
            raise Refusal(409, _("the person was erased: nothing can be answered")) from None
    return objection.entry


def _refuse_own(request: PageRequest, recorded: Recorded, objection: RecordedObjection) -> None:
    """Nobody answers what they have objected to themselves; raises Refusal."""
    person = request.session.person
    if person and recorded.log.pseudonym(person) == objection.subject:
        raise Refusal(403, _("you cannot answer your own objection"))


# objecting


def object_page(request: PageRequest) -> Response:
    """The form on which somebody's objection is noted for them."""
    require_record(request.workbench)
    address = DecisionAddress.read(request.query)
    with request.workbench.open_record() as log:
        params = object_params(Recorded.read(log), address)
    return render(request, "object.html.jinja", params)


def object_params(recorded: Recorded, address: DecisionAddress) -> dict[str, Any]:
    """What the form shows: each entry that can be contested, and until when."""
    decision = address.find(recorded)
    return {
        "address": address,
        "decision": decision.standing.entry.index,
        "rows": list_choices(recorded, decision),
        "last_day": decision.deadlines.objecting,
        "whole": WHOLE,
        "max_reason": MAX_REASON,
    }


def list_choices(recorded: Recorded, decision: ObjectableDecision) -> list[tuple[str, ...]]:
    payload = decision.standing.payload
    assert payload is not None  # noqa: S101  none that was erased can be contested
    return list_contestable_rows(recorded.program(decision.standing.run), payload, decision.contestable)


def note_objection(request: PageRequest) -> Response:
    """As `scorecore record object` does, for the person whom it is about."""
    entry = record_objection(request, DecisionAddress.read(request.form), request.form, request.files)
    return RedirectResponse(f"/objections/{entry}?noted=1", 303)


def record_objection(
    request: PageRequest,
    address: DecisionAddress,
    fields: Any,  # noqa: ANN401  of a form, or a document
    files: Sequence[UploadedFile] = (),
    account: str | None = None,
) -> int:
    """The entry of the objection; raises Refusal where the decision is another one than was shown."""
    require_record(request.workbench)
    reason = str(fields.get("reason", "")).strip()
    if not reason or len(reason) > MAX_REASON:
        raise Refusal(400, _("an objection needs a reason, of at most {count} characters", count=MAX_REASON))
    with request.workbench.writing, request.open_record_to_write(account) as log:
        recorded = Recorded.read(log)
        decision = address.find(recorded)
        if read_number(str(fields.get("decision", ""))) != decision.standing.entry.index:
            raise Refusal(409, _("the decision is another one than this page has shown: look at it again"))
        contested = None
        if fields.get("contested") != WHOLE:
            number = read_number(str(fields.get("contested", "")))
            if number is None or not 0 < number <= len(decision.contestable):
                raise Refusal(400, _("say what is contested"))
            contested = decision.contestable[number - 1]
        digests = request.workbench.uploads.keep_documents((file.name, file.content) for file in files)
        object_to(recorded, decision.standing, reason, now=now(), contested=contested, evidence=digests)
        return max(Recorded.read(log).people.objections)


# as plain data


def objections_data(request: PageRequest) -> Response:
    require_record(request.workbench)
    with request.workbench.open_record() as log:
        recorded = Recorded.read(log)
        rows = [describe_objection(recorded, objection) for objection in list_objections(recorded)]
    return as_json({"objections": rows})


def objection_data(request: PageRequest) -> Response:
    """One objection, with and without what is contested."""
    require_record(request.workbench)
    with request.workbench.open_record() as log:
        recorded = Recorded.read(log)
        objection = _find_objection(request, recorded)
        contested = read_contested(recorded, objection, now())
        data = describe_objection(recorded, objection)
    sides = contested.sides
    data["corrections"] = [run.number for run in contested.corrections]
    data["with"] = sides.recorded["values"] if sides else None
    data["without"] = sides.without["values"] if sides else None
    return as_json(data)


def contestable_data(request: PageRequest) -> Response:
    """What of a decision can be contested."""
    require_record(request.workbench)
    address = DecisionAddress.read(request.query)
    with request.workbench.open_record() as log:
        params = object_params(Recorded.read(log), address)
    names = ("number", "contested", "figure")
    rows = [dict(zip(names, row, strict=True)) for row in params["rows"]]
    return as_json({"decision": params["decision"], "last_day": params["last_day"], "entries": rows})


def _read_document(request: PageRequest) -> dict[str, Any]:
    document = request.document
    if not isinstance(document, dict) or not all(isinstance(field, str | int) for field in document.values()):
        raise Refusal(400, _("the body is not what is described"))
    return document


def object_data(request: PageRequest) -> Response:
    document = _read_document(request)
    address = DecisionAddress.read({name: str(field) for name, field in document.items()})
    return as_json({"entry": record_objection(request, address, document)})


def answer_data(request: PageRequest) -> Response:
    return as_json({"entry": settle_objection(request, _read_document(request))})
