"""What well-known programs do with their arguments, by the manual of each; every module reads one sort of effect."""
