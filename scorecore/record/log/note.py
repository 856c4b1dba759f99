"""Signed notes and checkpoints as C2SP has them: text that a person can read, paste and compare.

    example.com/payroll
    1042
    qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=

    — example.com/payroll Az3grl…

The three lines are the name of the log, how many entries it has and the root of its tree, in base64. Keys are texts,
too, as Go's `sumdb/note` writes them.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Final, Self

from attrs import field, frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from scorecore.record.log.tree import HASH

ED25519: Final = b"\x01"
SIGNATURE_START: Final = "— "
"""How a line with a signature begins."""
_KEY_ID: Final = 4
_PRIVATE: Final = "PRIVATE+KEY+"
LONGEST: Final = 1_000_000
"""How many characters a note may have: it is read before anything of it is known to be true."""


class NoteError(ValueError):
    """A text is not a note, a checkpoint or a key; or a signature of a known key is wrong."""


def read_binary(text: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise NoteError(f"`{text}` is not base64") from None
    if b64encode(data).decode() != text:
        raise NoteError(f"`{text}` is not base64 in its one spelling")
    return data


def _check_name(name: str) -> str:
    if not name or "+" in name or any(character.isspace() for character in name) or not name.isprintable():
        raise NoteError(f"`{name}` cannot name a key: it must not be empty, nor have spaces or +")
    return name


@frozen
class VerifierKey:
    """Who may sign, and what proves it: a name and a public key."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:_KEY_ID]

    def __str__(self) -> str:
        """The key as one line, to be given to everyone: `name+0123abcd+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read such a line; raises NoteError."""
        name, key_id, data = split_key(text.strip())
        key = cls(name, data)
        if key.key_id.hex() != key_id:
            raise NoteError(f"the key of `{name}` is damaged: {key_id} is not its fingerprint")
        return key

    def holds(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def split_key(text: str, key_type: bytes = ED25519) -> tuple[str, str, bytes]:
    """Name, fingerprint and the 32 bytes of a key of a type as one line; raises NoteError."""
    name, _, id_and_data = text.partition("+")
    key_id, _, data = id_and_data.partition("+")
    key = read_binary(data)
    if not key.startswith(key_type) or len(key) != len(key_type) + HASH:
        raise NoteError(f"the key of `{name}` is not Ed25519")
    return _check_name(name), key_id, key[len(key_type) :]


@frozen
class SigningKey:
    """A name and the 32 secret bytes of an Ed25519 key."""

    name: str = field()
    seed: bytes = field(repr=False)

    @name.validator
    def _named(self, _: object, value: str) -> None:
        _check_name(value)

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self._private().public_key().public_bytes_raw())

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def text(self) -> str:
        """The key as one secret line."""
        secret = b64encode(ED25519 + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{secret}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read such a line; raises NoteError, which never shows the secret."""
        if not text.strip().startswith(_PRIVATE):
            raise NoteError(f"a signing key begins with {_PRIVATE}")
        try:
            name, key_id, seed = split_key(text.strip().removeprefix(_PRIVATE))
        except NoteError:
            raise NoteError("the signing key is damaged") from None
        key = cls(name, seed)
        if key.verifier.key_id.hex() != key_id:
            raise NoteError("the signing key is damaged: its fingerprint is another")
        return key

    def sign_bytes(self, text: str) -> bytes:
        """The signature of a text alone."""
        return self._private().sign(text.encode())

    def sign(self, text: str) -> str:
        """The note of `text`, which ends in a new line, with one signature."""
        signature = b64encode(self.verifier.key_id + self.sign_bytes(text)).decode()
        return f"{text}\n{SIGNATURE_START}{self.name} {signature}\n"


def open_note(note: str, keys: Iterable[VerifierKey]) -> tuple[str, tuple[VerifierKey, ...]]:
    """The text of a note and which of `keys` signed it; others' signatures are passed over, as C2SP wants it.

    Raises NoteError where the text is not a note, or a known key did not sign this text.
    """
    if len(note) > LONGEST:
        raise NoteError("the note is too long")
    head, blank, tail = note.rpartition("\n\n")
    text, lines = head + "\n", tail.split("\n")
    if not blank or lines[-1] or len(lines) == 1:
        raise NoteError("there is no text, an empty line and signatures")
    keys_by_id = {(key.name, key.key_id): key for key in keys}
    signers: list[VerifierKey] = []
    for line in lines[:-1]:
        name, _, signature = line.removeprefix(SIGNATURE_START).partition(" ")
        if not line.startswith(SIGNATURE_START):
            raise NoteError(f"`{line}` is not a signature")
        _check_name(name)
        data = read_binary(signature)
        key = keys_by_id.get((name, data[:_KEY_ID]))
        if key and key not in signers:
            if not key.holds(text, data[_KEY_ID:]):
                raise NoteError(f"the signature of `{name}` is wrong")
            signers.append(key)
    return text, tuple(signers)


def is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(2**63)) and str(int(text)) == text


@frozen
class Checkpoint:
    """How many entries a log has and the root of its tree; `note` is the signed text, where there is one."""

    origin: str
    size: int
    root: bytes
    note: str = field(default="", eq=False)

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    def signed(self, key: SigningKey) -> Self:
        return type(self)(self.origin, self.size, self.root, key.sign(self.text))

    @classmethod
    def parse(cls, note: str, keys: Iterable[VerifierKey] = ()) -> tuple[Self, tuple[VerifierKey, ...]]:
        """A signed checkpoint and which of `keys` signed it; raises NoteError.

        Further lines of the text are allowed, as C2SP has it, and mean nothing.
        """
        text, signers = open_note(note, keys)
        lines = text.split("\n")
        if len(lines) < len(("origin", "size", "root", "")):
            raise NoteError("a checkpoint has three lines: the log, its size, its root")
        origin, size, root = lines[:3]
        if not origin or not is_count(size):
            raise NoteError(f"`{size}` is not a number of entries")
        root_hash = read_binary(root)
        if len(root_hash) != HASH:
            raise NoteError(f"`{root}` is not a SHA-256")
        return cls(origin, int(size), root_hash, note), signers
