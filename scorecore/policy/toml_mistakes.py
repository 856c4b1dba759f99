"""What is wrong with a text that is not TOML: what is marked, and what to write there instead.

tomli stops at the first mistake. The statement that has it can be left out, so that all mistakes are found in one run.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from tomli import TOMLDecodeError

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location

UNREADABLE: Final = "\0"
"""The value of a key whose statement was left out."""
_KEY: Final = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH: Final = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_PAIR: Final = re.compile(rf"[ \t]*(?P<path>{_PATH})[ \t]*=")
_HEADING: Final = re.compile(r"[ \t]*\[\[?(?P<path>[^\[\]=,{}#]*)\]{0,2}[ \t]*(?:#.*)?$")
_UNCLOSED: Final = frozenset({"Unclosed array", "Unclosed inline table"})
_TWICE: Final = ("Cannot declare", "Cannot overwrite a value", "Duplicate inline table key")


def describe_mistake(name: str, text: str, error: TOMLDecodeError) -> Diagnostic:
    """The diagnostic for what tomli says of a text that is called `name`."""
    lines = text.split("\n")
    line, start = lines[error.lineno - 1], error.colno - 1
    if error.msg.startswith(_TWICE):
        repeated = _describe_repeated(name, lines, error)
        if repeated:
            return repeated
    for find in (_find_misspelt_number, _find_foreign_sign, _find_early_end, _find_bare_text, _find_sign):
        marked = find(line, start, error.msg)
        if marked:
            column, length, params = marked
            return Diagnostic(catalogue.UNEXPECTED_IN_TOML, Location(name, error.lineno, column + 1), params, length)
    params = {"reason": _clean(error.msg)}
    if error.msg in _UNCLOSED and line[start:].strip():
        params["bracket"] = "]" if error.msg == "Unclosed array" else "}"
    return Diagnostic(catalogue.NOT_TOML, Location(name, error.lineno, error.colno), params)


def _clean(message: str) -> str:
    """Tomli's words with a small first letter, and names as a policy has them."""
    message = re.sub(r"\('([^)]*)',?\)", lambda match: match[1].replace("', '", "."), message)
    return message[:1].lower() + message[1:]


Marked = tuple[int, int, dict[str, str]]
"""Where in its line something begins, how long it is, and what is said of it."""


def _write_date(text: str) -> str:
    """A date as TOML has it; empty if there is no such day."""
    year, month, day = map(int, re.findall(r"\d+", text))
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


_NUMBERS: Final = (
    (re.compile(r"(?<![\w.,])[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])"), lambda text: text.replace(",", "_")),
    (re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?[ \t]*[%％]"), lambda text: f"{Decimal(text[:-1].strip()) / 100:f}"),
    (re.compile(r"(?<![\w-])\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?![\w-])"), _write_date),
    (re.compile(r"(?<![\w.])[-+]?\.\d+(?![\w.])"), lambda text: text.replace(".", "0.")),
    (re.compile(r"(?<![\w.])[-+]?\d+\.(?![\w.])"), lambda text: f"{text}0"),
)
"""Numbers and dates as people write them, and how TOML does."""


def _find_misspelt_number(line: str, start: int, _message: str) -> Marked | None:
    for pattern, write in _NUMBERS:
        for match in pattern.finditer(line):
            # after `min = 1,000` the mistake is found at the end of the table
            if (
                match.start()
                <= start
                <= match.end() + len(line[match.end() :]) - len(line[match.end() :].lstrip(" }]"))
            ):
                instead = write(match[0])
                is_misspelt = instead not in {"", match[0]}
                return (match.start(), len(match[0]), _say(match[0], instead)) if is_misspelt else None
    return None


_INSTEAD: Final = {"“": '"', "”": '"', "‘": "'", "’": "'", "、": ",", "。": ".", "【": "[", "】": "]"}
"""What an input method writes in place of a sign of TOML, beside full-width signs."""


def _find_foreign_sign(line: str, start: int, _message: str) -> Marked | None:
    """A sign of an input method, a run of full-width letters or digits, or a blank that is none to TOML."""
    character = line[start : start + 1]
    if not character or character.isascii():
        return None
    if unicodedata.category(character) in {"Zs", "Cf"}:
        shown = f"U+{ord(character):04X}"
        return start, 1, {"text": shown, "blank": shown}
    if character in _INSTEAD:
        return start, 1, _say(character, _INSTEAD[character])
    end = start
    while end < len(line) and not line[end].isascii() and unicodedata.normalize("NFKC", line[end]).isascii():
        end += 1
        if not line[end - 1].isalnum():
            break
    if end > start:
        return start, end - start, _say(line[start:end], unicodedata.normalize("NFKC", line[start:end]))
    word = _WORD.match(line, start)
    return (
        (start, len(word[0]), {"text": word[0], "key": word[0]})
        if word and line[start - 1 : start] not in _QUOTES
        else None
    )


_WORD: Final = re.compile(r"[^\s=.,:;\[\]{}'\"#]+")
_QUOTES: Final = frozenset({"'", '"'})


def _find_early_end(line: str, start: int, _message: str) -> Marked | None:
    """What follows a quotation mark within a text, where the text has ended: `amount = 'post == '导诊' ? 1 : 0'`."""
    quote, word = line[start - 1 : start], _WORD.match(line, start)
    if start == 0 or quote not in _QUOTES or word is None:
        return None
    other = "'" if quote == '"' else '"'
    return start, len(word[0]), {"text": word[0], "quote": quote, "outside": other * 3 if other in line else other}


_BARE: Final = re.compile(r"[A-Za-z_(!][^#\n]*?(?=[ \t]*(?:[,}\]]|#|$))")


def _find_bare_text(line: str, start: int, message: str) -> Marked | None:
    """A text, or an expression, without quotes."""
    bare = _BARE.match(line, start) if message == "Invalid value" else None
    if bare is None:
        return None
    text = bare[0].rstrip("\"'")
    if text.lower() in {"true", "false"}:
        return start, len(text), _say(text, text.lower())
    quote = "'" if '"' in text else '"'
    return start, len(text), _say(text, f"{quote}{text}{quote}")


_SIGNS: Final = {":": "=", ";": "", "//": "#", "--": "#"}


def _find_sign(line: str, start: int, _message: str) -> Marked | None:
    """A sign that stands for another one in other formats; a comment of another language."""
    for sign, instead in _SIGNS.items():
        if line.startswith(sign, start):
            return start, len(sign), _say(sign, instead) if instead else {"text": sign}
    return None


def _say(text: str, instead: str) -> dict[str, str]:
    return {"text": text, "instead": instead}


# what is named twice


def _describe_repeated(name: str, lines: list[str], error: TOMLDecodeError) -> Diagnostic | None:
    """A heading, or a key of one table, that was there before."""
    number = error.lineno - 1
    heading = _HEADING.match(lines[number])
    pair = _PAIR.match(lines[number])
    if heading:
        path = _plain_path(heading["path"])
        first = next((before for before in range(number) if _is_heading_of(lines[before], path)), None)
        shown, column = lines[number].split("#")[0].strip(), len(lines[number]) - len(lines[number].lstrip())
    elif pair:
        path = _plain_path(pair["path"])
        first = _find_pair(lines, number, path)
        shown, column = ".".join(path), pair.start("path")
    else:
        return None
    if first is None:
        return None
    params = {"name": shown, "first": str(first + 1)}
    return Diagnostic(catalogue.NAMED_TWICE, Location(name, error.lineno, column + 1), params, len(shown))


def _plain_path(path: str) -> list[str]:
    return [part.strip().strip("\"'") for part in path.split(".")]


def _is_heading_of(line: str, path: list[str]) -> bool:
    heading = _HEADING.match(line)
    return heading is not None and _plain_path(heading["path"]) == path


def _find_pair(lines: list[str], number: int, path: list[str]) -> int | None:
    """The line before that has a key of the same table."""
    for before in range(number - 1, -1, -1):
        pair = _PAIR.match(lines[before])
        if _HEADING.match(lines[before]):
            return None
        if pair and _plain_path(pair["path"]) == path:
            return before
    return None


# leaving out


class KeptText(NamedTuple):
    """A text without a statement; all others stay on the same lines."""

    text: str
    line: int
    """Where the statement began, from 0."""
    lost: frozenset[str]
    """The words of the statement, which may be names."""
    is_pair: bool
    """Whether it is a key with a value, and not a heading; the key is still there, with the value UNREADABLE."""


def leave_out_statement(text: str, error: TOMLDecodeError) -> KeptText | None:
    """The text without the statement in which a mistake was found; None where there is no telling which it is."""
    lines = text.split("\n")
    number = min(error.lineno - 1, len(lines) - 1)
    is_next = error.msg in _UNCLOSED and not lines[number][: error.colno - 1].strip() and _is_start(lines[number])
    start = number - 1 if is_next else number
    if error.msg == "Invalid statement" or (not _is_start(lines[start]) and error.msg.startswith("Expected '='")):
        return KeptText(
            "\n".join([*lines[:start], "", *lines[start + 1 :]]), start, _words(lines[start]), is_pair=False
        )
    while start >= 0 and not _is_start(lines[start]):
        start -= 1
    if start < 0:
        return None
    pair = _PAIR.match(lines[start])
    begins = _HEADING.match if pair is None else _is_start  # with a heading goes all that is under it
    end = next((later for later in range(start + 1, len(lines)) if begins(lines[later])), len(lines))
    is_repeated = error.msg.startswith(_TWICE)
    first = "" if pair is None or is_repeated else f'{pair[0]} "\\u0000"'
    first += "," if first and lines[end - 1].rstrip().endswith(",") else ""
    kept = [*lines[:start], first, *[""] * (end - start - 1), *lines[end:]]
    return KeptText("\n".join(kept), start, _words(*lines[start:end]), is_pair=pair is not None)


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in re.findall(r"[A-Za-z]\w*", line))


def _is_start(line: str) -> bool:
    """Whether a statement begins on a line."""
    return _PAIR.match(line) is not None or _HEADING.match(line) is not None
