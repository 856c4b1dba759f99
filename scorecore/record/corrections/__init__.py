"""Corrections of recorded periods, and what they leave to be paid."""
