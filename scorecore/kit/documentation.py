"""What people read of a scorer: reasons and clauses of its entries, and what is said of its keys and problems."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

import attrs

from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.diagnostics.source import Snippet
from scorecore.kit.purity import sources_of
from scorecore.kit.subject import Subject
from scorecore.language.cel.syntax import Syntax
from scorecore.policy.model import HIDDEN
from scorecore.program.steps import Account


def find_unexplained(subject: Subject) -> Iterator[str]:
    """Entries without a reason or a clause."""
    for _, item in subject.used:
        if not item.authority:
            yield f"{item.place}: the item `{item.id}` names no clause, so its entries cannot: add authority = …"
    for program, items in subject.programs:
        for account in (program.step(name) for name in sorted(items)):
            for rule in account.entries if isinstance(account, Account) else ():
                if not rule.reason.strip():
                    yield f"{rule.place}: an entry of `{account.name}` has no reason"
                if account.authority and not rule.authority.strip():
                    yield f"{rule.place}: the entry `{rule.reason}` of `{account.name}` has no clause"


def find_undocumented(subject: Subject, words: Mapping[str, str]) -> Iterator[str]:
    """What is not said, or not said in Chinese."""
    scorer, chinese = subject.scorer, {**subject.scorers.words.get("zh", {}), **words}
    if not scorer.summary.endswith("."):
        yield f"the first line of {scorer.parameters.__name__}'s docstring is not a sentence: {scorer.summary!r}"
    said = {scorer.summary: "the summary"}
    for part in dict.fromkeys(find_classes(scorer.parameters)):
        for field in attrs.fields(part):
            about = str(field.metadata.get("about", "")).strip()
            if field.metadata.get(HIDDEN):
                continue
            if not about:
                yield f'the key `{field.name.rstrip("_")}` of {part.__name__} says nothing: declare it by key("…")'
            said[about] = f"the key `{field.name.rstrip('_')}`"
    for kind in find_kinds(scorer.parameters):
        said |= dict.fromkeys((kind.message, *kind.advice), f"the problem {kind.code}")
    for text, subject_of_text in said.items():
        if text and not chinese.get(text):
            yield f"no Chinese for {subject_of_text}: {text!r}"


def find_kinds(cls: type) -> Iterator[DiagnosticKind]:
    """The kinds of problems of a class's package."""
    for name in sources_of(cls):
        members = vars(sys.modules[name]).values()
        yield from (member for member in members if isinstance(member, DiagnosticKind) and member.code)


def find_classes(annotation: Any) -> Iterator[type]:  # noqa: ANN401  a type of any shape
    """The class of the keys, and those of parts within it."""
    if get_origin(annotation):
        for part in get_args(annotation):
            yield from find_classes(part)
    elif isinstance(annotation, type) and attrs.has(annotation) and not issubclass(annotation, Syntax | Snippet):
        yield annotation
        for field in attrs.fields(annotation):
            if field.type is not annotation and not field.metadata.get(HIDDEN):
                yield from find_classes(field.type)
