"""The payload of one person is put in the place of another's."""

from recording import record, tamper

record("2024-05")
tamper("UPDATE payload SET sealed = (SELECT sealed FROM payload WHERE idx = 3) WHERE idx = 2")
