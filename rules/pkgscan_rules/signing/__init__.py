"""Rules about signatures: who vouches for the package, and whether that is anybody the target knows."""
