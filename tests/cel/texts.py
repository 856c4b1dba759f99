"""An expression in both languages."""

from attrs import frozen

TERNARY, OR, AND, RELATION, SUM, PRODUCT, UNARY, PRIMARY = range(8)


@frozen
class Text:
    """An expression in both languages; `level` says how tightly its outermost operator binds."""

    ours: str
    cel: str
    level: int

    def in_place_of(self, level: int) -> "Text":
        """The same, in brackets if it would fall apart where `level` is needed."""
        return self if self.level >= level else spelled(PRIMARY, "(", self, ")")


def dyn(text: Text) -> Text:
    """CEL's checker wants `dyn` where an integer meets a decimal."""
    return Text(text.ours, f"dyn({text.cel})", text.level)


def spelled(level: int, *parts: "str | Text") -> Text:
    ours = (part if isinstance(part, str) else part.ours for part in parts)
    theirs = (part if isinstance(part, str) else part.cel for part in parts)
    return Text("".join(ours), "".join(theirs), level)
