"""Where a clause begins in a text: its number, or numbers that share a line (第七条、第八条; 第十条至第十二条)."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from attrs import frozen

from scorecore.policy.regulation.markers import DIVISIONS, DOTTED, NAMED, ClauseMarker, read_marker

Chain = tuple[ClauseMarker, ...]
_ENDS: Final = re.compile(r"\s|$|[、.:]")
"""What must follow a number that is not in brackets."""
_SKIPPED: Final = re.compile(r"[、.:]?\s*")
_COUNTED: Final = "年月日天周星时小分秒个元万千百亿次名人户笔份件条款项章节级档倍成折号度位家起页字%‰方季半大类种"
"""After a number in a sentence: what it counts."""
_JOINT: Final = re.compile(r"\s?[、至到]\s?")
_MAX_TOGETHER: Final = 20
"""Clauses that are numbered one by one in one line."""
_NAME: Final = re.compile(r"(?![至到])[^\W\d_]{1,4}")
_BARE: Final = frozenset({"一", "1", DOTTED, ""})
_ENCLOSED: Final = frozenset({"(一)", "(1)", "①"})


@frozen
class Labels:
    chains: tuple[Chain, ...]
    end: int
    """Where the text of the clause begins."""
    is_range: bool = False


def read_labels(
    text: str,
    offset: int,
    names: Collection[str],
    last_numbers: Mapping[str, tuple[int, ...]],
    *,
    begins_line: bool | None = None,
) -> Labels | None:
    """The numbers of a clause that begins at `offset`; None if none does.

    `names` are headings with numbers that the text has had; `last_numbers` has for each open form the number that was
    reached. `begins_line` says at the beginning of a line whether a new name may stand there; None is inside a line.
    """
    for chain, chain_end in _read_chains(text, offset, names, may_name=bool(begins_line)):
        if not _is_label(text, chain, chain_end, last_numbers, begins_line=begins_line is not None):
            continue
        chains, end, is_range = [chain], chain_end, False
        while (joint := _JOINT.match(text, end)) and len(chains) < _MAX_TOGETHER:
            following = next(_read_chains(text, joint.end(), (), may_name=False), None)
            if following is None or not (_ENDS.match(text, following[1]) or _is_enclosed(following[0])):
                break
            is_range = is_range or joint[0].strip() != "、"
            chains, end = [*chains, following[0]], following[1]
        skipped = _SKIPPED.match(text, end)
        return Labels(tuple(chains), skipped.end() if skipped else end, is_range)
    return None


def _is_enclosed(chain: Chain) -> bool:
    return chain[-1].form in _ENCLOSED


def _read_chains(text: str, offset: int, names: Collection[str], *, may_name: bool) -> Iterator[tuple[Chain, int]]:
    """The chains of numbers at a place, the longest first; with a word between them, if it may be a name."""
    chain, end = read_chain(text, offset, names)
    ends = [offset]
    for _ in chain:
        ends.append(_find_end(text, ends[-1], names))
    word = _NAME.match(text, end) if may_name else None
    for length in range(1, len(word[0]) + 1 if word else 1):
        below, below_end = read_chain(text, end + length, names)
        if below and (below[0].form not in DIVISIONS or len(below) > 1):
            yield (*chain, ClauseMarker(NAMED, name=text[end : end + length]), *below), below_end
    for length in range(len(chain), 0, -1):
        yield chain[:length], ends[length]


def _find_end(text: str, offset: int, names: Collection[str]) -> int:
    name = max((name for name in names if text.startswith(name, offset)), key=len, default="")
    read = read_marker(text, offset)
    return offset + len(name) if name else read[1] if read else offset


def read_chain(text: str, offset: int, names: Collection[str]) -> tuple[Chain, int]:
    """All numbers and names that follow each other without a gap."""
    chain: list[ClauseMarker] = []
    while True:
        name = max((name for name in names if text.startswith(name, offset)), key=len, default="")
        read = (ClauseMarker(NAMED, name=name), offset + len(name)) if name else read_marker(text, offset)
        if read is None:
            return tuple(chain), offset
        marker, end = read
        if chain and marker.form in {"1", DOTTED} and chain[-1].form in {"1", DOTTED}:
            return tuple(chain), offset
        chain.append(marker)
        offset = end


def _is_label(
    text: str, chain: Chain, end: int, last_numbers: Mapping[str, tuple[int, ...]], *, begins_line: bool
) -> bool:
    first, last = chain[0], chain[-1]
    before = last_numbers.get(first.form, (0,))
    if last.form == NAMED:
        return False
    is_ended = bool(_ENDS.match(text, end)) or text.startswith("至", end)
    follows = text[end:].lstrip()[:1]
    is_counting = bool(follows) and follows in _COUNTED
    is_following = len(chain) == 1 and first.number == (*before[:-1], before[-1] + 1)
    if last.form in _BARE and not is_ended:  # 1客户资料5%;2客户服务制度10%
        return last.form == "1" and is_following and not is_counting and follows.isalpha()
    if begins_line:
        return True
    if first.form in DIVISIONS and not is_ended:
        return False
    if last.form in _BARE and is_counting and not is_following:
        return False
    return first.form == NAMED or first.number > before or (len(chain) > 1 and first.number == before)
