"""Acme's own rules."""
