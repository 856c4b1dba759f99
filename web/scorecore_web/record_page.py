"""The page of the record: its runs and corrections, whether it is what was signed, samples, and proofs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from attrs import asdict, evolve, frozen
from starlette.responses import RedirectResponse, Response

from scorecore.record.audit import Audit, AuditSelection
from scorecore.record.check import check_runs
from scorecore.record.log.verify import verify
from scorecore.record.people.operators import ROLES
from scorecore.record.replay import ReplayedRun, replay, replay_adjustments
from scorecore.record.runs.recorded import Recorded
from scorecore.services.proofs import archive_proof
from scorecore_cli.commands.record.begin import begin
from scorecore_cli.labels import localizer
from scorecore_cli.language import _, current
from scorecore_cli.proposal_view import describe_maker, describe_state
from scorecore_cli.record_file import engine_name
from scorecore_cli.terminal import diagnostic_data, format_instant
from scorecore_web.progress import report_progress
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, problem_row, render
from scorecore_web.requests import PageRequest
from scorecore_web.work import Work
from scorecore_web.workbench import Workbench

MAX_SAMPLE: Final = 500
MAX_SEED: Final = 200
WORKBENCH_OPERATOR: Final = "workbench"
"""The operator of a record that signs for accounts."""
_SHOWN: Final = ("entry", "run", "period", "policy", "person", "total", "grade", "net", "held")


def record_page(request: PageRequest) -> Response:
    return render_record(request)


def render_record(
    request: PageRequest, verification: Mapping[str, Any] | None = None, replays: Sequence[Any] | None = None
) -> Response:
    workbench = request.workbench
    params: dict[str, Any] = {
        "has_record": workbench.has_record,
        "file": workbench.record_path.name,
        "runs": [],
        "periods": [],
        "size": 0,
        "checkpoint": "",
        "verification": verification,
        "replays": replays,
        "sample": None,
        "seed": request.query.get("seed", ""),
        "count": request.query.get("sample", "10"),
        "began": request.query.get("began") == "1",
    }
    if workbench.has_record:
        with workbench.open_record() as log:
            recorded = Recorded.read(log)
            params["runs"] = list_runs(recorded)
            params["periods"] = list(dict.fromkeys(run.period for run in recorded.runs))
            params["size"], params["checkpoint"] = recorded.size, log.checkpoint().note
            if request.query.get("seed"):
                params["sample"] = draw_sample(recorded, request.query)
    return render(request, "record.html.jinja", params)


def list_runs(recorded: Recorded) -> list[dict[str, Any]]:
    """The runs, the last one first."""
    return [
        {
            "number": run.number,
            "period": run.period,
            "policy": run.policy,
            "id": run.id,
            "recorded_at": format_instant(run.at),
            "people": int(run.close["subjects"]),
            "held": int(run.close["held"]),
            "corrects": run.corrects,
            "reason": run.reason,
            "state": describe_state(recorded.people, run),
            "by": describe_maker(recorded.people, run.start),
            "engine": run.manifest["engine"],
            "entries": (run.start, run.stop - 1),
        }
        for run in reversed(recorded.all_runs)
    ]


@frozen
class DrawnSample:
    """Decisions that were drawn by a seed."""

    headings: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    count: int
    """From how many."""


def draw_sample(recorded: Recorded, query: Mapping[str, str]) -> DrawnSample:
    """As `scorecore record log --sample` draws it: the same seed gives the same decisions; raises Refusal."""
    count, seed = query.get("sample", "10"), query.get("seed", "")
    if not (count.isascii() and count.isdigit() and len(count) < 6 and 0 < int(count) <= MAX_SAMPLE):  # noqa: PLR2004
        raise Refusal(400, _("draw from 1 to {count} decisions", count=MAX_SAMPLE))
    if len(seed) > MAX_SEED:
        raise Refusal(400, _("the seed is too long"))
    period = query.get("period") or None
    selection = AuditSelection(period=period, sample=int(count), seed=seed, only_valid=True)
    audit = Audit.of(recorded, selection, localizer)
    rows = audit.decisions_table().select(_SHOWN).rows(named=True)
    names = {
        "entry": _("entry"),
        "run": _("run"),
        "period": _("period"),
        "policy": _("policy"),
        "person": _("person"),
        "total": _("total"),
        "grade": _("grade"),
        "net": _("net pay"),
        "held": _("held"),
    }
    return DrawnSample(tuple(names[name] for name in _SHOWN), tuple(rows), audit.count)


# verify and replay


def verify_page(request: PageRequest) -> Response:
    return render_record(request, verification=ask_verification(request.workbench))


def ask_verification(workbench: Workbench) -> dict[str, Any]:
    """What verifying the record gives, as long as it does not change."""
    require_record(workbench)
    key = ("verified", current(), workbench.sign_record())
    verified: dict[str, Any] = workbench.keep_long(key, Work(_("Verifying the record"), verify_record))
    return verified


def verify_record(workbench: Workbench) -> dict[str, Any]:
    """As `scorecore record verify` does, without an anchor from outside."""
    report_progress(_("signatures and hashes"))
    report = verify(workbench.record_path)
    if report.sound:
        report_progress(_("what the runs say of themselves"))
        with workbench.open_record() as log:
            report = evolve(report, diagnostics=(*report.diagnostics, *check_runs(Recorded.read(log))))
    if not report.verified:
        conclusion = _("the record was not verified")
    elif report.sound:
        conclusion = _("the record is sound") if report.anchored else _("the record is consistent, not anchored")
    else:
        conclusion = _(
            "the record is NOT what was signed: keep the file as evidence, and continue with a copy that verifies"
        )
    return {
        "is_sound": report.sound,
        "is_anchored": report.anchored,
        "conclusion": conclusion,
        "entries": report.entries,
        "payloads": report.payloads,
        "erased": report.erased,
        "parts": report.parts,
        "diagnostics": report.diagnostics,
        "problems": [problem_row(each, workbench.name(str(each.location))) for each in report.diagnostics],
    }


def replay_page(request: PageRequest) -> Response:
    return render_record(request, replays=ask_replays(request.workbench, request.form.get("period", "")))


def ask_replays(workbench: Workbench, period: str) -> list[ReplayedRun]:
    """What replaying gives, as long as the record does not change."""
    require_record(workbench)
    key = ("replayed", current(), period, workbench.sign_record())
    work = Work(_("Deciding again what is recorded"), replay_record, (period,))
    replays: list[ReplayedRun] = workbench.keep_long(key, work)
    return replays


def replay_record(workbench: Workbench, period: str) -> list[ReplayedRun]:
    """As `scorecore record replay` does; an empty period means all."""
    with workbench.open_record() as log:
        recorded = Recorded.read(log)
        runs = [run for run in recorded.runs if period in {"", run.period}]
        replays = []
        for number, run in enumerate(runs):
            report_progress(run.period, number, len(runs))
            replayed = replay(log, run, None, "auto")
            paid = tuple(replay_adjustments(recorded, run))
            replays.append(evolve(replayed, differences=replayed.differences + paid))
        return replays


def require_record(workbench: Workbench) -> None:
    if not workbench.has_record:
        raise Refusal(404, _("this folder has no record yet: begin one on the page of the record"))


def begin_record(request: PageRequest) -> Response:
    """As `scorecore record begin` does: with a single operator, or with one who signs for accounts."""
    is_shared = request.workbench.accounts is not None
    keepers: dict[str, Any] = (
        {"operator_name": WORKBENCH_OPERATOR, "roles": ROLES} if is_shared else {"single_operator": True}
    )
    with request.workbench.writing:
        if request.workbench.has_record:
            raise Refusal(409, _("this folder has a record already"))
        click.Context(begin).invoke(begin, record_path=request.workbench.record_path, **keepers)
    return RedirectResponse("/?began=1" if is_shared else "/record?began=1", 303)


def proof_file(request: PageRequest) -> Response:
    """The evidence of one person's decision, to take away."""
    require_record(request.workbench)
    subject, period = request.query.get("person", ""), request.query.get("period", "")
    with request.workbench.open_record() as log:
        content = archive_proof(Recorded.read(log), subject, period)
    if content is None:
        raise Refusal(404, _("the record has no decision about {id} in {period}", id=subject, period=period))
    headers = {"Content-Disposition": 'attachment; filename="proof.zip"'}
    return Response(content, media_type="application/zip", headers=headers)


def checkpoint_file(request: PageRequest) -> Response:
    """The last checkpoint, to be kept elsewhere as an anchor."""
    require_record(request.workbench)
    with request.workbench.open_record() as log:
        note = log.checkpoint().note
    headers = {"Content-Disposition": 'attachment; filename="anchor.txt"'}
    return Response(note, media_type="text/plain; charset=utf-8", headers=headers)


# as plain data


def record_data(request: PageRequest) -> Response:
    """The runs, and what is drawn where a seed is given."""
    workbench = request.workbench
    if not workbench.has_record:
        return as_json({"file": None, "entries": 0, "runs": []})
    with workbench.open_record() as log:
        recorded = Recorded.read(log)
        data: dict[str, Any] = {
            "file": workbench.record_path.name,
            "entries": recorded.size,
            "runs": list_runs(recorded),
        }
        if request.query.get("seed"):
            sample = draw_sample(recorded, request.query)
            data["sample"] = {"from": sample.count, "decisions": list(sample.rows)}
    return as_json(data)


def verification_data(request: PageRequest) -> Response:
    report = dict(ask_verification(request.workbench))
    problems = list(map(diagnostic_data, report.pop("diagnostics")))
    return as_json(report | {"problems": problems})


def replay_data(request: PageRequest) -> Response:
    document = request.document if isinstance(request.document, dict) else {}
    replays = ask_replays(request.workbench, str(document.get("period", "")))
    runs = [
        {
            "number": replayed.run.number,
            "period": replayed.run.period,
            "same": replayed.same,
            "erased": replayed.erased,
            "differences": [asdict(difference) for difference in replayed.differences],
        }
        for replayed in replays
    ]
    return as_json({"engine": engine_name(), "runs": runs})
