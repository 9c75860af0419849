"""`python -m pkgscan`, for where the command is not on the path."""

from __future__ import annotations

from pkgscan.cli import run

if __name__ == "__main__":
    run()
