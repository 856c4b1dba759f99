"""An entry of May is rewritten, and June is to be recorded."""

from recording import record, tamper

record("2024-05")
tamper("UPDATE entry SET body = replace(body, '2024-05', '2024-04') WHERE idx = 3")
