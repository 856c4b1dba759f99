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
from scorecore.program.model import Account


def unexplained(subject: Subject) -> Iterator[str]:
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


def undocumented(subject: Subject, words: Mapping[str, str]) -> Iterator[str]:
    """What is not said, or not said in Chinese."""
    scorer, chinese = subject.scorer, {**subject.scorers.words.get("zh", {}), **words}
    if not scorer.summary.endswith("."):
        yield f"the first line of {scorer.parameters.__name__}'s docstring is no sentence: {scorer.summary!r}"
    said = {scorer.summary: "the summary"}
    for part in dict.fromkeys(classes(scorer.parameters)):
        for one in attrs.fields(part):
            about = str(one.metadata.get("about", "")).strip()
            if one.metadata.get(HIDDEN):
                continue
            if not about:
                yield f'the key `{one.name.rstrip("_")}` of {part.__name__} says nothing: declare it by key("…")'
            said[about] = f"the key `{one.name.rstrip('_')}`"
    for kind in kinds(scorer.parameters):
        said |= dict.fromkeys(kind.sentences, f"the problem {kind.code}")
    for text, of in said.items():
        if text and not chinese.get(text):
            yield f"no Chinese for {of}: {text!r}"


def kinds(cls: type) -> Iterator[DiagnosticKind]:
    """The kinds of problems of a class's package."""
    for name in sources_of(cls):
        found = vars(sys.modules[name]).values()
        yield from (one for one in found if isinstance(one, DiagnosticKind) and one.code)


def classes(of: Any) -> Iterator[type]:  # noqa: ANN401  a type of any shape
    """The class of the keys, and those of parts within it."""
    if get_origin(of):
        for part in get_args(of):
            yield from classes(part)
    elif isinstance(of, type) and attrs.has(of) and not issubclass(of, Syntax | Snippet):
        yield of
        for one in attrs.fields(of):
            if one.type is not of and not one.metadata.get(HIDDEN):
                yield from classes(one.type)
