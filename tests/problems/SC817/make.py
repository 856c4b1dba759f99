"""A checkpoint is rewritten."""

from recording import record, tamper

record("2024-05", "2024-06")
tamper("UPDATE checkpoint SET note = replace(note, '6', '7') WHERE size = 6")
