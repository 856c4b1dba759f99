"""CEL beside our expressions: its conformance cases, and Google's implementation as an oracle."""
