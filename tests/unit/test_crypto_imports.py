"""What a package without signatures, keys and certificates costs: neither library for them is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from signing import Vendor, root

from packing import zip_of

SCRIPT = b"echo hello\n"
PROGRAM = """
import sys
from pkgscan.testing import scan
assert not [gap for gap in scan(sys.argv[1]).gaps if gap.traceback]
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"cryptography", "pysequoia"}))
"""


def loaded(files: dict[str, bytes], folder: Path) -> str:
    package = folder / "p.zip"
    package.write_bytes(zip_of(files))
    words = (sys.executable, "-c", PROGRAM, package)
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize(
    ("files", "libraries"),
    [
        ({"install.sh": SCRIPT}, ""),
        ({"install.sh": SCRIPT, "SHA256SUMS": b"0" * 64 + b"  install.sh\n"}, ""),
        ({"install.sh": SCRIPT, "install.sh.asc": Vendor().signature(SCRIPT)}, "pysequoia"),
        ({"install.sh": SCRIPT, "install.sh.p7s": root().issue("A").signature(SCRIPT)}, "cryptography"),
    ],
    ids=["nothing", "list", "openpgp", "cms"],
)
def test_a_library_is_loaded_where_there_is_something_for_it(
    files: dict[str, bytes], libraries: str, tmp_path: Path
) -> None:
    assert loaded(files, tmp_path) == libraries
