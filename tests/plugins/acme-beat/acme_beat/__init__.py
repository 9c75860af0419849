"""Acme's scheduler: its file format, the fact it states, and a rule on it."""
