"""All problems of an open text, each with its range and, where the advice is a word, what to write instead."""

import re
from pathlib import Path
from typing import Final

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import CASES
from scorecore.policy.toml import read_toml
from scorecore.services.open_texts import OpenTexts

_LEADS_ELSEWHERE: Final = re.compile(r"^[ \t]*(extends|policy|text)[ \t]*=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
"""The lines that name another text."""
_MISSPELT: Final = ("name", "key", "found", "text", "word", "subject", "mode")
"""The placeholders that hold what the author wrote, where another holds what was probably meant."""
_WORD: Final = re.compile(r"[\w.@-]+")


@frozen
class TextProblem:
    """A problem, and the characters of the open text that it is about."""

    diagnostic: Diagnostic
    start: int
    """The offset of the first character."""
    end: int
    """The offset after the last."""
    replacement: str | None = None
    """What to write in the place of these characters."""
    is_elsewhere: bool = False
    """Whether it is in another text, such as the parent's; the range is then where this text leads there."""


def find_problems(texts: OpenTexts, source: Source) -> list[TextProblem]:
    """Every problem of an open text: of a policy those of `scorecore check`, of cases what cannot be read in them."""
    diagnostics = _find_in_cases(texts, source) if source.name.endswith(CASES) else texts.check(source).diagnostics
    return [_place(diagnostic, source) for diagnostic in diagnostics]


def _find_in_cases(texts: OpenTexts, source: Source) -> tuple[Diagnostic, ...]:
    """What keeps cases from being read; while their policy has problems, only whether they are TOML."""
    diagnostics = Diagnostics()
    path = Path(source.name)
    policy = texts.read(path.with_name(path.name.removesuffix(CASES) + ".toml"))
    program = texts.check(policy).program if policy else None
    if program is None:
        read_toml(source, diagnostics, leaves_out=True)
    else:
        from scorecore.analysis.cases.read import prepare_cases  # noqa: PLC0415  what decides is slow to load

        prepare_cases(source, program, diagnostics)
    return tuple(diagnostics)


def _place(diagnostic: Diagnostic, source: Source) -> TextProblem:
    location = diagnostic.location
    if location.source != source.name:
        return TextProblem(diagnostic, *_find_lead(diagnostic, source), is_elsewhere=True)
    start = source.find_offset(location)
    if not location.column:
        return TextProblem(diagnostic, start, start + len(source.line(max(location.line, 1))))
    end = min(start + max(diagnostic.length, 1), len(source.text))
    return TextProblem(diagnostic, start, end, _find_replacement(diagnostic, source.text[start:end]))


def _find_lead(diagnostic: Diagnostic, source: Source) -> tuple[int, int]:
    """Where a text names the one that has a problem; else its first line."""
    names = [*diagnostic.params.values(), Path(diagnostic.location.source).name]
    leads = list(_LEADS_ELSEWHERE.finditer(source.text))
    best = next((lead for lead in leads if lead[2].strip("\"'") in names), next(iter(leads), None))
    return best.span(2) if best else (0, len(source.line(1)))


def _find_replacement(diagnostic: Diagnostic, marked: str) -> str | None:
    """What the marked characters should be, where the advice is a name or a sign."""
    params = diagnostic.params
    if params.get("text") == marked and "instead" in params:
        return params["instead"]
    nearest = params.get("nearest", "")
    misspelt = next((params[name] for name in _MISSPELT if params.get(name) and params[name] in marked), None)
    if misspelt is None or not _WORD.fullmatch(nearest) or marked.count(misspelt) != 1:
        return None
    is_called = marked.partition(misspelt)[2].startswith("(")
    return None if is_called and not nearest.isidentifier() else marked.replace(misspelt, nearest)
