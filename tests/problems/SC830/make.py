"""The entry that begins the run is emptied."""

from recording import record, tamper

record("2024-05")
tamper("UPDATE entry SET body = json_object('kind', 'run') WHERE idx = 1")
