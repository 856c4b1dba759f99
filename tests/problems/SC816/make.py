"""An entry is rewritten that no full tile has yet."""

from recording import record, tamper

record("2024-05")
tamper("UPDATE entry SET body = replace(body, '2024-05', '2024-04') WHERE idx = 3")
