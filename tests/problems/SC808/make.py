"""A newer scorecore has made the record."""

from recording import record, tamper

record("2024-05")
tamper("PRAGMA user_version = 3")
