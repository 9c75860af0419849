"""Rules about what scripts do to files, and how they go on when something fails."""
