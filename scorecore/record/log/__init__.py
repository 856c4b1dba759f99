"""The tamper-evident log: a Merkle tree over entries in one file. It knows nothing of policies."""
