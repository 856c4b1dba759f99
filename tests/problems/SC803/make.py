"""There is no folder `archive`."""

from recording import record

record()
