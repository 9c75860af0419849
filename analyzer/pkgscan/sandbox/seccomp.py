"""placeholder"""


def install() -> str | None:
    """Nothing yet."""
    return None
