"""Real database servers for the oracles, and what they say of the locks that statements take."""
