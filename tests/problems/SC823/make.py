"""Something is put into the record that no entry promises."""

from recording import record, tamper

record("2024-05")
tamper("INSERT INTO payload VALUES (0, 1, x'00')")
