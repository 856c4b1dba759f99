"""The written rule that a policy carries out: its text as numbered clauses, what cites them, and their figures."""
