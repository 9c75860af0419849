"""The capabilities of a file, as Linux keeps them in the attribute security.capability, in the words of getcap(8).

Source: capabilities(7), and linux/capability.h for the layout and the numbers.
"""

from __future__ import annotations

import binascii
import struct

ATTRIBUTE = b"security.capability"

_VERSIONS = {0x01000000: 1, 0x02000000: 2, 0x03000000: 2}  # pairs of 32-bit words that follow
_VERSION, _EFFECTIVE = 0xFF000000, 1
_NAMES = (
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
    "checkpoint_restore",
)  # fmt: skip


def capabilities_text(value: bytes) -> str:
    """Such as `cap_setuid,cap_net_raw=ep`; what does not fit the layout as its bytes; empty for none."""
    (magic,) = struct.unpack_from("<L", value.ljust(4, b"\0"))
    pairs = _VERSIONS.get(magic & _VERSION, 0)
    if not pairs or len(value) < 4 + 8 * pairs:
        return f"0x{value[:24].hex()}"
    words = struct.unpack_from(f"<{2 * pairs}L", value, 4)
    permitted, inheritable = (sum(word << 32 * at for at, word in enumerate(words[first::2])) for first in (0, 1))
    effective = "e" if magic & _EFFECTIVE else ""
    told = [
        f"{names}={effective}{flags}"
        for flags, bits in (
            ("p", permitted & ~inheritable),
            ("ip", permitted & inheritable),
            ("i", inheritable & ~permitted),
        )
        if (names := ",".join(_named(bits)))
    ]
    return " ".join(told)


def decoded(text: bytes) -> bytes:
    """A value that libarchive writes in base64; as it is where it is none."""
    try:
        return binascii.a2b_base64(text + bytes(-len(text) % 4).replace(b"\0", b"="))
    except binascii.Error:
        return text


def _named(bits: int) -> list[str]:
    names = [f"cap_{name}" for number, name in enumerate(_NAMES) if bits >> number & 1]
    return names + [f"cap_{number}" for number in range(len(_NAMES), 64) if bits >> number & 1]
