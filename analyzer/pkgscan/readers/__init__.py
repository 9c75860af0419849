"""Readers turn one entry into facts. Only readers parse; one module a language."""
