"""What is said of the name or key at a place."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
from attrs import frozen

from scorecore.diagnostics.diagnostic import Translate
from scorecore.diagnostics.source import Source
from scorecore.language.signatures import find_signatures
from scorecore.plugins import Scorer
from scorecore.policy.inputs import EventsDeclaration
from scorecore.policy.model import Policy
from scorecore.services import wording
from scorecore.services.names import RESULTS, Mention, Symbol
from scorecore.services.open_texts import OpenTexts
from scorecore.services.parts import describe_part
from scorecore.services.shapes import find_shape, list_choices, list_keys
from scorecore.services.text_family import TextFamily
from scorecore.services.tolerant_toml import KeyPath, Span, TolerantDocument
from scorecore.values.step_id import StepId
from scorecore.values.types import Type

_BUILT_IN: Final = frozenset({"function", "method"})


@frozen
class Hover:
    """Paragraphs about a piece of a text, in Markdown."""

    span: Span
    paragraphs: tuple[str, ...]

    @property
    def markdown(self) -> str:
        return "\n\n".join(self.paragraphs)


def find_hover(texts: OpenTexts, source: Source, offset: int, translate: Translate = str) -> Hover | None:
    """What is said of the name or the key at a place; None where there is neither."""
    family = TextFamily.of(texts, source)
    mention = family.find_mention(offset)
    if mention:
        return Hover(mention.span, tuple(_describe(family, mention, translate)))
    key = next((key for key in family.document.keys if key.span.touches(offset)), None)
    attribute = find_key(family.document, key.path, family.texts.plugins, _scorer_of(family, key.path)) if key else None
    if key is None or attribute is None:
        return None
    return Hover(key.span, tuple(describe_key(key.text.text, attribute, translate)))


def _scorer_of(family: TextFamily, path: KeyPath) -> str:
    return family.names.scorers.get(family.document.texts.get((*path[:2], "id"), ""), "")


def _describe(family: TextFamily, mention: Mention, translate: Translate) -> Iterator[str]:
    symbol, plugins = mention.symbol, family.texts.plugins
    if symbol.kind in _BUILT_IN:
        for written, gives in find_signatures(symbol.name, plugins.operators):
            yield f"{written}\n\n{translate(gives)}"
    elif symbol.kind == "scorer":
        yield from describe_scorer(symbol.name, plugins, translate)
    elif symbol.kind in {"result", "used", "variable"}:
        yield f"**`{symbol.name}`**"
        yield translate(wording.KINDS[symbol.kind])
    else:
        yield from describe_part(family, symbol, translate, _computed_type(family, symbol))


def _computed_type(family: TextFamily, symbol: Symbol) -> Type | None:
    """The type of what a policy computes; None of anything else, and while the policy has problems."""
    section = next((section for section, kind in RESULTS.items() if kind == symbol.kind), "")
    program = family.texts.check(family.chain[0].source).program if section and family.chain else None
    step = StepId(section, symbol.name)
    return program.step(step).type if program and program.has_step(step) else None


def describe_scorer(name: str, scorers: Mapping[str, Scorer], translate: Translate) -> Iterator[str]:
    """What a scorer does, and its keys."""
    if name not in scorers:
        return
    yield f"**`{name}`** {translate(scorers[name].summary)}"
    keys = list_keys(scorers[name].parameters, {})
    yield "\n".join(f"- `{key}`: {translate(attribute.metadata['about'])}" for key, attribute in keys.items())


def find_key(
    document: TolerantDocument, path: KeyPath, scorers: Mapping[str, Scorer], scorer: str = ""
) -> "attrs.Attribute[Any] | None":
    """The declaration of the key at the end of a path."""
    *before, name = path
    if not isinstance(name, str):
        return None
    own = document.texts.get((*path[:2], "scorer"), scorer) if path[:1] == ("items",) else ""
    if path[:1] == ("facts",) and len(path) == 3:  # noqa: PLR2004  of a table of events; the subject's are facts
        return list_keys(EventsDeclaration, {}).get(name)
    shape = find_shape(document, tuple(before), scorers, scorer) if before else Policy
    return list_keys(shape, scorers, own).get(name)


def describe_key(name: str, attribute: "attrs.Attribute[Any]", translate: Translate) -> Iterator[str]:
    """What a key means, which words it may have, and what it is where it is left out."""
    yield f"**`{name}`** {translate(attribute.metadata['about'])}"
    choices = list_choices(attribute.type)
    if choices and "true" not in choices:
        yield translate(wording.CHOICES).format(choices=", ".join(f"`{choice}`" for choice in choices))
    if isinstance(attribute.default, bool | int | str) and attribute.default != "":
        default = str(attribute.default).lower() if isinstance(attribute.default, bool) else attribute.default
        yield translate(wording.DEFAULT).format(value=f"`{default}`")
