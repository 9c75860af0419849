"""What stands in a text for a value that is filled in later, when the package is built or installed."""

from __future__ import annotations

from pkgscan.patterns import pattern

# {{ x }}, {% x %}, <%= x %>, ${x}, @X@, __X__, %%X%%: what build tools and installers fill in.
PLACEHOLDER = pattern(r"\{\{|\{%|<%|\$\{[A-Za-z_]|@[A-Za-z_][A-Za-z0-9_]*@|__[A-Z][A-Z0-9_]*__|%%[A-Z]")
