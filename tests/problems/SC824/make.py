"""June is cut off, as if it had not been recorded."""

from recording import anchor, record, tamper

record("2024-05", "2024-06")
anchor()
tamper(
    """
    DELETE FROM payload WHERE idx > 5;
    DELETE FROM entry WHERE idx > 5;
    DELETE FROM checkpoint WHERE size > 6;
    DELETE FROM blob WHERE digest NOT IN (SELECT value FROM entry, json_each(body, '$.blobs'))
    """
)
