"""A part is deleted from the record, and somebody wants a proof."""

from recording import record, tamper

record("2024-05")
tamper("DELETE FROM blob")
