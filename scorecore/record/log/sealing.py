"""What keeps payloads private and lets them be erased: salts, keys and pseudonyms.

A payload is compressed and encrypted under a key of its subject. The salt of its commitment lies inside, so nobody
who cannot open the payload can try out guesses, and once the key is destroyed the commitment says nothing.

The keys are in the vault. In records of format 1 they are in the record's own file, and can be wrapped under a `lock`.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

import zstandard
from attrs import frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Chance = Callable[[int], bytes]
"""So many bytes that nobody can guess, such as `os.urandom`."""


def no_chance(count: int) -> bytes:
    """The chance of who only reads."""
    raise ValueError(f"{count} random bytes are needed, and the log was opened to be read")


SECRET: Final = 32
"""How many bytes a key and a salt have."""
NONCE: Final = 12
_LEVEL: Final = 1
"""Higher levels gain 4 % on a decision and take longer."""
_LARGEST: Final = 1 << 30
"""No payload or part is larger than a gigabyte; a damaged length asks for no more memory."""


class SealError(ValueError):
    """Bytes are not what they should be; the text says why."""


def commitment(salt: bytes, payload: bytes) -> str:
    """What an entry says of its payload: base64 of SHA-256 over salt and payload."""
    return b64encode(sha256(salt + payload).digest()).decode()


class Press:
    """Compresses and opens with zstd, again and again."""

    def __init__(self) -> None:
        self._squeezer = zstandard.ZstdCompressor(level=_LEVEL)
        self._open = zstandard.ZstdDecompressor()

    def squeeze(self, data: bytes) -> bytes:
        return self._squeezer.compress(data)

    def squeeze_all(self, payloads: Sequence[bytes]) -> list[bytes]:
        """What `squeeze` gives of each; other threads run meanwhile."""
        if not any(payloads):  # which zstandard refuses
            return [self.squeeze(payload) for payload in payloads]
        buffers = self._squeezer.multi_compress_to_buffer(list(payloads), threads=1)
        return [buffers[number].tobytes() for number in range(len(payloads))]

    def open(self, data: bytes) -> bytes:
        """Raises SealError."""
        try:
            if not 0 <= zstandard.frame_content_size(data) <= _LARGEST:
                raise SealError("it is not compressed as it should be")
            return self._open.decompress(data)
        except zstandard.ZstdError:
            raise SealError("it cannot be unpacked") from None


@frozen
class Opened:
    """A payload and the salt that together show what an entry commits to."""

    salt: bytes
    payload: bytes

    @property
    def commitment(self) -> str:
        return commitment(self.salt, self.payload)


class Sealing:
    """Seals and opens payloads, and the keys themselves where there is a `lock` of 32 bytes."""

    def __init__(self, lock: bytes | None = None) -> None:
        self._lock = lock
        self._press = Press()
        self.locked = lock is not None
        """Whether secrets in the file are wrapped; the log's first entry says so."""

    def squeeze_all(self, payloads: Sequence[bytes]) -> list[bytes]:
        """Payloads as they are sealed; the one slow part of it, which needs no keys."""
        return self._press.squeeze_all(payloads)

    @staticmethod
    def seal(salt: bytes, squeezed: bytes, key: bytes, nonce: bytes) -> bytes:
        return nonce + AESGCM(key).encrypt(nonce, salt + squeezed, None)

    def open(self, sealed: bytes, key: bytes) -> Opened:
        """Raises SealError."""
        try:
            plain = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], None)
        except (InvalidTag, ValueError):
            raise SealError("it does not decrypt") from None
        return Opened(plain[:SECRET], self._press.open(plain[SECRET:]))

    def wrap(self, secret: bytes, name: str, chance: Chance) -> bytes:
        """A secret as it is written into the file; `name` binds it to its place."""
        if not self.locked:
            return secret
        if self._lock is None:
            raise SealError("it is locked")
        nonce = chance(NONCE)
        return nonce + AESGCM(self._lock).encrypt(nonce, secret, name.encode())

    def unwrap(self, value: bytes, name: str) -> bytes:
        """Raises SealError."""
        if not self.locked:
            return value
        if self._lock is None:
            raise SealError("it is locked")
        try:
            return AESGCM(self._lock).decrypt(value[:NONCE], value[NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise SealError("it is locked with another key") from None


PSEUDONYM_BYTES: Final = 12
"""Two of 2^40 subjects would share so many bits once in 2^17 logs."""


def pseudonym(secret: bytes, subject: str) -> str:
    """16 characters that stand for a subject in one log, and mean nothing without its secret."""
    return b64encode(hmac.digest(secret, subject.encode(), "sha256")[:PSEUDONYM_BYTES]).decode()
