"""What a service says to people in their own language."""

from collections.abc import Mapping

from scorecore.diagnostics.diagnostic import Diagnostics, Translate
from scorecore.io.translations import LANGUAGES, read_translations
from scorecore.plugins import Plugins, installed, load_scorers


def translator(language: str, plugins: Plugins | None = None) -> Translate:
    """What gives the sentences of scorecore and of plugins in a language, `"en"` or `"zh"`.

    `message`, `advice` and `to_json` of diagnostics, and `to_json` of decisions and explanations, take it. `plugins`
    are those that are installed, unless others are given. A sentence that nobody has translated stays English.

    Raises ValueError for another language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is not a language of scorecore: choose one of {', '.join(LANGUAGES)}")
    words = (load_scorers(installed(), Diagnostics()) if plugins is None else plugins).words
    sentences: Mapping[str, str] = {**words.get(language, {}), **read_translations(language)}
    return lambda sentence: sentences.get(sentence, sentence)
