"""The name of the record is mistyped."""

from recording import record

record()
