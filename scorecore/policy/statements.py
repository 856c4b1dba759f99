"""A text of valid TOML as its statements, each with its words as they were written, for the layout.

TOML libraries that keep comments keep each where it was in the text, and do not know which values belong together.
What a layout needs is less than that: statements, comments and the ends of lines, in their order.
"""

from collections.abc import Iterator

from attrs import define, frozen

from scorecore.policy.tokens import Token, TokenKind, tokenize


@frozen
class Scalar:
    """A single value as it was written."""

    text: str


@frozen
class Pair:
    key: str
    """With its dots and quotes, but without blanks."""
    value: "Node"


@frozen
class Comment:
    text: str


class Break:
    """The end of a line."""


@frozen
class Bracket:
    """A list or an inline table: values or pairs, and the comments and line ends among them."""

    opening: str
    parts: tuple["Pair | Node | Comment | Break", ...]

    @property
    def closing(self) -> str:
        return "]" if self.opening == "[" else "}"

    @property
    def elements(self) -> list["Pair | Node"]:
        return [part for part in self.parts if not isinstance(part, Comment | Break)]

    @property
    def is_broken(self) -> bool:
        """Whether it is written on more than one line itself."""
        breaking = Comment | Break if self.elements else Comment
        return any(isinstance(part, breaking) for part in self.parts)

    @property
    def is_long(self) -> bool:
        """Whether it, or something in it, is written on more than one line."""
        nodes = (element.value if isinstance(element, Pair) else element for element in self.elements)
        return self.is_broken or any(isinstance(node, Bracket) and node.is_long for node in nodes)


Node = Scalar | Bracket


@frozen
class Statement:
    """A pair on a line of its own, with the comment after it."""

    pair: Pair
    comment: str = ""


@frozen
class TableHeader:
    opening: str
    """`[`, or `[[` for a table in a list."""
    path: tuple[str, ...]
    comment: str = ""


Piece = Statement | TableHeader | Comment | Break


def read_pieces(text: str) -> Iterator[Piece]:
    """Statements, headers, comments on lines of their own, and blank lines."""
    reader = _PieceReader([token for token in tokenize(text) if token.kind is not TokenKind.SPACE])
    while reader.position < len(reader.tokens):
        yield reader.read_piece()


@define
class _PieceReader:
    tokens: list[Token]
    position: int = 0

    def take(self) -> Token:
        """The next token."""
        token = self.tokens[self.position]
        self.position += 1
        return token

    def take_if(self, kind: TokenKind) -> Token | None:
        """The next token, if it is of a kind; it stays the next one if it is not."""
        is_next = self.position < len(self.tokens) and self.tokens[self.position].kind is kind
        return self.take() if is_next else None

    def read_piece(self) -> Piece:
        """A piece, and the end of its line."""
        if self.take_if(TokenKind.NEWLINE):
            return Break()
        piece: Piece
        if self.tokens[self.position].kind is TokenKind.COMMENT:
            piece = Comment(self.read_comment())
        elif self.tokens[self.position].kind is TokenKind.SIGN:
            piece = TableHeader(self.take().text, self.read_path(), self.read_comment())
        else:
            piece = Statement(self.read_pair(), self.read_comment())
        self.take_if(TokenKind.NEWLINE)
        return piece

    def read_comment(self) -> str:
        token = self.take_if(TokenKind.COMMENT)
        return token.text.rstrip() if token else ""

    def read_path(self) -> tuple[str, ...]:
        """The parts of a key as they are written, quotes included, up to the sign after it."""
        parts = [self.take().text]
        while self.take().is_sign("."):
            parts.append(self.take().text)
        return tuple(parts)

    def read_pair(self) -> Pair:
        return Pair(".".join(self.read_path()), self.read_value())

    def read_value(self) -> Node:
        token = self.take()
        return self.read_bracket(token.text) if token.kind is TokenKind.SIGN else Scalar(token.text)

    def read_bracket(self, opening: str) -> Bracket:
        parts: list[Pair | Node | Comment | Break] = []
        while not self.tokens[self.position].is_sign("]", "}"):
            token = self.tokens[self.position]
            if token.kind is TokenKind.COMMENT:
                parts.append(Comment(self.read_comment()))
            elif token.kind is TokenKind.NEWLINE:
                self.take()
                parts += [] if parts and isinstance(parts[-1], Break) else [Break()]
            elif token.is_sign(","):
                self.take()
            else:
                parts.append(self.read_value() if opening == "[" else self.read_pair())
        self.take()
        return Bracket(opening, tuple(parts))
