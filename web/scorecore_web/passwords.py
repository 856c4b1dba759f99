"""Passwords as they are kept: Argon2id of the library that signs the record, with RFC 9106's second set of costs."""

import os
from threading import Semaphore
from typing import Final

from attrs import frozen
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 200
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_AT_ONCE: Final = Semaphore(2)
"""Each takes 64 MiB: who sends many passwords at once must not fill the memory."""


@frozen
class PasswordHasher:
    """Hashes passwords, and compares; it takes as long for an account that there is not."""

    memory: int = 64 * 1024
    """KiB."""
    passes: int = 3
    lanes: int = 4

    def hash(self, password: str) -> str:
        """In the form of PHC, which has the costs and the salt."""
        salt = os.urandom(_SALT_BYTES)
        costs = Argon2id(
            salt=salt, length=_HASH_BYTES, iterations=self.passes, lanes=self.lanes, memory_cost=self.memory
        )
        with _AT_ONCE:
            return costs.derive_phc_encoded(password.encode())

    def is_password(self, password: str, hashed: str) -> bool:
        """Whether a password is the one that was hashed; an empty hash is nobody's."""
        if len(password) > MAX_PASSWORD:
            return False
        if not hashed:
            self.hash(password)
            return False
        try:
            with _AT_ONCE:
                Argon2id.verify_phc_encoded(password.encode(), hashed)
        except InvalidKey:
            return False
        return True
