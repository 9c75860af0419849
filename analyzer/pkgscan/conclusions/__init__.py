"""Facts together: each module is one conclusion, with its values and at most one part of the report."""
