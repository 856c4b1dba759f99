"""What is erased of somebody: the entries whose payloads are still there, found by what is signed."""

from collections.abc import Iterable

from scorecore.diagnostics import catalogue
from scorecore.record.log import store
from scorecore.record.log.reading import LogReader


def find_payloads(log: LogReader, names: Iterable[str]) -> dict[str, list[int]]:
    """By pseudonym the entries about subjects whose payloads are there.

    Raises RecordRejected where one is gone that nobody has erased, or has the key of another subject.
    """
    query = "SELECT key, sealed IS NULL FROM payload WHERE idx = ?"
    erasures = log.erasures()
    there: dict[str, list[int]] = {name: [] for name in names}
    for entry in log.about_any(there):
        if "payload" not in entry.fields:
            continue
        number, is_gone = log.connection.execute(query, (entry.index,)).fetchone() or (0, True)
        owner = log.owners({number}).get(number)
        if owner is not None and owner.pseudonym != entry.subject:
            raise store.refuse(catalogue.PAYLOAD_CHANGED, log.path, entry=entry.index)
        if is_gone and entry.index > erasures.get(entry.subject, -1):
            raise store.refuse(catalogue.PAYLOAD_MISSING, log.path, entry=entry.index)
        there[str(entry.subject)] += [] if is_gone else [entry.index]
    return there
