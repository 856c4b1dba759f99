"""All statements of a recorded month as one file, to print or to send."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from scorecore.record.people.contest import find_deadlines
from scorecore.record.runs.recorded import Recorded
from scorecore_cli.language import _, current
from scorecore_cli.record_file import now
from scorecore_cli.statements.objection_words import Objection
from scorecore_cli.statements.statement import PayStatement
from scorecore_cli.statements.statement_files import PAGE, PDF, StatementSheet
from scorecore_cli.statements.statement_input import read_recorded
from scorecore_web.progress import report_progress
from scorecore_web.record_page import require_record
from scorecore_web.refusals import Refusal
from scorecore_web.requests import PageRequest
from scorecore_web.work import Work
from scorecore_web.workbench import Workbench

_TYPES: Final = {PDF: "application/pdf", PAGE: "text/html; charset=utf-8"}


def statements_file(request: PageRequest) -> Response:
    """As `scorecore statements --record` writes it; a page is saved and not shown, for it has styles of its own."""
    workbench = request.workbench
    require_record(workbench)
    policy, period = request.query.get("policy", ""), request.query.get("period", "")
    ending = f".{request.query.get('as', '')}"
    if ending not in _TYPES:
        raise Refusal(404, _("there is no such page"))
    if period not in workbench.read_periods(policy):
        raise Refusal(404, _("nothing of {period} is recorded by this policy", period=period))
    key = ("all statements", current(), policy, period, ending, workbench.sign_record())
    work = Work(_("Statements of {period}", period=period), write_all, (policy, period, ending))
    content: bytes = workbench.keep_long(key, work)
    name = quote(f"{policy}-{period}{ending}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type=_TYPES[ending], headers=headers)


def write_all(workbench: Workbench, policy: str, label: str, ending: str) -> bytes:
    """The content of the file."""
    report_progress(_("reading the record"))
    with workbench.open_record() as log:
        recorded = Recorded.read(log)
        source = read_recorded(recorded, policy, label)
        moment = now()
        last_days = {
            standing.payload.facts.subject: find_deadlines(recorded, standing.run, moment).objecting
            for standing in recorded.standing(policy, label).values()
            if standing.payload
        }
        statements: list[PayStatement] = []
        count = len(source.subjects)
        for explanation in source.explanations(()):
            report_progress(_("writing the statements"), len(statements), count)
            by = last_days.get(explanation.subject)
            statements.append(source.make_writer(Objection(by=by)).write(explanation))
    title = source.subjects[0].program.title if source.subjects else ""
    with TemporaryDirectory(prefix="scorecore-") as folder:
        path = Path(folder, f"statements{ending}")
        StatementSheet(f"{title}  {label}", source.period.end).write(statements, path)
        return path.read_bytes()
