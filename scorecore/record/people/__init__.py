"""Who may do what in a record, and what waits for whom: operators, proposals and their approval."""
