"""The reader's language: whole sentences from a catalogue, English where it has none."""

import locale
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, reduce
from importlib.resources import files
from typing import Final, TypeVar

from babel.messages.pofile import read_po

LANGUAGES: Final = ("en", "zh")
_VARIABLES: Final = ("SCORECORE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
_OPTION: Final = "--lang"


T = TypeVar("T")


class _Current:
    language = "en"
    learnt: Mapping[str, Mapping[str, str]] = {}
    """What plugins say, by language."""


def learn(words: Mapping[str, Mapping[str, str]]) -> None:
    """Let plugins speak the reader's language too; what the catalogue itself has, they cannot change."""
    _Current.learnt = words


def choose(arguments: Sequence[str]) -> None:
    """Set the language from `--lang` if it stands among the arguments, else from the locale.

    It is looked for before anything is parsed, so that help and mistakes in usage are in the right language too.
    """
    _Current.language = _named(arguments) or _from_locale()


def _named(arguments: Sequence[str]) -> str | None:
    for at, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == _OPTION:
            value = value or next(iter(arguments[at + 1 :]), "")
            return value if value in LANGUAGES else None
    return None


def _from_locale() -> str:
    named = next((os.environ[one] for one in _VARIABLES if os.environ.get(one)), None) or locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


@cache
def _catalogue(language: str) -> dict[str, str]:
    if language == "en":
        return {}
    path = files("scorecore_cli").joinpath("locale", f"{language}.po")
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def t(sentence: str, **params: object) -> str:
    """A whole sentence in the reader's language, its placeholders filled."""
    found = _catalogue(_Current.language).get(sentence) or of_plugin(sentence)
    return found.format_map(params) if params else found


def of_plugin(sentence: str) -> str:
    """A sentence as plugins say it in the reader's language; what none of them has stays as it is."""
    return _Current.learnt.get(_Current.language, {}).get(sentence, sentence)


def in_every_language(of: Callable[[], T]) -> list[T]:
    """What something is in each language."""
    chosen = _Current.language
    try:
        found = []
        for language in LANGUAGES:
            _Current.language = language
            found.append(of())
        return found
    finally:
        _Current.language = chosen


def several(sentences: Iterable[str]) -> str:
    """Sentences that stand in one line, each once."""
    return reduce(lambda before, after: t("{before}; {after}", before=before, after=after), dict.fromkeys(sentences))


def current() -> str:
    return _Current.language
