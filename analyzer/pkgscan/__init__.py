"""pkgscan reads an upgrade package before anyone stages it, and runs nothing in it."""

__version__ = "0.1.0"
