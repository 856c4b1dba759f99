"""The reader's language: whole sentences from a catalogue, English where it has none."""

import locale
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from pathlib import Path
from typing import Final, TypeVar

from scorecore.io.translations import LANGUAGES, read_translations
from scorecore_cli.visible_text import make_line

_VARIABLES: Final = ("SCORECORE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
_OPTION: Final = "--lang"


T = TypeVar("T")


class _Current:
    language = "en"
    learnt: Mapping[str, Mapping[str, str]] = {}
    """What plugins say, by language."""
    packages: tuple[str, ...] = ("scorecore",)
    """Those with a catalogue; the first that has a sentence translates it."""


_spoken: ContextVar[str] = ContextVar("_spoken", default="")
"""The language of one reader among many, where they are not all served in that of the process."""


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language to one reader, whichever others are spoken to at the same time."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def add_catalogue(package: str) -> None:
    """Let another package speak the reader's language from its own `locale/`."""
    if package not in _Current.packages:
        _Current.packages = (*_Current.packages, package)


def learn_plugin_words(words: Mapping[str, Mapping[str, str]]) -> None:
    """Let plugins speak the reader's language too; what the catalogue itself has, they cannot change."""
    _Current.learnt = words


def choose(arguments: Sequence[str]) -> None:
    """Set the language from `--lang` if it is among the arguments, else from the locale.

    It is looked for before anything is parsed, so that help and mistakes in usage are in the right language too.
    """
    _Current.language = _language_option(arguments) or _locale_language()


def choose_of_client(name: str) -> None:
    """Set the language to that of a program which starts this one, such as `zh-cn`, unless `--lang` says another."""
    if name and not _language_option(sys.argv):
        _Current.language = "zh" if name.lower().startswith("zh") else "en"


def _language_option(arguments: Sequence[str]) -> str | None:
    for position, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == _OPTION:
            value = value or next(iter(arguments[position + 1 :]), "")
            return value if value in LANGUAGES else None
    return None


def _locale_language() -> str:
    named = (
        next((os.environ[variable] for variable in _VARIABLES if os.environ.get(variable)), None)
        or locale.getlocale()[0]
        or ""
    )
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def _(sentence: str, **params: object) -> str:
    """A whole sentence in the reader's language, its placeholders filled."""
    translated = read_translations(current(), _Current.packages).get(sentence) or translate_plugin_sentence(sentence)
    return translated.format_map({name: _shown(param) for name, param in params.items()}) if params else translated


def _shown(param: object) -> object:
    """What fills a placeholder: a text or a path stays in its line, and does nothing to a terminal."""
    return make_line(str(param)) if isinstance(param, str | Path) else param


def ngettext(singular: str, plural: str, count: int, **params: object) -> str:
    """A sentence about `{count}` things in the reader's language."""
    return _(singular if count == 1 else plural, count=count, **params)


def translate_plugin_sentence(sentence: str) -> str:
    """A sentence as plugins say it in the reader's language; what none of them has stays as it is."""
    return _Current.learnt.get(current(), {}).get(sentence, sentence)


def in_every_language(read: Callable[[], T]) -> list[T]:
    """What something is in each language."""
    return [in_language(language, read) for language in LANGUAGES]


def in_language(language: str, read: Callable[[], T]) -> T:
    """What something is in a language."""
    with speaking(language):
        return read()


def join_sentences(sentences: Iterable[str]) -> str:
    """Sentences in one line, each once."""
    return reduce(lambda before, after: _("{before}; {after}", before=before, after=after), dict.fromkeys(sentences))


def current() -> str:
    return _spoken.get() or _Current.language
