"""Rules about what starts by itself at a time."""
