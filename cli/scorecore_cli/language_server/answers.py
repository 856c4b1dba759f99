"""From what the services give to what the protocol has for it."""

from collections.abc import Iterable, Iterator
from typing import Final

from lsprotocol import types

from scorecore.services import wording
from scorecore.services.completion import complete
from scorecore.services.hover import find_hover
from scorecore.services.open_texts import OpenTexts
from scorecore.services.outline import OutlinePart
from scorecore.services.problems import TextProblem
from scorecore.services.tolerant_toml import Span
from scorecore_cli.language import _
from scorecore_cli.language_server.documents import EditorText, EditorTexts
from scorecore_cli.terminal import localize

SERVER: Final = "scorecore"
_COMPLETION_KINDS: Final = {
    "key": types.CompletionItemKind.Property,
    "section": types.CompletionItemKind.Module,
    "word": types.CompletionItemKind.EnumMember,
    "function": types.CompletionItemKind.Function,
    "fact": types.CompletionItemKind.Field,
    "field": types.CompletionItemKind.Field,
    "clock": types.CompletionItemKind.Event,
    "events": types.CompletionItemKind.Struct,
    "variable": types.CompletionItemKind.Variable,
    "parameter": types.CompletionItemKind.Constant,
    "scorer": types.CompletionItemKind.Class,
    "policy": types.CompletionItemKind.File,
}
"""All others are values."""


def describe_problem(problem: TextProblem, text: EditorText, texts: EditorTexts) -> types.Diagnostic:
    """A problem in the reader's language, with its advice."""
    diagnostic = problem.diagnostic
    message, advice = localize(diagnostic), diagnostic.advice(_)
    related = None
    if problem.is_elsewhere:
        message = f"{diagnostic.location}: {message}"
        related = list(_find_related(problem, texts))
    return types.Diagnostic(
        text.range(problem.start, problem.end),
        f"{message}\n{_('help: {advice}', advice=advice)}" if advice else message,
        types.DiagnosticSeverity.Warning if diagnostic.kind.warning else types.DiagnosticSeverity.Error,
        code=diagnostic.kind.code,
        source=SERVER,
        related_information=related,
    )


def _find_related(problem: TextProblem, texts: EditorTexts) -> Iterator[types.DiagnosticRelatedInformation]:
    """Where a problem of another text is, if that is a file."""
    location = problem.diagnostic.location
    source = texts.texts.read_by_name(location.source)
    if source:
        start = source.find_offset(location)
        end = min(start + problem.diagnostic.length, len(source.text))
        place = texts.find_location(source, Span(start, end))
        yield types.DiagnosticRelatedInformation(place, localize(problem.diagnostic))


def list_completions(texts: OpenTexts, text: EditorText, offset: int) -> types.CompletionList:
    completion = complete(texts, text.source, offset, _)
    place = text.range(*completion.span)
    items = [
        types.CompletionItem(
            suggestion.label,
            kind=_COMPLETION_KINDS.get(suggestion.kind, types.CompletionItemKind.Value),
            detail=suggestion.detail or _(wording.KINDS[suggestion.kind]),
            documentation=types.MarkupContent(types.MarkupKind.Markdown, suggestion.documentation),
            sort_text=f"{number:05}",
            text_edit=types.TextEdit(place, suggestion.label),
        )
        for number, suggestion in enumerate(completion.suggestions)
    ]
    return types.CompletionList(is_incomplete=False, items=items)


def describe_name(texts: OpenTexts, text: EditorText, offset: int) -> types.Hover | None:
    hover = find_hover(texts, text.source, offset, _)
    if hover is None or not hover.paragraphs:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, hover.markdown), text.range(*hover.span))


_SYMBOL_KINDS: Final = {
    "parameters": types.SymbolKind.Constant,
    "tables": types.SymbolKind.Array,
    "facts": types.SymbolKind.Struct,
    "values": types.SymbolKind.Variable,
    "items": types.SymbolKind.Number,
    "pay": types.SymbolKind.Number,
    "case": types.SymbolKind.Event,
}
"""All others are properties."""


def list_symbols(text: EditorText, parts: Iterable[OutlinePart]) -> list[types.DocumentSymbol]:
    return [
        types.DocumentSymbol(
            part.name or "…",
            types.SymbolKind.Module if len(part.path) == 1 else _SYMBOL_KINDS.get(str(part.path[0]), _PROPERTY),
            text.range(*part.span),
            text.range(*part.selection),
            detail=part.detail,
            children=list_symbols(text, part.children),
        )
        for part in parts
    ]


_PROPERTY: Final = types.SymbolKind.Property


def list_quick_fixes(
    text: EditorText, problems: Iterable[TextProblem], texts: EditorTexts, wanted: types.Range
) -> Iterator[types.CodeAction]:
    """For each problem in a range whose advice is a word, the edit that writes it."""
    start, end = text.find_offset(wanted.start), text.find_offset(wanted.end)
    for problem in problems:
        if problem.replacement is None or problem.start > end or problem.end < start:
            continue
        edit = types.TextEdit(text.range(problem.start, problem.end), problem.replacement)
        identifier = types.OptionalVersionedTextDocumentIdentifier(text.uri, text.version)
        yield types.CodeAction(
            _("write `{replacement}`", replacement=problem.replacement),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[describe_problem(problem, text, texts)],
            is_preferred=True,
            edit=texts.make_edit([types.TextDocumentEdit(identifier, [edit])]),
        )
