"""Rules on beats."""
