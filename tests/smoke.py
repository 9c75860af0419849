"""Builds the wheel, installs it in a clean environment from locked requirements, and runs it: smoke.py STORY."""

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PASSED, FAILED_GATE, WRONG_USAGE = 0, 1, 2  # exit codes, as the README tells them
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")
INSTALL = (*PIP, "install", "--no-deps", "--no-build-isolation")


def build_wheel(folder: Path) -> Path:
    """The wheel, made by the locked build tools of the environment that runs this."""
    subprocess.run(
        [sys.executable, *PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), "."],
        cwd=ROOT,
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """A clean environment with the wheel and its run-time requirements only; the path of its pkgscan command."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    for lock in ("build", "run"):
        requirements = str(ROOT / "requirements" / f"{lock}.lock")
        command = [python, *INSTALL, "--require-hashes", "--use-pep517", "--requirement", requirements]
        subprocess.run(command, check=True)
    subprocess.run([python, *INSTALL, str(wheel)], check=True)
    return folder / "bin" / "pkgscan"


def expect(command: Path, code: int, *arguments: str, says: str = "") -> None:
    """Run from an empty folder and compare exit code and output; ends the program when they differ."""
    clean = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as empty:
        run = subprocess.run(
            [str(command), *arguments], cwd=empty, env=clean, capture_output=True, text=True, check=False
        )
    if run.returncode != code or says not in run.stdout + run.stderr or "Traceback" in run.stderr:
        sys.exit(f"pkgscan {' '.join(arguments)}: exit code {run.returncode}, not {code}\n{run.stdout}{run.stderr}")
    print(f"pkgscan {' '.join(arguments)}: exit code {code}")


def main(story: Path) -> None:
    """Build, install, run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = install(build_wheel(folder / "wheel"), folder / "venv")
        tiny = folder / "tiny.zip"
        with zipfile.ZipFile(tiny, "w") as archive:
            archive.writestr("README", "nothing happens here\n")
        expect(command, PASSED, "--version", says="pkgscan")
        expect(command, PASSED, "rules", says="scheduled-job-added")
        expect(command, PASSED, str(tiny))
        expect(command, PASSED, str(tiny), "-f", "json", says='"pkgscan-report/1"')
        expect(command, PASSED, str(story), "--fail-on", "never", says="every day at 03:00")
        expect(command, FAILED_GATE, str(story), "--fail-on", "info")
        expect(command, WRONG_USAGE, str(folder / "missing.zip"), says="missing.zip")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
