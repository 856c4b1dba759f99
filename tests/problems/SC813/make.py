"""Somebody without the key adds an entry."""

from recording import record, tamper

record("2024-05")
tamper("INSERT INTO entry (idx, body) SELECT 6, body FROM entry WHERE idx = 5")
