"""Reads 7z through libarchive, and its header once more for what libarchive does not tell of it."""
