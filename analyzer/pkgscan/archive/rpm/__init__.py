"""Reads what an rpm's header says, beside its payload."""
