"""A branch's own layout."""

from collections.abc import Iterable, Sequence

from scorecore.plugin import Block, Explanation, Renderer, hookimpl


def render(_explanation: Explanation, blocks: Sequence[Block], _language: str) -> str:
    return blocks[99].heading


@hookimpl
def renderers() -> Iterable[Renderer]:
    return [Renderer("slip", "A slip.", render)]
