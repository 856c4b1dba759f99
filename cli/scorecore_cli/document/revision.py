"""Two versions of a document side by side: the articles that were added, left out or changed, and in which words."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import Enum
from typing import Final

from attrs import frozen

from scorecore_cli.document.model import Article, PolicyDocument

_WORD: Final = re.compile(r"\w(?<![\u3400-\u9fff])(?:\w(?<![\u3400-\u9fff])|[.,](?=\d))*|.", re.DOTALL)
"""A word or a figure; a Chinese character is one by itself."""


class Change(Enum):
    """What becomes of some words."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


Span = tuple[Change, str]


@frozen
class Amendment:
    """An article that is not the same in both versions; None where a version has none."""

    before: Article | None
    after: Article | None

    @property
    def title(self) -> str:
        article = self.after or self.before
        return article.title if article else ""

    @property
    def clause(self) -> str:
        article = self.after or self.before
        return article.clause if article else ""


@frozen
class Revision:
    """What a new version changes."""

    amendments: tuple[Amendment, ...]
    """In the order of the new version, and then those that it leaves out."""
    unchanged: int
    """How many articles are the same."""


def compare_documents(before: PolicyDocument, after: PolicyDocument) -> Revision:
    """The articles of two versions, matched by the part of the policy that they are about."""
    earlier = {article.part: article for _number, article in before.number_articles()}
    later = {article.part: article for _number, article in after.number_articles()}
    amendments = [
        Amendment(earlier.get(part), article) for part, article in later.items() if earlier.get(part) != article
    ]
    unchanged = len(later) - len(amendments)
    amendments += [Amendment(article, None) for part, article in earlier.items() if part not in later]
    return Revision(tuple(amendments), unchanged)


def mark_changes(before: str, after: str) -> Iterator[Span]:
    """The words of both texts in one row, with what becomes of each."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    for tag, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Change.KEPT, "".join(old[start:end])
            continue
        if end > start:
            yield Change.REMOVED, "".join(old[start:end])
        if new_end > new_start:
            yield Change.ADDED, "".join(new[new_start:new_end])
