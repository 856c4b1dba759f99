"""The same data as JSON: check, decide, explain and diff as other programs ask for them."""

from collections.abc import Iterator
from typing import Any, Final

from starlette.responses import Response

from scorecore.diagnostics.source import Source
from scorecore.library.compiled_policy import CompiledPolicy
from scorecore_cli.explanation_view import explanation_data
from scorecore_cli.language import _
from scorecore_cli.terminal import diagnostic_data
from scorecore_web import (
    draft_page,
    facts_page,
    months_page,
    person_page,
    policy_page,
    record_page,
    run_page,
    trial_page,
)
from scorecore_web.api_schemas import (
    ANY,
    EXACT,
    FLAG,
    NUMBER,
    PROBLEMS,
    TEXT,
    declare_asking,
    declare_reading,
    listed,
    shape,
    with_optional,
)
from scorecore_web.objection_api import list_objection_routes
from scorecore_web.permissions import Permission
from scorecore_web.policy_page import find_policy_file
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json
from scorecore_web.requests import PageRequest
from scorecore_web.routes import GuardedRoute

EXPLANATION: Final = with_optional(
    shape(policy=TEXT, subject=TEXT, period=TEXT, facts=ANY, items=listed(ANY), pay=listed(ANY)),
    net=EXACT,
    what_if=ANY,
    why_not=ANY,
)
_PERSON: Final = {"person": "The id of the person.", "from": "`facts` or `record`; default: the record, if it has it."}


def list_api_routes() -> list[GuardedRoute]:
    """The addresses under /api with their descriptions."""
    return [*_list_reading(), *_list_checking(), *_list_deciding(), *list_objection_routes()]


def _list_reading() -> Iterator[GuardedRoute]:
    month = "/api/policies/{policy}/%s/{period}"
    run = shape(policy=TEXT, period=TEXT, people=listed(shape(id=TEXT, results=ANY, held=ANY)))
    asked = {**_PERSON, "if.FACT": "Another value of a fact, for what if.", "goal": "A goal, for why not."}
    sample = {"seed": "Draws a sample.", "sample": "How many decisions.", "period": "Of one period alone."}
    yield declare_reading(
        "/api/months",
        months_page.months_data,
        "Policies by periods, and what waits.",
        shape(policies=listed(ANY), waiting=listed(shape(text=TEXT, href=TEXT))),
    )
    yield declare_reading(
        "/api/policies/{policy}/check",
        policy_page.check_data,
        "The problems of a policy, as `scorecore check`.",
        shape(policy={"type": ["string", "null"]}, problems=PROBLEMS),
    )
    yield declare_reading(
        month % "facts",
        facts_page.facts_data,
        "The problems of the facts of a month, as `scorecore facts check`.",
        shape(period=TEXT, files=listed(TEXT), problems=PROBLEMS),
    )
    yield declare_reading(
        month % "runs",
        run_page.run_data,
        "Everybody's decision in a month, as `scorecore run`.",
        run,
        {"from": _PERSON["from"]},
    )
    yield declare_reading(
        month % "people",
        person_page.person_data,
        "One person's decision and its grounds, as `scorecore explain`.",
        EXPLANATION,
        asked,
    )
    yield declare_reading(
        "/api/record", record_page.record_data, "The runs of the record, and a sample of its decisions.",
        shape(file={"type": ["string", "null"]}, entries=NUMBER, runs=listed(ANY)), sample)  # fmt: skip


def _list_checking() -> Iterator[GuardedRoute]:
    """What is asked about texts; nothing but a draft is changed by any of it."""
    text = shape(text=TEXT)
    part = {"enum": ["policy", "cases"]}
    yield declare_asking(
        "/api/policies/{policy}/problems",
        policy_page.problems_data,
        "The problems of a text in the place of a policy, or of its cases (`part`: `cases`).",
        with_optional(text, part=part),
        shape(problems=listed(ANY)),
    )
    yield declare_asking(
        "/api/policies/{policy}/draft",
        draft_page.keep_draft,
        "Keep a text that is not saved yet, begun from the text of a digest; says what others change in it.",
        shape(part=part, text=TEXT, digest=TEXT),
        shape(others=listed(shape(sentence=TEXT, differences=listed(TEXT)))),
        Permission.WRITE,
    )
    yield declare_asking(
        "/api/check",
        check_text_data,
        "The problems of a text that is in no file.",
        text,
        shape(policy={"type": ["string", "null"]}, problems=PROBLEMS),
    )


def _list_deciding() -> Iterator[GuardedRoute]:
    """What is decided of facts, and of what is recorded; nothing is changed by any of it."""
    facts = {"type": "object", "description": "The facts of one subject, as `CompiledPolicy.decide` takes them."}
    tried = with_optional(shape(text=TEXT), months=NUMBER)
    yield declare_asking("/api/policies/{policy}/decide", decide_data, "Decide about one subject.", facts, ANY)
    yield declare_asking(
        "/api/policies/{policy}/explain",
        explain_data,
        "Decide about one subject, and show what it rests on.",
        facts,
        EXPLANATION,
    )
    yield declare_asking(
        "/api/policies/{policy}/diff",
        trial_page.trial_data,
        "What a text would have done in the last recorded months, as `scorecore diff`.",
        tried,
        shape(old=TEXT, new=TEXT, periods=listed(TEXT), summary=ANY),
    )
    yield declare_asking(
        "/api/record/verify",
        record_page.verification_data,
        "Whether the record is what was signed.",
        ANY,
        shape(is_sound=FLAG, is_anchored=FLAG, conclusion=TEXT, problems=PROBLEMS),
    )
    yield declare_asking(
        "/api/record/replay", record_page.replay_data, "Decide again what is recorded, and compare.",
        {"type": "object", "properties": {"period": TEXT}}, shape(engine=TEXT, runs=listed(ANY)))  # fmt: skip


def check_text_data(request: PageRequest) -> Response:
    """The problems of a text; the policies that it extends or uses are looked for in the folder."""
    document = request.document
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str) or len(text) > policy_page.MAX_TEXT:
        raise Refusal(400, _("the body is not what is described"))
    workbench = request.workbench
    checked = workbench.workspace.check_source(Source("policy.toml", text), (workbench.folder,))
    name = f"{checked.program.id}@{checked.program.version}" if checked.program else None
    return as_json({"policy": name, "problems": list(map(diagnostic_data, checked.diagnostics))})


def _open_policy(request: PageRequest) -> tuple[CompiledPolicy, dict[str, Any]]:
    checked = request.workbench.check(find_policy_file(request))
    if checked.program is None:
        raise Refusal(
            409, _("the policy has problems: correct them first, then its months can be decided"), checked.diagnostics
        )
    if not isinstance(request.document, dict):
        raise Refusal(400, _("the body is not what is described"))
    return CompiledPolicy(checked.program, checked.used, checked.diagnostics), request.document


def decide_data(request: PageRequest) -> Response:
    """One subject's decision; raises FactsRejected, which becomes an answer."""
    policy, facts = _open_policy(request)
    return Response(policy.decide(facts).to_json(), media_type="application/json")


def explain_data(request: PageRequest) -> Response:
    """One subject's decision with all that it rests on."""
    policy, facts = _open_policy(request)
    return as_json(explanation_data(policy.explain(facts)))
