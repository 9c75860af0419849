"""Reads rar archives, version 4 and 5: the blocks by our own walk, the content through libarchive."""
