"""A signing key under a passphrase, as one line: whoever copies the file has to try passphrases, each at a cost.

    ENCRYPTED+KEY+example.com/payroll+2f73c2d3+ARE…

The data is a byte for the type, one for the cost, 16 of salt, 12 of nonce, and the seed under AES-256-GCM, by a key
that scrypt (N = 2^cost, r = 8, p = 1) makes of the passphrase and the salt. Name and fingerprint are bound to it.
"""

import unicodedata
from base64 import b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from scorecore.record.log.note import ED25519, NoteError, SigningKey, read_binary
from scorecore.record.log.sealing import NONCE, Chance

START: Final = "ENCRYPTED+KEY+"
COST: Final = 17
"""128 MB of memory and some tenths of a second for each passphrase that is tried."""
_COSTS: Final = range(10, 20)
"""What a reader accepts: at 20 a file that somebody has made would need a gigabyte."""
_SALT: Final = 16


class PassphraseError(ValueError):
    """It is not the passphrase, or somebody has changed the line."""


def seal_key(key: SigningKey, passphrase: str, chance: Chance) -> str:
    """The key as a line that only the passphrase opens."""
    drawn = chance(_SALT + NONCE)
    salt, nonce = drawn[:_SALT], drawn[_SALT:]
    name = f"{key.name}+{key.verifier.key_id.hex()}"
    sealed = AESGCM(_derive(passphrase, salt, COST)).encrypt(nonce, key.seed, name.encode())
    return f"{START}{name}+{b64encode(ED25519 + bytes([COST]) + salt + nonce + sealed).decode()}"


def open_key(line: str, passphrase: str) -> SigningKey:
    """Raises PassphraseError, and NoteError for what is no such line."""
    name, key_id, encoded = (*line.strip().removeprefix(START).split("+", 2), "", "")[:3]
    data = read_binary(encoded)
    if not is_sealed(line) or data[:1] != ED25519 or len(data) < 2 + _SALT + NONCE or data[1] not in _COSTS:
        raise NoteError("the signing key is damaged")
    salt, nonce, sealed = data[2 : 2 + _SALT], data[2 + _SALT : 2 + _SALT + NONCE], data[2 + _SALT + NONCE :]
    try:
        seed = AESGCM(_derive(passphrase, salt, data[1])).decrypt(nonce, sealed, f"{name}+{key_id}".encode())
    except (InvalidTag, ValueError):
        raise PassphraseError from None
    key = SigningKey(name, seed)
    if key.verifier.key_id.hex() != key_id:
        raise NoteError("the signing key is damaged: its fingerprint is another")
    return key


def is_sealed(line: str) -> bool:
    return line.strip().startswith(START)


def _derive(passphrase: str, salt: bytes, cost: int) -> bytes:
    """By a passphrase however the keyboard has composed its letters."""
    return Scrypt(salt, 32, 2**cost, 8, 1).derive(unicodedata.normalize("NFKC", passphrase).encode())
