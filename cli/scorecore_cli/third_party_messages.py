"""What other libraries say in English: whole sentences that are recognised, so that the catalogue can have them.

click, tomli, SQLite and the operating system hand over sentences whose placeholders are filled. A sentence that is not
known here is shown as it came.
"""

import os
import re
from collections.abc import Iterator
from functools import cache
from string import Formatter
from typing import Final

from scorecore_cli.language import _, translate_plugin_sentence

CLICK: Final = (
    "Invalid value for {name}: {message}",
    "Missing argument {name}.",
    "Missing option {name}.",
    "Missing command.",
    "No such option {name}. Did you mean {nearest}?",
    "No such option {name}. (Did you mean one of: {nearest}?)",
    "No such option {name}.",
    "No such command {name}. Did you mean {nearest}?",
    "No such command {name}. (Did you mean one of: {nearest}?)",
    "No such command {name}.",
    "Got unexpected extra argument ({arguments})",
    "Got unexpected extra arguments ({arguments})",
    "Option {name} requires an argument.",
    "Option {name} does not take a value.",
    "{value} is not a valid integer range.",
    "{value} is not in the range {range}.",
    "{value} is not one of {choices}.",
    "Path {path} does not exist.",
    "Path {path} is not readable.",
    "File {path} does not exist.",
    "File {path} is a directory.",
    "File {path} is not readable.",
    "Directory {path} does not exist.",
    "Directory {path} is a file.",
    "Directory {path} is not readable.",
    "Could not open file {path}: {message}",
)
TOML: Final = (
    "invalid statement",
    "expected newline or end of document after a statement",
    "expected '=' after a key in a key/value pair",
    "expected ']' at the end of a table declaration",
    "expected ']]' at the end of an array declaration",
    "expected '{what}'",
    'expected "{what}"',
    "found invalid character {character}",
    "illegal character {character}",
    "cannot declare {key} twice",
    "cannot overwrite a value",
    "cannot mutate immutable namespace {key}",
    "cannot redefine namespace {key}",
    "invalid initial character for a key part",
    "unclosed array",
    "unclosed inline table",
    "duplicate inline table key {key}",
    "unescaped '\\' in a string",
    "invalid hex value",
    "escaped character is not a Unicode scalar value",
    "unterminated string",
    "invalid date or datetime",
    "invalid value",
)
"""They begin with a small letter, as the reasons of problems do."""
SYSTEM: Final = (
    "no such file or folder",
    "No such file or directory",
    "Permission denied",
    "Is a directory",
    "Not a directory",
    "File exists",
    "File name too long",
    "Read-only file system",
    "No space left on device",
    "Bad file descriptor",
    "not writable",  # a stream that is closed
)
FILES: Final = (
    "a quote does not end, or a cell is too long",
    "a cell has more than 131,072 characters",
    "a row has more than 100,000 cells",
    "{rows} more rows have more cells than there are headings",
    "it is not a Parquet file, or it is damaged",
    "its files do not have the same columns",
    "it is not a workbook, or it is damaged",
    "it is protected by a password",
    "it unpacks to far more data than a workbook of facts has",
    "it takes too much time or memory",
    "a text in it has more than 32,767 characters",
    "{cells} cells below {headings} headings",
    "a line ends among the headings",
    "`{code}` is half of a character",
    "`{key}` occurs twice",
    "not valid JSON at column {column}",
    "brackets are nested too deeply",
)
"""What keeps a file of facts from being read, as the readers say it."""
DATABASE: Final = (
    "unable to open database file",
    "disk I/O error",
    "database or disk is full",
    "database disk image is malformed",
    "attempt to write a readonly database",
    "row {row} missing from index {index}",
    "wrong # of entries in index {index}",
    "file is not a database",
    "no such table: {table}",
    "no such column: {column}",
    "database is locked",
    "two of its columns are named `{column}`",
    "the password has a sign that is written with % in a URL, such as %40 for @ and %2F for /",
)
"""What SQLite says, of a record or of facts, what its check of the pages finds, and what drivers of ours say."""
PLUGINS: Final = (
    "{found} is not of type Scorer",
    "{found} is not of type Operator",
    "{found} is not of type Check",
    "{found} is not of type Reader",
    "{found} is not of type Writer",
    "{found} is not of type Renderer",
    "{found} is not sentences by language",
    "{name}: no attrs class with a method `entries`",
    "{name}: its class has no docstring",
    "{name}: no function with a docstring",
    "{name}: its key `{key}` has the name of a key that every item has",
    "{name}: its hidden field `{key}` needs a default",
    "{name}: its field `{key}` is not declared with `key(…)` or `hidden(…)`",
    "{name}: its key `{key}` has a default that can be changed; use a tuple, or `factory`",
    "{name}: its key `{key}` has the default {value}, which is not exact",
    "{name}: its key `{key}` has a type that cannot be read: {type}",
    "{name}: its annotations cannot be read: {error}",
    "{name}: the code {code} begins with SC, as those of scorecore do",
    "its hook `{hook}` returns {found} and not a list",
    "{name}: its operands are not plain parameters",
    "{name}: it has no operands",
    "{name}: the language has this name, or cannot have it",
    "{name}: it has no name",
    "{name}: it does not say what it is for",
    "{name}: its endings are not written like `.sqlite`",
    "{name}: its schemes are not written like `postgresql`",
    "{name}: scorecore reads {endings} itself",
    "{name}: `{what}` is not a function",
    "Argument(s) {names} are declared in the hookimpl but can not be found in the hookspec",
    "unknown hook {hook} in plugin {plugin}",
)
SENTENCES: Final = (*CLICK, *TOML, *SYSTEM, *FILES, *DATABASE, *PLUGINS)
"""The special before the general: the first that fits is taken."""


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((sentence, re.compile("".join(_parts(sentence)), re.DOTALL)) for sentence in SENTENCES)


def _parts(sentence: str) -> Iterator[str]:
    for words, blank, _format, _conversion in Formatter().parse(sentence):
        yield re.escape(words)
        if blank:
            yield f"(?P<{blank}>.+)"


def describe_os_error(error: OSError) -> str:
    """What the operating system refused, and of which file, in the reader's language."""
    reason = translate_third_party(error.strerror or str(error))
    if error.filename is None:
        return _("the output cannot be written: {reason}", reason=reason)
    return translate_third_party(f"Could not open file '{os.fsdecode(error.filename)}': {reason}")


def translate_third_party(sentence: str) -> str:
    """A sentence of another library in the reader's language; a placeholder may hold a sentence itself."""
    for english, pattern in _patterns():
        match = pattern.fullmatch(sentence)
        if match:
            return _(english, **{name: translate_third_party(value) for name, value in match.groupdict().items()})
    return translate_plugin_sentence(sentence)
