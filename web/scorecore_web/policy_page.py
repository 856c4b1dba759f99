"""The page of a policy: its text with the problems beside it, what it says, and its cases with their results."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from starlette.responses import RedirectResponse, Response

from scorecore.analysis.cases.verdict import run_cases
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.own_files import rewrite_text
from scorecore.io.policy_files import read_source
from scorecore.services.problems import find_problems
from scorecore.services.text_merge import list_differences, merge_texts
from scorecore_cli.document.articles import write_document
from scorecore_cli.document.numbering import number_chapters
from scorecore_cli.language import _
from scorecore_cli.terminal import diagnostic_data
from scorecore_web.drafts import Draft
from scorecore_web.permissions import Permission
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, problem_row, render
from scorecore_web.requests import PageRequest
from scorecore_web.saved_texts import digest_text
from scorecore_web.workbench import PolicyFile, Workbench, is_policy_text

MAX_TEXT: Final = 2**20
"""Characters of a policy; one of 500 lines has 20 thousand."""
POLICY, CASES = "policy", "cases"
PARTS: Final = frozenset({POLICY, CASES})


def find_policy_file(request: PageRequest) -> PolicyFile:
    """The policy that an address names; raises Refusal where the folder has none of that key."""
    policy = request.workbench.list_policies().get(request.path["policy"])
    if policy is None:
        raise Refusal(404, _("this folder has no such policy"))
    return policy


@frozen
class EditedText:
    """The text of a policy or of its cases as it lies in the folder."""

    part: str
    path: Path
    text: str

    @classmethod
    def read(cls, policy: PolicyFile, part: str) -> "EditedText":
        path = policy.path if part == POLICY else policy.cases_path
        if part == CASES and not path.exists():
            return cls(part, path, "")
        diagnostics = Diagnostics()
        source = read_source(path, diagnostics)
        if source is None:
            raise Refusal(409, _("the text cannot be read"), tuple(diagnostics))
        return cls(part, path, source.text)

    @property
    def digest(self) -> str:
        """By it a page knows whether the text is still the one that it shows."""
        return digest_text(self.text)


def policy_page(request: PageRequest) -> Response:
    policy = find_policy_file(request)
    edited = EditedText.read(policy, CASES if request.query.get("part") == CASES else POLICY)
    draft = request.workbench.drafts.find(name_file(policy, edited.part), request.session.account)
    if draft is None or draft.text == edited.text or not request.may(Permission.WRITE):
        return _render_policy(request, policy, edited, edited.text)
    return _render_policy(request, policy, edited, draft.text, draft=draft)


def _render_policy(
    request: PageRequest,
    policy: PolicyFile,
    edited: EditedText,
    text: str,
    *,
    notice: str = "",
    differences: Sequence[str] = (),
    draft: Draft | None = None,
) -> Response:
    program = request.workbench.check(policy).program
    params = {
        "policy": policy,
        "title": program.title if program else policy.key.replace("~", "/"),
        "program": program,
        "part": edited.part,
        "text": text,
        "digest": draft.digest if draft else edited.digest,
        "draft": draft,
        "notice": notice,
        "differences": differences,
        "problems": list_problems(request.workbench, policy, edited.part, text),
        "chapters": number_chapters(write_document(program)) if program else [],
        "recorded": bool(program and request.workbench.read_periods(program.id)),
        "cases": list(judge_cases(request.workbench, policy)) if program else [],
    }
    return render(request, "policy.html.jinja", params, 409 if notice else 200)


def list_problems(workbench: Workbench, policy: PolicyFile, part: str, text: str) -> list[dict[str, Any]]:
    """The problems of a text in the place of a policy or of its cases, each with its place in it."""
    texts = workbench.open_texts()
    source = texts.open(policy.path if part == POLICY else policy.cases_path, text)
    rows = []
    for problem in find_problems(texts, source) if part == POLICY or text else ():
        location = problem.diagnostic.location
        row = problem_row(problem.diagnostic, workbench.name(str(location)))
        rows.append(row | {"is_here": not problem.is_elsewhere, "length": max(1, problem.end - problem.start)})
    return rows


def judge_cases(workbench: Workbench, policy: PolicyFile) -> Iterator[dict[str, Any]]:
    """The cases beside a policy, each with what differs from what it expects."""
    program = workbench.check(policy).program
    source = read_source(policy.cases_path, Diagnostics()) if policy.cases_path.exists() else None
    if program is None or source is None:
        return
    for verdict in run_cases(source, program, Diagnostics()):
        yield {
            "name": verdict.case.name,
            "line": verdict.case.place.line,
            "differences": [
                {"what": difference.what, "expected": difference.expected, "got": difference.got}
                for difference in verdict.differences
            ],
        }


def save_text(request: PageRequest) -> Response:
    """Write a text that was edited, with what somebody else has saved in between."""
    policy = find_policy_file(request)
    part = request.form.get("part", POLICY)
    text = request.form.get("text", "").replace("\r\n", "\n")
    if part not in PARTS or len(text) > MAX_TEXT:
        raise Refusal(400, _("the form is damaged"))
    with request.workbench.writing:
        edited = EditedText.read(policy, part)
        if part == POLICY and not is_policy_text(text):
            notice = _("not saved: without [policy] the text would no longer be a policy of this folder")
            return _render_policy(request, policy, edited, text, notice=notice)
        merged = merge_changes(request, policy, edited, text)
        if merged is None:
            saver = request.workbench.saved_texts.find_saver(name_file(policy, part))
            notice = _(
                "not saved: somebody else has changed the same lines since this page was loaded. Your text is below; "
                "what differs from theirs is marked with + and -. If you save it again, it takes the place of theirs."
            )
            differences = list_differences(edited.text, text)
            notice = f"{saver}: {notice}" if saver else notice
            return _render_policy(request, policy, edited, text, notice=notice, differences=differences)
        if merged != edited.text:
            request.workbench.saved_texts.keep(name_file(policy, part), edited.text, request.session.account)
            rewrite_text(edited.path, merged)
        request.workbench.drafts.drop(name_file(policy, part), request.session.account)
    done = "merged" if merged != text else "saved"
    return RedirectResponse(f"{policy.address}?part={part}&{done}=1", 303)


def name_file(policy: PolicyFile, part: str) -> str:
    """Under which name the earlier texts of a file are kept."""
    return f"{policy.key}/{part}"


def merge_changes(request: PageRequest, policy: PolicyFile, edited: EditedText, text: str) -> str | None:
    """The text, with what somebody else has saved since in other lines; None where both changed the same ones."""
    loaded = request.form.get("digest", "")
    if loaded == edited.digest:
        return text
    base = request.workbench.saved_texts.find(name_file(policy, edited.part), loaded)
    return None if base is None else merge_texts(base, text, edited.text)


def problems_data(request: PageRequest) -> Response:
    """The problems of a text that is being edited, after each pause of the keys."""
    policy = find_policy_file(request)
    document = request.document if isinstance(request.document, dict) else {}
    part, text = document.get("part", POLICY), document.get("text")
    if part not in PARTS or not isinstance(text, str) or len(text) > MAX_TEXT:
        raise Refusal(400, _("the form is damaged"))
    return as_json({"problems": list_problems(request.workbench, policy, part, text.replace("\r\n", "\n"))})


def check_data(request: PageRequest) -> Response:
    """What `scorecore check --json` says of the policy as it lies in the folder."""
    policy = find_policy_file(request)
    checked = request.workbench.check(policy)
    name = f"{checked.program.id}@{checked.program.version}" if checked.program else None
    return as_json({"policy": name, "problems": list(map(diagnostic_data, checked.diagnostics))})
