"""A draft is kept while somebody types, who sees what others are changing or have saved in the same text."""

import time
from collections.abc import Iterator
from typing import Any

from starlette.responses import RedirectResponse, Response

from scorecore.services.text_merge import list_differences
from scorecore_cli.language import _
from scorecore_web.drafts import Draft
from scorecore_web.policy_page import MAX_TEXT, PARTS, POLICY, EditedText, find_policy_file, name_file
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json
from scorecore_web.requests import PageRequest
from scorecore_web.workbench import PolicyFile


def keep_draft(request: PageRequest) -> Response:
    """Keep what was typed, and say who else works on the text."""
    policy = find_policy_file(request)
    document = request.document if isinstance(request.document, dict) else {}
    part, text, digest = (document.get(name) for name in ("part", "text", "digest"))
    if part not in PARTS or not isinstance(text, str) or len(text) > MAX_TEXT or not isinstance(digest, str):
        raise Refusal(400, _("the body is not what is described"))
    edited, path = EditedText.read(policy, part), name_file(policy, part)
    typed, owner = text.replace("\r\n", "\n"), request.session.account
    if typed == edited.text:
        request.workbench.drafts.drop(path, owner)
    else:
        request.workbench.drafts.keep(path, Draft(owner, digest[:64], typed, int(time.time())))
    return as_json({"others": list(_list_others(request, policy, edited, digest))})


def _list_others(request: PageRequest, policy: PolicyFile, edited: EditedText, digest: str) -> Iterator[dict[str, Any]]:
    """What others have saved since the text was loaded, and what they are typing."""
    path, workbench = name_file(policy, edited.part), request.workbench
    base = workbench.saved_texts.find(path, digest) if digest != edited.digest else None
    if base is not None:
        saver = workbench.saved_texts.find_saver(path)
        sentence = (
            _("{name} has saved a change to this text; when you save, both are kept", name=saver)
            if saver
            else _("this text was saved elsewhere since; when you save, both changes are kept")
        )
        yield {"sentence": sentence, "differences": list_differences(base, edited.text)}
    for draft in workbench.drafts.list_all(path):
        if draft.owner != request.session.account and draft.text != edited.text:
            sentence = _("{name} is changing this text and has not saved it", name=draft.owner)
            began = workbench.saved_texts.find(path, draft.digest) if draft.digest != edited.digest else edited.text
            yield {"sentence": sentence, "differences": list_differences(began or edited.text, draft.text)}


def discard_draft(request: PageRequest) -> Response:
    """Forget what was typed; the text is again the one that is saved."""
    policy, part = find_policy_file(request), request.form.get("part", POLICY)
    if part not in PARTS:
        raise Refusal(400, _("the form is damaged"))
    request.workbench.drafts.drop(name_file(policy, part), request.session.account)
    return RedirectResponse(f"{policy.address}?part={part}", 303)
