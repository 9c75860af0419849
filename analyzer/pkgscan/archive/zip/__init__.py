"""Reads zips: what the directory says, what local headers say, and where the two differ."""
