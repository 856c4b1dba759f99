"""A payload is erased in silence."""

from recording import record, tamper

record("2024-05")
tamper("UPDATE payload SET sealed = NULL WHERE idx = 3")
