"""Archives that stand behind a program or a script in the same file: self-extracting ones."""

from __future__ import annotations

from pkgscan.archive.marks import CONTROLS
from pkgscan.archive.member import Window
from pkgscan.archive.payload.marks import LOOKAHEAD, first_archive
from pkgscan.archive.payload.program import Program, Section, elf, pe
from pkgscan.archive.payload.text import first_encoded, may_encode
from pkgscan.archive.tail import is_zip_behind

_STEP = 1 << 20  # bytes behind a program in a script that are looked at in one go
TAR_SEARCHED = 64 << 20  # bytes behind a program in a script: installers of that kind put a tar behind both
SMALLEST = 64  # bytes; nothing that is worth unpacking is smaller

_HEAD_OF_TEXT = 4096  # bytes in which a script has its first line
_END_OF_TEXT = 1024  # bytes at the end of a payload that are never all text
_ENDS_OF_TEXT = b"\0\x1a\r\n"  # padding, and the end mark of old systems
SCRIPT_BEGINS = b"#:@"
_IMAGE = b"#?"  # what Radiance images begin with, which are no scripts

_PYINSTALLER = b"MEI\x0c\x0b\x0a\x0b\x0e"  # the cookie at its end
_PYINSTALLER_COOKIE = 88  # bytes from there to its end
_COOKIE_SEARCHED = 4096  # bytes at the end of a program; a signature's padding may follow
_MODULE_SIGNATURE = b"~Module signature appended~\n"  # behind the kernel's own
_INSTALLERS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbe\xad\xdeNullsoftInst", "nsis"),
    (b"Inno Setup Setup Data (", "inno setup"),
    (b"InstallShield\0", "installshield"),
    (b"ISSetupStream\0", "installshield"),
)
_INNO_CHUNK = b"zlb\x1a"  # what an Inno Setup overlay begins with
_BURN, _RESOURCES = b".wixburn", b".rsrc"
_BURN_MAGIC = 0x00F14300


def may_hold(head: bytes, tail: bytes, size: int) -> bool:
    """Whether it pays to look for a payload in the whole content: a cheap question, asked of every file.

    `head` is the first bytes (`FAR_HEAD` of them, if there are as many), `tail` the last ones, `size` all there are.
    """
    if head.startswith(b"\x7fELF"):
        program = elf(lambda at, count: head[at : at + count], size)
        behind = program is not None and size - program.end >= SMALLEST and not tail.endswith(_MODULE_SIGNATURE)
        return behind or _PYINSTALLER in tail[-_COOKIE_SEARCHED:]
    if head.startswith(b"MZ"):
        return _may_end_early(head, size)
    return _is_text(head) and _may_go_on(head, tail, size)


def find(window: Window, searched: int) -> tuple[str, int] | None:
    """(format, offset) of the archive behind a program or script; the format may be one that is not read.

    It is looked for in the first `searched` bytes that may hold it. No format, and the offset where the search ended,
    where nothing was found in them and there are more.
    A zip that is found by its end is none of these: `tail` finds it.
    """
    start = window.read(0, _HEAD_OF_TEXT)
    if start.startswith(b"\x7fELF"):
        return _behind_program(window, elf(window.read, window.size), searched)
    if start.startswith(b"MZ"):
        program = pe(window.read, window.size)
        return _in_sections(window, program, searched) or _behind_program(window, program, searched)
    return _behind_script(window, searched) if _is_text(start) else None


def _may_end_early(head: bytes, size: int) -> bool:
    program = pe(lambda at, count: head[at : at + count], size)
    if program is None:
        return int.from_bytes(head[60:64], "little") >= len(head)
    holds = any(section.name == _BURN or _is_half(section, size) for section in program.sections)
    return holds or program.stop - program.end >= SMALLEST


def _is_half(section: Section, size: int) -> bool:
    """Whether a program is mostly its resources: cabinets that unpack themselves are kept there."""
    return section.name == _RESOURCES and section.size > size // 2


def _is_text(head: bytes) -> bool:
    """Whether content begins with a line as scripts have it."""
    line = head[:_HEAD_OF_TEXT].partition(b"\n")[0]
    return bool(line or head[:1] == b"\n") and head[:1] != b"%" and line.translate(None, CONTROLS) == line


def _may_go_on(head: bytes, tail: bytes, size: int) -> bool:
    """Whether other bytes than a script's follow its first line, or lines that may be an encoded archive."""
    last = tail[-_END_OF_TEXT:]
    if len(last.translate(None, CONTROLS)) < len(last):
        return size > SMALLEST
    if head[0] not in SCRIPT_BEGINS:
        return False
    ends = (head, tail) if size > len(head) else (head,)
    return any(len(part.translate(None, CONTROLS)) < len(part) or may_encode(part) for part in ends)


def _behind_script(window: Window, searched: int) -> tuple[str, int] | None:
    data = window.read(0, searched + LOOKAHEAD)
    is_text = len(data.translate(None, CONTROLS)) == len(data)
    found = None if is_text else first_archive(data, searched)
    if found is None:
        if encoded := first_encoded(data):
            return encoded
        is_script = data[0] in SCRIPT_BEGINS and not data.startswith(_IMAGE)  # any other content may be that long
        goes_on = window.size > len(data) and (is_script or (is_text and _ends_in_data(window)))
        return ("", searched) if goes_on else None
    form, at = found
    if form == "zip":
        return None if is_zip_behind(window) else found
    return _behind_both(window, at) if form == "program" else found


def _ends_in_data(window: Window) -> bool:
    """Whether a long text ends in other bytes than a text's, and not in the zeros that a crash leaves in a log."""
    end = window.read(window.size - _END_OF_TEXT, _END_OF_TEXT)
    return end.rstrip(_ENDS_OF_TEXT).translate(None, CONTROLS) != end.rstrip(_ENDS_OF_TEXT)


def _behind_both(window: Window, at: int) -> tuple[str, int]:
    """What follows a program in a script: a tar, or what the program itself would unpack, which is not read."""
    program = elf(window.part(at, window.size).read, window.size - at)
    begin = at + program.end if program is not None else at
    stop = min(window.size, begin + TAR_SEARCHED)
    while begin < stop:
        found = first_archive(window.read(begin, _STEP + LOOKAHEAD), _STEP)
        if found is not None and found[0] == "tar":
            return "tar", begin + found[1]
        begin += _STEP
    return "program", at


def _behind_program(window: Window, program: Program | None, searched: int) -> tuple[str, int] | None:
    if program is None:
        return None
    if cookie := _pyinstaller_at(window, program):
        return "pyinstaller", cookie
    behind = window.part(program.end, program.stop - program.end)
    data = behind.read(0, searched + LOOKAHEAD)
    found = _installer(data) or first_archive(data, searched)
    if found is None:
        return ("", program.end + searched) if behind.size > len(data) else None
    if found[0] == "zip" and is_zip_behind(window):
        return None
    return found[0], program.end + found[1]


def _installer(behind: bytes) -> tuple[str, int] | None:
    """The installer whose own format begins behind a program; such data may hold marks of others by chance."""
    if behind.startswith(_INNO_CHUNK):
        return "inno setup", 0
    return next(((name, at) for mark, name in _INSTALLERS if (at := behind.find(mark)) >= 0), None)


def _pyinstaller_at(window: Window, program: Program) -> int:
    """Where the archive of a program that PyInstaller packed begins; 0 if there is none."""
    begin = max(0, program.stop - _COOKIE_SEARCHED)
    data = window.read(begin, program.stop - begin)
    at = data.rfind(_PYINSTALLER)
    if at < 0 or at + 12 > len(data):
        return 0
    start = begin + at + _PYINSTALLER_COOKIE - int.from_bytes(data[at + 8 : at + 12], "big")
    return start if 0 < start < begin + at else 0


def _in_sections(window: Window, program: Program | None, searched: int) -> tuple[str, int] | None:
    """Cabinets that a PE keeps within itself: those of a WiX bundle, or one in the resources."""
    for section in program.sections if program else ():
        if section.name == _BURN:
            return _burn(window, section)
        if _is_half(section, window.size):
            found = first_archive(window.read(section.at, searched), min(section.size, searched))
            if found is not None and found[0] == "cab":
                return "cab", section.at + found[1]
    return None


def _burn(window: Window, section: Section) -> tuple[str, int] | None:
    """The cabinet of a WiX bundle. With several of them it is named as what is not read: one is not the whole."""
    head = window.read(section.at, 56)
    magic, containers = int.from_bytes(head[:4], "little"), int.from_bytes(head[44:48], "little")
    stub = int.from_bytes(head[24:28], "little")
    if magic != _BURN_MAGIC or not 0 < stub < window.size:
        return None
    return ("cab", stub) if containers == 1 and window.read(stub, 4) == b"MSCF" else ("wix burn", stub)
