"""May is recorded; the payroll was typed by hand."""

from recording import record

record("2024-05")
