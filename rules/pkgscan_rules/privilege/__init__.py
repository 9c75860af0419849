"""Rules about the rights that scripts take for granted."""
