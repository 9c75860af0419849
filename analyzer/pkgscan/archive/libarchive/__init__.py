"""The library libarchive: its binding, what it switches off, its complaints, and what it reads."""
