"""One proposal of a completion."""

from attrs import frozen


@frozen
class Suggestion:
    """A word that can be written at a place."""

    label: str
    """What is written, and shown."""
    kind: str
    """What it is: a kind of `Symbol`, or `key`, `word`, `section`, `policy`."""
    detail: str = ""
    """A few words beside it, such as its label."""
    documentation: str = ""
    """What it means, in Markdown."""
