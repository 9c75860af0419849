"""Walks archives in archives without unpacking to disk, keeps the limits, and says what was not seen."""
