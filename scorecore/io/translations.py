"""Whole English sentences and their translations, from the catalogues that packages bring in `locale/`."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

LANGUAGES: Final = ("en", "zh")


@cache
def read_translations(language: str, packages: tuple[str, ...] = ("scorecore",)) -> Mapping[str, str]:
    """Translations by the English sentence; of a sentence about a count, by its singular and by its plural.

    The first package that has a sentence translates it. English needs no translation, and has none.
    """
    if language == "en":
        return {}
    translations: dict[str, str] = {}
    for package in packages:
        with files(package).joinpath("locale", f"{language}.po").open("rb") as file:
            messages = [message for message in read_po(file, locale=language) if message.id]
        translations = dict(pair for message in messages for pair in _forms(message)) | translations
    return translations


def _forms(message: Message) -> Iterator[tuple[str, str]]:
    """The English forms of a message, each with its translation; a language without plurals has one for all."""
    sentences = (message.id,) if isinstance(message.id, str) else message.id
    translations = (message.string,) if isinstance(message.string, str) else message.string or ()
    for number, sentence in enumerate(sentences):
        translation = translations[min(number, len(translations) - 1)]
        if translation:
            yield sentence, translation
