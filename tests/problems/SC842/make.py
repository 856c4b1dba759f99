"""June was forgotten, and July reads the balance of June."""

from recording import record

record("2024-05", begins=True)
