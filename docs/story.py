"""Puts the report of the story package into README.md, between its marks.

With --check it writes nothing and exits 1 when the README shows something else. Compressed sizes and digests differ
from one zlib to the next, and so does what a system's sandbox lacks: they are not compared.
"""
# ruff: noqa: INP001  # a script, not a package

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(?<=<!-- report: made by `make docs` -->\n```text\n).*?(?=```\n<!-- end of report -->)", re.DOTALL)
VARYING = re.compile(r"[\d.,]+ [KMG]?i?B\b|sha256 [0-9a-f]+|^sandbox: .*\n", re.MULTILINE)
COMMAND = ("scan", "billing-platform-7.4.0.zip", "--now", "2026-07-01T12:00:00Z", "--no-config")
WIDTH = "100"  # columns; what a page shows without scrolling
PASSED, FAILED_GATE = 0, 1


def report() -> str:
    """What a user reads of the story package. The throw-away keys are left out, so that it is the same every time."""
    with tempfile.TemporaryDirectory() as folder:
        packer = [sys.executable, str(ROOT / "fixtures/packages/pack.py"), folder, "--keys", "none"]
        subprocess.run(packer, check=True, capture_output=True)
        program = Path(sys.executable).parent / "pkgscan"
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": WIDTH}
        run = subprocess.run(
            [str(program), *COMMAND], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    if run.returncode not in (PASSED, FAILED_GATE) or not run.stdout:
        sys.exit(f"the scan of the story package ended with {run.returncode}: {run.stderr}")
    return run.stdout


def main(*, check: bool) -> None:
    """Compare, or write."""
    text = README.read_text("utf-8")
    shown = BLOCK.search(text)
    if shown is None:
        sys.exit("README.md has no marks to put the report between")
    current = report()
    if VARYING.sub("", shown[0]) == VARYING.sub("", current):
        return
    if check:
        sys.exit(f"README.md does not show the current report; run `make docs`\n{current}")
    README.write_text(BLOCK.sub(lambda _: current, text), "utf-8")
    print(f"wrote {README.name}")


if __name__ == "__main__":
    main(check=sys.argv[1:] == ["--check"])
