"""Pseudonyms and keys of the people in a record: they are in its vault, or, in format 1, in its own file."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple, Protocol

import apsw

from scorecore.record.log.sealing import SECRET, Chance, Sealing, pseudonym
from scorecore.record.log.store import Missing

_PSEUDONYM: Final = "pseudonym"


class SubjectKey(NamedTuple):  # a tuple, because an append makes one of everybody
    """The pseudonym of a subject, and the key of its payloads, which entries name by its number."""

    pseudonym: str
    number: int
    key: bytes | None
    """None once it was destroyed."""


class KeyOwner(Protocol):
    """Whose payloads a key opens."""

    @property
    def pseudonym(self) -> str:
        """What stands for the subject in entries."""

    @property
    def key(self) -> bytes | None:
        """None once it was destroyed."""


class Subjects(Protocol):
    """What leads from people to their entries, and opens their payloads."""

    finds_erased: bool
    """Whether the pseudonym of somebody who was erased can still be computed from the identifier."""

    def pseudonym(self, subject: str) -> str:
        """What stands for a subject; empty where the record has nothing about it."""

    def keys(self, subjects: Iterable[str]) -> Mapping[str, SubjectKey]:
        """For each subject, and perhaps more, its key, which is made if there is none."""

    def named(self, subject: str) -> str:
        """The pseudonym of a subject about whom something is appended, which is made if there is none."""

    def owners(self, numbers: Collection[int]) -> Mapping[int, KeyOwner]:
        """By number the keys that are known; raises SealError where they are locked."""

    def destroy(self, names: Collection[str]) -> None:
        """Destroy the keys of some subjects by their pseudonyms."""

    def described(self) -> Mapping[str, Any]:
        """What the last entry of an append says of the keys."""

    def begin(self) -> None:
        """Make ready for what a transaction of the record will need."""

    def prepare(self) -> None:
        """Put on the disk what was made, before the record refers to it."""

    def finish(self) -> None:
        """Destroy what was to be destroyed, once the record says so on the disk."""

    def forget(self) -> None:
        """Believe the files again, after a transaction was rolled back or a key destroyed."""

    def refresh(self) -> None:
        """Compare with what the record says by now, before something else is asked."""

    def close(self) -> None:
        """Close what is open."""


class SubjectsInRecord:
    """Those of format 1, in the record's own file: one secret makes all pseudonyms, and each subject has a key."""

    finds_erased = True

    def __init__(self, connection: apsw.Connection, sealing: Sealing, chance: Chance) -> None:
        self._connection = connection
        self._sealing = sealing
        self._chance = chance
        self.check: Callable[[bytes], None] = lambda _secret: None
        """Raises RecordRejected where the secret is not the one that the log began with."""
        self._secret: bytes | None = None
        self._known: dict[str, SubjectKey] = {}

    def forget(self) -> None:
        self._secret = None
        self._known.clear()

    def pseudonym(self, subject: str) -> str:
        """Raises SealError where the secret is locked, Missing where it was destroyed."""
        return pseudonym(self._opened_secret(), subject)

    named = pseudonym

    def _opened_secret(self) -> bytes:
        if self._secret is None:
            wrapped: Any = self._connection.execute("SELECT value FROM secret WHERE name = ?", (_PSEUDONYM,)).get
            if wrapped is None:
                raise Missing("the pseudonyms of this record were destroyed")
            secret = self._sealing.unwrap(wrapped, _PSEUDONYM)
            self.check(secret)
            self._secret = secret
        return self._secret

    def keys(self, subjects: Iterable[str]) -> Mapping[str, SubjectKey]:
        secret = self._opened_secret()
        names = {pseudonym(secret, subject): subject for subject in subjects if subject not in self._known}
        query = """
            SELECT subject, number, value FROM subject_key
            WHERE subject IN (SELECT value FROM json_each(?)) AND value IS NOT NULL
        """
        rows: Any = self._connection.execute(query, (json.dumps(list(names)),)).fetchall()
        keys = [(name, number, self._sealing.unwrap(value, name)) for name, number, value in rows]
        keys = [key for key in keys if len(key[2]) == SECRET]  # a damaged one cannot seal; verify names what it opened
        there = {name for name, _, _ in keys}
        made = self._make([name for name in names if name not in there])
        keys += [(name, number, self._sealing.unwrap(value, name)) for name, number, value in made]
        for name, number, key in keys:
            self._known[names[name]] = SubjectKey(name, number, key)
        return self._known

    def _make(self, names: list[str]) -> list[tuple[str, int, bytes]]:
        last: Any = self._connection.execute("SELECT coalesce(max(number), 0) FROM subject_key").get
        secrets = self._chance(SECRET * len(names))
        keys = []
        for number, name in enumerate(names):
            value = self._sealing.wrap(secrets[number * SECRET : (number + 1) * SECRET], name, self._chance)
            keys.append((name, last + 1 + number, value))
        self._connection.executemany("INSERT INTO subject_key (subject, number, value) VALUES (?, ?, ?)", keys)
        return keys

    def owners(self, numbers: Collection[int]) -> Mapping[int, KeyOwner]:
        query = "SELECT number, subject, value FROM subject_key WHERE number IN (SELECT value FROM json_each(?))"
        rows: Any = self._connection.execute(query, (json.dumps(list(numbers)),))
        return {
            number: SubjectKey(name, number, None if value is None else self._sealing.unwrap(value, name or ""))
            for number, name, value in rows
        }

    def destroy(self, names: Collection[str]) -> None:
        for name in names:
            copies = "SELECT value FROM subject_key WHERE subject = :name"  # under whatever name
            self._connection.execute(
                f"UPDATE subject_key SET value = NULL WHERE value IN ({copies}) OR subject = :name",  # noqa: S608
                {"name": name},
            ).fetchall()
        self.forget()

    def described(self) -> Mapping[str, Any]:
        return {}

    def begin(self) -> None:
        """Its keys are in the transaction of the record."""

    prepare = finish = refresh = close = begin
