"""A decision is to be taken back, but the facts still have the person."""

from recording import record

record("2024-05")
