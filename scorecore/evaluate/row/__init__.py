"""The rows evaluator: decides one subject at a time. It is the specification."""
