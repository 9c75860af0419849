"""Rules about schema changes: what they lock, for how long, and what keeps their runners apart."""
