"""Deciding: one subject at a time or everybody in columns, one period after another."""
