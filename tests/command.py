"""The installed command as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).parent / "pkgscan")
PATIENCE = 300  # seconds until a run counts as hung; no test claims a time

Run = subprocess.CompletedProcess[bytes]
Pkgscan = Callable[..., Run]  # as run_pkgscan, its folder given


def run_pkgscan(folder: Path, *arguments: str | Path, env: Mapping[str, str] | None = None, **more: Any) -> Run:
    """Runs it from `folder` with a bare environment; `more` goes to subprocess."""
    clean = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(env or {})}
    kept: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "cwd": folder,
    } | more
    done: Run = subprocess.run([PROGRAM, *map(str, arguments)], env=clean, timeout=PATIENCE, check=False, **kept)
    return done
