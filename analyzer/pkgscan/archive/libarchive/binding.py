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

# gzip and bzip2: archive.decompression; rpm: archive.rpm
FILTERS = ("xz", "lzma", "zstd", "lz4", "lzip", "compress")
PLAIN = ("raw", "empty")
FORMATS = ("tar", "cpio", "ar", *PLAIN)
# What is read each by itself: the library's names for the format that the walk found by content.
ALONE = {"7z": ("7zip",), "cab": ("cab",), "iso9660": ("iso9660",), "lha": ("lha",), "rar": ("rar", "rar5")}
# Of these, versions before the tested one corrupt their memory on files that anybody may download.
NEED_TESTED = frozenset({"cab", "iso9660", "lha", "rar"})

_SYSTEM_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib",
    "/lib64", "/lib", "/opt/homebrew/opt/libarchive/lib", "/usr/local/opt/libarchive/lib",
)  # fmt: skip


def library() -> tuple[str, int]:
    """(path, version number) of the libarchive in use."""
    found = binding()
    return found.path, int(found.version_number())


def version_text(number: int) -> str:
    """A version number of the library as people write it: 3_008_010 is 3.8.10."""
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


def refusal(form: str) -> str:
    """Why the library in use is not let at a format; empty if it is."""
    number = int(binding().version_number())
    if form not in NEED_TESTED or number >= TESTED:
        return ""
    return (
        f"{form} is not read with libarchive {version_text(number)}, since versions before {version_text(TESTED)} "
        "corrupt their memory on some files; install the archi package, or name a newer library in LIBARCHIVE"
    )


def switched_off() -> str:
    """Which formats the library is not let at; empty where it is new enough, or not in use."""
    if not binding.cache_info().currsize or int(binding().version_number()) >= TESTED:
        return ""
    version, formats = version_text(int(binding().version_number())), ", ".join(sorted(NEED_TESTED))
    return f"libarchive {version} is not let at {formats}; install the archi package, or set LIBARCHIVE"


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
        _speak_utf8()
        os.environ["LIBARCHIVE"] = path  # else libarchive-c would search, and may start gcc and ldconfig for it
        import libarchive.ffi as ffi  # noqa: PLC0415, PLR0402  # heavy, and must find LIBARCHIVE set

        self.path = path
        self.read_callback: Any = ffi.READ_CALLBACK
        self.seek_callback: Any = ctypes.CFUNCTYPE(
            ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int
        )
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
        self.filters = {name: function(f"read_support_filter_{name}", ctypes.c_int, pointer) for name in FILTERS}
        formats = (*FORMATS, *(name for names in ALONE.values() for name in names))
        self.formats = {name: function(f"read_support_format_{name}", ctypes.c_int, pointer) for name in formats}
        self.on_read = function("read_set_read_callback", ctypes.c_int, pointer, self.read_callback)
        self.on_seek = function("read_set_seek_callback", ctypes.c_int, pointer, self.seek_callback)
        self.on_data = function("read_set_callback_data", ctypes.c_int, pointer, pointer)
        self.open = function("read_open1", ctypes.c_int, pointer)
        self.zip_entry = function("read_support_format_zip_streamable", ctypes.c_int, pointer)
        self.next_header = function("read_next_header", ctypes.c_int, pointer, pointer)
        self.read_block = function("read_data_block", ctypes.c_int, pointer, pointer, pointer, pointer)
        self.filter_bytes = function("filter_bytes", ctypes.c_int64, pointer, ctypes.c_int)
        self.format = function("format", ctypes.c_int, pointer)
        self.filter_code = function("filter_code", ctypes.c_int, pointer, ctypes.c_int)
        self.set_option = function("read_set_format_option", ctypes.c_int, pointer, text, text, text)
        self._bind_entry(library, ctypes.PyDLL(path, use_errno=True))

    def _bind_entry(self, library: Any, converting: Any) -> None:
        """What asks an entry. `converting` is the same library, with an errno of its own.

        Of a name that it cannot convert, the library ends the process where errno speaks of memory, whoever set that.
        """

        def function(name: str, result: Any, of: Any = library) -> Any:
            bound = of["archive_entry_" + name]
            bound.restype, bound.argtypes = result, (ctypes.c_void_p,)
            return bound

        self.pathname, self.symlink, self.hardlink, self.uname, self.gname = (
            function(name, ctypes.c_char_p, converting)
            for name in ("pathname", "symlink", "hardlink", "uname", "gname")
        )
        self.utf8_names = tuple(
            function(f"{name}_utf8", ctypes.c_char_p, converting) for name in ("pathname", "symlink", "hardlink")
        )
        self.wide_pathname = function("pathname_w", ctypes.c_wchar_p, converting)
        self.mode, self.nlink = (function(name, ctypes.c_uint) for name in ("mode", "nlink"))
        self.uid, self.gid, self.inode, self.device, self.size = (
            function(name, ctypes.c_int64) for name in ("uid", "gid", "ino64", "dev", "size")
        )
        self.is_locked = function("is_data_encrypted", ctypes.c_int)


def _speak_utf8() -> None:
    """Set the locale that the library converts names to: what it reads must not depend on the user's."""
    import locale  # noqa: PLC0415  # loaded by now, by click

    for name in ("C.UTF-8", "UTF-8"):  # as Linux and as macOS call it
        try:
            locale.setlocale(locale.LC_CTYPE, name)
        except locale.Error:
            continue
        return


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
