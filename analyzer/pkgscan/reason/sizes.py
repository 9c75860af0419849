"""Sizes in words."""

KIB = 1024


def byte_size(number: int) -> str:
    """A count of bytes as people read it: `512 B`, `12.6 KiB`."""
    size, unit = float(number), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < KIB:
            break
        size, unit = size / KIB, larger
    return f"{size:.1f} {unit}" if unit != "B" else f"{number} B"
