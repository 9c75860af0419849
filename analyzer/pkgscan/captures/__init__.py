"""What a host prints of itself, read into a profile: one module for each sort of output."""
