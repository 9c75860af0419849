"""The directories that a confined interpreter still has to read: its own, its libraries', the loader's, time zones."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator

# Where the dynamic loader looks without being told, on the distributions we know; what is not there is skipped.
_LOADER = (
    "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache",
    "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld-musl-x86_64.path", "/etc/ld-musl-aarch64.path",
    "/nix/store", "/gnu/store",
)  # fmt: skip
_TIME_ZONES = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")


def interpreter_paths() -> tuple[str, ...]:
    """Real paths that this interpreter may import and load from, sorted, none below another."""
    prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
    candidates = (*prefixes, *_import_paths(), *_package_paths(), *_library_paths(), *_LOADER, *_TIME_ZONES)
    real = {os.path.realpath(path) for path in candidates if os.path.isabs(path)}
    return _drop_nested(real - {"/"})


def _import_paths() -> Iterator[str]:
    """`sys.path` without the working directory that `python -m` puts first: one may stand anywhere, even at home."""
    for index, path in enumerate(sys.path):
        if path and not (index == 0 and os.path.realpath(path) == os.getcwd()):
            yield path


def _package_paths() -> Iterator[str]:
    """Directories of the packages that are loaded: an editable install may lie outside of `sys.path`."""
    for name, module in list(sys.modules.items()):
        if "." not in name:
            yield from getattr(module, "__path__", ())


def _library_paths() -> Iterator[str]:
    """Libraries that the environment names."""
    yield from filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":"))
    yield from filter(None, os.environ.get("PYTHONTZPATH", "").split(":"))
    if library := os.environ.get("LIBARCHIVE"):
        yield os.path.dirname(os.path.realpath(library))


def _drop_nested(paths: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted(paths, key=lambda path: path.rstrip("/") + "/"):
        if not (kept and (path.rstrip("/") + "/").startswith(kept[-1].rstrip("/") + "/")):
            kept.append(path)
    return tuple(kept)
