"""Writes into a policy which state of its text it was written from."""

from scorecore.policy.regulation.cited import PolicyText
from scorecore.policy.toml import TomlScalar


def pin_text(text: PolicyText) -> str:
    """The text of a policy file with the digest of its written rule, below the key that names it."""
    lines = text.source.text.split("\n")
    pinned, named = (text.tree.get("policy", key) for key in ("text_digest", "text"))
    if isinstance(pinned, TomlScalar):
        number, column = pinned.location.line - 1, pinned.location.column - 1
        line = lines[number]
        lines[number] = f'{line[:column]}"{text.regulation.digest}"{line[column + pinned.length :]}'
    elif isinstance(named, TomlScalar):
        number = named.location.line - 1
        before = lines[number][: named.location.column - 1]
        width = max(len(before.partition("=")[0]), len("text_digest "))
        lines.insert(number + 1, f'{"text_digest":{width}}= "{text.regulation.digest}"')
    return "\n".join(lines)
