"""The page of a policy: its text with the problems beside it, what it says, and its cases with their results."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import copymode
from typing import Any, Final

from attrs import frozen
from starlette.responses import RedirectResponse, Response

from scorecore.analysis.cases.verdict import run_cases
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.policy_files import read_source
from scorecore.services.problems import find_problems
from scorecore.services.text_merge import list_differences, merge_texts
from scorecore_cli.document.articles import write_document
from scorecore_cli.document.numbering import number_chapters
from scorecore_cli.language import _
from scorecore_cli.terminal import diagnostic_data
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, problem_row, render
from scorecore_web.requests import PageRequest
from scorecore_web.saved_texts import digest_text
from scorecore_web.workbench import PolicyFile, Workbench

MAX_TEXT: Final = 2**20
"""Characters of a policy; one of 500 lines has 20 thousand."""
POLICY, CASES = "policy", "cases"
_PARTS: Final = frozenset({POLICY, CASES})


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
    return _render_policy(request, policy, edited, edited.text)


def _render_policy(
    request: PageRequest,
    policy: PolicyFile,
    edited: EditedText,
    text: str,
    notice: str = "",
    differences: Sequence[str] = (),
) -> Response:
    program = request.workbench.check(policy).program
    params = {
        "policy": policy,
        "title": program.title if program else policy.key.replace("~", "/"),
        "program": program,
        "part": edited.part,
        "text": text,
        "digest": edited.digest,
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
    if part not in _PARTS or len(text) > MAX_TEXT:
        raise Refusal(400, _("the form is damaged"))
    with request.workbench.writing:
        edited = EditedText.read(policy, part)
        merged = merge_changes(request, policy, edited, text)
        if merged is None:
            saver = request.workbench.saved_texts.find_saver(_name_file(policy, part))
            notice = _(
                "not saved: somebody else has changed the same lines since this page was loaded. Your text is below; "
                "what differs from theirs is marked with + and -. If you save it again, it takes the place of theirs."
            )
            differences = list_differences(edited.text, text)
            return _render_policy(request, policy, edited, text, f"{saver}: {notice}" if saver else notice, differences)
        if merged != edited.text:
            request.workbench.saved_texts.keep(_name_file(policy, part), edited.text, request.session.account)
            write_whole(edited.path, merged)
    done = "merged" if merged != text else "saved"
    return RedirectResponse(f"{policy.address}?part={part}&{done}=1", 303)


def _name_file(policy: PolicyFile, part: str) -> str:
    """Under which name the earlier texts of a file are kept."""
    return f"{policy.key}/{part}"


def merge_changes(request: PageRequest, policy: PolicyFile, edited: EditedText, text: str) -> str | None:
    """The text, with what somebody else has saved since in other lines; None where both changed the same ones."""
    loaded = request.form.get("digest", "")
    if loaded == edited.digest:
        return text
    base = request.workbench.saved_texts.find(_name_file(policy, edited.part), loaded)
    return None if base is None else merge_texts(base, text, edited.text)


def write_whole(path: Path, text: str) -> None:
    """Write a file beside, which takes the name when it is on the disk: nobody ever sees half of it.

    It keeps its line ends, and who may read it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    is_dos = path.exists() and b"\r\n" in path.read_bytes()
    try:
        with beside.open("w", encoding="utf-8", newline="\r\n" if is_dos else "\n") as file:
            if path.exists():
                copymode(path, beside)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def problems_data(request: PageRequest) -> Response:
    """The problems of a text that is being edited, after each pause of the keys."""
    policy = find_policy_file(request)
    document = request.document if isinstance(request.document, dict) else {}
    part, text = document.get("part", POLICY), document.get("text")
    if part not in _PARTS or not isinstance(text, str) or len(text) > MAX_TEXT:
        raise Refusal(400, _("the form is damaged"))
    return as_json({"problems": list_problems(request.workbench, policy, part, text.replace("\r\n", "\n"))})


def check_data(request: PageRequest) -> Response:
    """What `scorecore check --json` says of the policy as it lies in the folder."""
    policy = find_policy_file(request)
    checked = request.workbench.check(policy)
    name = f"{checked.program.id}@{checked.program.version}" if checked.program else None
    return as_json({"policy": name, "problems": list(map(diagnostic_data, checked.diagnostics))})
