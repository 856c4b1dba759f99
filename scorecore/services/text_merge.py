"""Two people have changed one text: both changes, where they are about different lines."""

from collections.abc import Sequence
from difflib import SequenceMatcher, unified_diff

from attrs import frozen


@frozen
class _LineChange:
    """Lines of the common text, from `start` to before `stop`, and what somebody has put there."""

    start: int
    stop: int
    lines: tuple[str, ...]

    def meets(self, other: "_LineChange") -> bool:
        """Whether both are about the same lines, or about lines that touch: nobody knows what is to be between them."""
        return self.start <= other.stop and other.start <= self.stop


def merge_texts(base: str, mine: str, theirs: str) -> str | None:
    """The common text with the changes of both; None where they meet, and are not the same."""
    lines = base.splitlines(keepends=True)
    own, foreign = _list_changes(lines, mine), _list_changes(lines, theirs)
    if any(change != other and change.meets(other) for change in own for other in foreign):
        return None
    for change in sorted({*own, *foreign}, key=lambda change: (change.start, change.stop), reverse=True):
        lines[change.start : change.stop] = change.lines
    return "".join(lines)


def _list_changes(base: Sequence[str], text: str) -> list[_LineChange]:
    lines = text.splitlines(keepends=True)
    matcher = SequenceMatcher(None, base, lines, autojunk=False)
    return [
        _LineChange(start, stop, tuple(lines[first:last]))
        for tag, start, stop, first, last in matcher.get_opcodes()
        if tag != "equal"
    ]


def list_differences(before: str, after: str) -> list[str]:
    """The lines that differ, with - and + before them, and a line around each."""
    differences = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [line for line in differences if not line.startswith(("---", "+++"))]
