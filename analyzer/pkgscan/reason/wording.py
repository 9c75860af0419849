"""How long texts of a package are told in a message: without secrets first, then cut."""

from pkgscan.safe import shortened

__all__ = ["shortened"]
