"""Reads xar archives by their table of contents."""
