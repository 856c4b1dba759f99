"""The texts that belong to an open one: policies that it extends, those that extend it, and the cases of them all."""

from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen

from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import CASES, locate_cases
from scorecore.services.mentions import list_mentions
from scorecore.services.names import Mention, Names
from scorecore.services.open_texts import OpenTexts
from scorecore.services.tolerant_toml import TolerantDocument, read_tolerantly


@frozen(eq=False)
class TextFamily:
    """An open text, the policy that it is or that its cases are of, and what that policy extends."""

    texts: OpenTexts = field(repr=False)
    document: TolerantDocument
    chain: list[TolerantDocument]
    """The policy, then the one that it extends, and so on."""
    names: Names = field(repr=False)

    @classmethod
    def of(cls, texts: OpenTexts, source: Source) -> "TextFamily":
        document = read_tolerantly(source)
        policy = _find_policy(texts, source)
        chain = list(_extended(texts, read_tolerantly(policy))) if policy else []
        return cls(texts, document, chain, Names.of(chain))

    def list_policies(self) -> Iterator[tuple[Path, str, Source]]:
        """The policies in the folders of the text, with their paths and names."""
        return self.texts.list_policies(Path(self.document.source.name))

    def list_mentions(self) -> list[Mention]:
        """What the open text names."""
        return list_mentions(self.document, self.names, self.texts.plugins)

    def find_mention(self, offset: int) -> Mention | None:
        """What is named at a place of the open text."""
        return next((each for each in self.list_mentions() if each.span.touches(offset)), None)

    def list_relatives(self, owner: TolerantDocument) -> Iterator["TextFamily"]:
        """A policy and all that rests on it, each with its cases."""
        path = Path(owner.source.name)
        policies = {file: source for file, _, source in self.texts.list_policies(path)}
        policies.setdefault(path, owner.source)
        for file, source in policies.items():
            family = TextFamily.of(self.texts, source)
            if any(document.source.name == owner.source.name for document in family.chain):
                yield family
                cases = self.texts.read(locate_cases(file))
                if cases:
                    yield TextFamily(self.texts, read_tolerantly(cases), family.chain, family.names)


def _find_policy(texts: OpenTexts, source: Source) -> Source | None:
    """The policy that cases are of; a policy itself."""
    if not source.name.endswith(CASES):
        return source
    path = Path(source.name)
    return texts.read(path.with_name(path.name.removesuffix(CASES) + ".toml"))


def _extended(texts: OpenTexts, document: TolerantDocument) -> Iterator[TolerantDocument]:
    """A policy, and those that it extends."""
    seen = set[str]()
    while document.source.name not in seen:
        seen.add(document.source.name)
        yield document
        name = document.texts.get(("policy", "extends"))
        if not name:
            return
        policies = texts.list_policies(Path(document.source.name))
        parent = next((source for _, named, source in policies if named == name), None)
        if parent is None:
            return
        document = read_tolerantly(parent)
