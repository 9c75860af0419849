"""Small archives made on the spot, for tests that need one of a certain shape."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A deflated zip."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


def tar_of(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    """A tar; `mode` as in tarfile, such as `w:gz`."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=mode) as archive:  # type: ignore[call-overload]  # the mode is the caller's
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(content))
    return raw.getvalue()


def deb_of(files: Mapping[str, bytes], control: Mapping[str, bytes]) -> bytes:
    """A Debian package."""
    parts = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": tar_of(control, "w:gz"),
        "data.tar.xz": tar_of(files, "w:xz"),
    }
    members = (
        f"{name:16}{0:<12}{0:<6}{0:<6}{'100644':8}{len(content):<10}`\n".encode() + content + b"\n" * (len(content) % 2)
        for name, content in parts.items()
    )
    return b"!<arch>\n" + b"".join(members)
