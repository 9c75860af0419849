"""What readers state: one module a family, each fact a frozen struct with its place."""
