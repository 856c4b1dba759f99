"""Where a name is declared, and where it is used."""

from scorecore.diagnostics.source import Source
from scorecore.services.names import Mention, Symbol
from scorecore.services.open_texts import OpenTexts
from scorecore.services.text_family import TextFamily
from scorecore.services.tolerant_toml import TolerantDocument

LOCAL: str = "variable"
"""Names that an expression or an item gives to its events: nobody else can use them."""


def find_definition(texts: OpenTexts, source: Source, offset: int) -> Mention | None:
    """The declaration of what is named at a place: in the policy that everything rests on, if it has one."""
    family = TextFamily.of(texts, source)
    named = family.find_mention(offset)
    if named is None:
        return None
    if named.symbol.kind == LOCAL:
        return next(filter(lambda each: each.declares, _list_local(family, named.symbol)), None)
    declarations = family.names.declared.get(named.symbol, [])
    return next(iter(declarations), None)


def find_references(texts: OpenTexts, source: Source, offset: int, *, with_declarations: bool = True) -> list[Mention]:
    """All places of a name: in the policy, what it rests on, what rests on it, and the cases of them all."""
    family = TextFamily.of(texts, source)
    named = family.find_mention(offset)
    if named is None:
        return []
    mentions = list_uses(family, named.symbol)
    return [each for each in mentions if with_declarations or not each.declares]


def list_uses(family: TextFamily, symbol: Symbol) -> list[Mention]:
    """All places of a name, in the order of the files."""
    if symbol.kind == LOCAL:
        return _list_local(family, symbol)
    owner = find_owner(family, symbol)
    if owner is None:
        return [each for each in family.list_mentions() if each.symbol == symbol]
    relatives = family.list_relatives(owner)
    return [each for relative in relatives for each in relative.list_mentions() if each.symbol == symbol]


def find_owner(family: TextFamily, symbol: Symbol) -> TolerantDocument | None:
    """The policy that declares a name first; None if none does."""
    declarations = family.names.declared.get(symbol)
    if not declarations:
        return None
    return next(document for document in family.chain if document.source is declarations[0].source)


def _list_local(family: TextFamily, symbol: Symbol) -> list[Mention]:
    return [each for each in family.list_mentions() if each.symbol == symbol]
