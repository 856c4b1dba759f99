"""The secret is overwritten that leads from people to their entries."""

from recording import record, tamper

record("2024-05")
tamper("UPDATE secret SET value = zeroblob(32)")
