"""The one importer of libarchive-c: finds libarchive by path, and binds its functions bare.

Formats and filters are an explicit list, so none that would start a program is ever in play.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

from pkgscan.archive.member import Damage

# The oldest version that read every public hostile sample without a crash or a hang; see docs/decisions.
TESTED = 3_008_010

FILTERS = ("xz", "lzma", "zstd")  # gzip and bzip2: archive.decompression; rpm: archive.rpm
PLAIN = ("raw", "empty")
FORMATS = ("tar", "cpio", "ar", *PLAIN)

_SYSTEM_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib",
    "/lib64", "/lib", "/opt/homebrew/opt/libarchive/lib", "/usr/local/opt/libarchive/lib",
)  # fmt: skip


def library() -> tuple[str, int]:
    """(path, version number) of the libarchive in use."""
    found = binding()
    return found.path, int(found.version_number())


def candidates() -> Iterator[str]:
    """Libraries to try, best first: LIBARCHIVE, a tested system library, the one in the `archi` wheel, any system one.

    A system library's version stands in its real file name (libarchive.so.13.8.10), so none is loaded to ask it.
    """
    if os.environ.get("LIBARCHIVE"):
        yield os.environ["LIBARCHIVE"]
    system = list(_system_libraries())
    yield from (path for path, version in system if version >= TESTED)
    yield from _bundled_libraries()
    yield from (path for path, version in system if version < TESTED)


def _system_libraries() -> Iterator[tuple[str, int]]:
    for folder in _SYSTEM_FOLDERS:
        for name in ("libarchive.so.13", "libarchive.13.dylib"):
            real = os.path.realpath(os.path.join(folder, name))
            if os.path.exists(real):
                digits = [int(part) for part in os.path.basename(real).split(".") if part.isdigit()]
                minor, patch = [*digits[1:], 0, 0][:2]
                yield real, 3_000_000 + minor * 1000 + patch


def _bundled_libraries() -> Iterator[str]:
    for folder in sys.path:
        bundle = os.path.join(folder, "archi.libs")
        if os.path.isdir(bundle):
            yield from (
                os.path.join(bundle, name) for name in sorted(os.listdir(bundle)) if name.startswith("libarchive")
            )


class Binding:
    """Bare functions of the library: libarchive-c's own wrappers let warnings pass as byte counts."""

    def __init__(self, path: str) -> None:
        os.environ["LIBARCHIVE"] = path  # else libarchive-c would search, and may start gcc and ldconfig for it
        import libarchive.ffi as ffi  # noqa: PLC0415, PLR0402  # heavy, and must find LIBARCHIVE set

        self.path = path
        self.callback_type: Any = ffi.READ_CALLBACK
        # The interpreter lock is kept over calls that take less time than letting it go would; there is one thread.
        library: Any = ctypes.PyDLL(path)
        pointer, text = ctypes.c_void_p, ctypes.c_char_p

        def function(name: str, result: Any, *arguments: Any) -> Any:
            bound = library["archive_" + name]  # a new object each time: free of libarchive-c's error handling
            bound.restype, bound.argtypes = result, arguments
            return bound

        self.version_number = function("version_number", ctypes.c_int)
        self.new = function("read_new", pointer)
        self.free = function("read_free", ctypes.c_int, pointer)
        self.error = function("error_string", text, pointer)
        self.filters = [function(f"read_support_filter_{name}", ctypes.c_int, pointer) for name in FILTERS]
        self.formats = {name: function(f"read_support_format_{name}", ctypes.c_int, pointer) for name in FORMATS}
        self.open = function("read_open", ctypes.c_int, pointer, pointer, pointer, self.callback_type, pointer)
        self.next_header = function("read_next_header", ctypes.c_int, pointer, pointer)
        self.read_block = function("read_data_block", ctypes.c_int, pointer, pointer, pointer, pointer)
        self.filter_bytes = function("filter_bytes", ctypes.c_int64, pointer, ctypes.c_int)
        self.format = function("format", ctypes.c_int, pointer)
        entry = ("pathname", "symlink", "hardlink", "uname", "gname")
        self.pathname, self.symlink, self.hardlink, self.uname, self.gname = (
            function(f"entry_{name}", text, pointer) for name in entry
        )
        numbers = (("mode", ctypes.c_uint), ("uid", ctypes.c_int64), ("gid", ctypes.c_int64))
        self.mode, self.uid, self.gid = (function(f"entry_{name}", kind, pointer) for name, kind in numbers)
        self.size = function("entry_size", ctypes.c_int64, pointer)


@cache
def binding() -> Binding:
    """The library in use, loaded once a process. Raises fatal Damage where there is none."""
    errors = []
    for path in candidates():
        try:
            return Binding(path)
        except OSError as error:
            errors.append(f"{path}: {error}")
    raise Damage("no-libarchive", "; ".join(errors) or "no libarchive is installed", fatal=True)
