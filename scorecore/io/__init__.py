"""Readers and writers: the only room, beside the record, that touches a disk."""
