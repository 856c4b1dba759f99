"""What pages, editors and programs ask of policies: each service is a function that any of them may call."""
