"""The rules that come with pkgscan: one module a rule, found through the entry-point group `pkgscan.rules`."""
