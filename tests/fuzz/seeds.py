"""What fuzzing starts from, made by our builders when asked for: packages of every format, texts of every kind.

No seed is committed, and none is large: a hostile package that is a bomb has tests of its own.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fuzz import forms
from packing import deb_of, tar_of, zip_of
from pkgscan.archive.formats import detect
from pkgscan.config import Config, render_config
from pkgscan.model import Entry, Fact, Gap, Span
from pkgscan.processes import messages as say
from pkgscan.readers.base import Source, Wants
from pkgscan.readers.crontab import CrontabReader
from pkgscan.sandbox.wire import encode
from pkgscan.testing import Member

ROOT = Path(__file__).parents[2]
LARGEST = 64 << 10  # bytes of a seed: mutations of longer ones mostly miss what is read closely
# Hostile by their number or length: slowly made, and mostly too large for a seed.
LARGE = ("hostile.bombs", "hostile.extremes")
SLOW = frozenset({
    "bzip2-zeros", "gnu-name-64mb", "long-names", "long-nested-names", "many-hard-links", "many-links", "pax-endless",
    "pax-path-64mb", "sparse-million-holes", "xattr-bomb", "xz-zeros", "zeros-in-zeros",
})  # fmt: skip
FILES: Mapping[str, bytes] = {
    "etc/cron.d/import": b"0 3 * * * root /opt/app/import.sh >> /var/log/app.log 2>&1\n",
    "opt/app/import.sh": b"#!/bin/sh\nset -eu\nsftp -b /opt/app/batch import@sftp-old\n",
    "README": b"hello world\n" * 20,
    "empty": b"",
}
SCRIPT = b"#!/bin/sh\nsystemctl restart app\n"
CONTENT = FILES["README"]


def tar() -> bytes:
    """A plain tar of the few files."""
    return tar_of(FILES)


def archives() -> dict[str, bytes]:
    """One package of each format that is made by code of our own or Python's, by the name of its format."""
    found = {name: build(FILES) for name, build in forms.ARCHIVES.items()}
    found |= {"zip": zip_of(FILES), "tar": tar(), "deb": deb_of(FILES, {"postinst": SCRIPT})}
    packed = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "lzma": _lzma, **forms.COMPRESSIONS}
    found |= {name: compress(CONTENT) for name, compress in packed.items()}
    found["rpm"] = forms.rpm_of(gzip.compress(forms.cpio_of(FILES), mtime=0), {1024: SCRIPT})
    return found | dict(_built())


def _lzma(content: bytes) -> bytes:
    return lzma.compress(content, lzma.FORMAT_ALONE)


def _built() -> Iterator[tuple[str, bytes]]:
    """Those that fixtures/archives makes."""
    item = _fixture("archives.item").Item
    items = [item(name=name, content=content) for name, content in FILES.items()]
    for name in ("rar4", "rar5"):
        yield name, _fixture(f"archives.{name}").build(items)
    cab, ar, lha, xar = (_fixture(f"archives.{name}") for name in ("cab", "ar", "lha", "xar"))
    yield from ((f"cab-{method}", cab.build([cab.Folder(items, method)])) for method in (cab.STORED, cab.MSZIP))
    yield from (("ar-gnu", ar.gnu(items)), ("ar-bsd", ar.bsd(items)))
    yield from ((f"lha-{level}", lha.build(items, level)) for level in (0, 1, 2))
    for encoding in ("application/x-gzip", "application/x-bzip2", "application/octet-stream"):
        yield f"xar-{encoding.rpartition('/')[2]}", xar.build(items, encoding=encoding)


def nested() -> dict[str, bytes]:
    """Archives in archives, a zip behind a program, and what the walk reads as two things at once."""
    every = archives()
    inner = zip_of({name: data for name, data in every.items() if len(data) < LARGEST})
    return {
        "all-in-zip": inner,
        "tar-gz": tar_of(FILES, "w:gz"),
        "tar-in-tar": tar_of({"a": b"1", "in.tar": tar(), "z": b"2"}),
        "zip-in-deb": deb_of({"in.zip": zip_of(FILES)}, {"control": b"Package: x\n"}),
        "zip-behind": b"\x7fELF" + bytes(600) + zip_of(FILES),
        "cron-that-is-a-tar": zip_of({"etc/cron.d/x": tar()}),
        **{f"image-{name}": tar_of(files) for name, files in images().items()},
        "deep": zip_of(
            {"a.gz": gzip.compress(gzip.compress(tar_of({"b.zip": zip_of({"c": b"d"})}), mtime=0), mtime=0)}
        ),
    }


def images() -> dict[str, dict[str, bytes]]:
    """The files of small container images: both layouts, a file of one layer replaced and one deleted by the next."""
    made = _fixture("archives.images")
    lower = [Member(name, content) for name, content in FILES.items()]
    layers = [lower, [Member("etc/cron.d/import", b"@daily root true\n"), Member("opt/app/.wh.import.sh")]]
    config = {"User": "0:0", "Cmd": ["cron", "-f"], "ExposedPorts": {"80/tcp": {}}}
    return {"oci": made.oci_layout(layers, config), "saved": made.docker_save(layers, config)}


@cache
def hostile() -> dict[str, bytes]:
    """The hostile packages that are small and quickly made."""
    cases = _fixture("hostile.cases").CASES
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, case in cases.items():
            if case.build.__module__ in LARGE or name in SLOW:
                continue
            path = os.path.join(folder, name)
            case.build(path)
            if os.path.getsize(path) <= LARGEST:
                found[name] = Path(path).read_bytes()
    return found


def packages() -> dict[str, bytes]:
    """Every package to begin with."""
    return {**archives(), **nested(), **hostile()}


def zips() -> dict[str, bytes]:
    """Every package that is a zip."""
    return {name: data for name, data in packages().items() if b"PK\5\6" in data}


def tars() -> dict[str, bytes]:
    """Every package that is a tar, one in each of the ways to write long names."""
    kinds = {"gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT, "ustar": tarfile.USTAR_FORMAT}
    files = {"d/" * 40 + "long": b"1", "d/" * 60 + "longer": b"22"}
    written = {name: _tar_as(files, kind) for name, kind in kinds.items()}
    return {**written, **{name: data for name, data in packages().items() if detect(data) == "tar"}}


def _tar_as(files: Mapping[str, bytes], form: int) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return raw.getvalue()


def compressed() -> dict[str, bytes]:
    """Compressed files of one stream and of two, of every check that xz has."""
    packers = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "lzma": _lzma}
    found = {name: pack(CONTENT) for name, pack in packers.items()}
    found |= {f"two-{name}": pack(CONTENT) + pack(b"second") for name, pack in packers.items()}
    checks = (lzma.CHECK_NONE, lzma.CHECK_CRC32, lzma.CHECK_SHA256)
    return found | {f"xz-{check}": lzma.compress(CONTENT, check=check) for check in checks}


def _fixture(module: str) -> Any:
    import importlib  # noqa: PLC0415  # as are all that stand here

    folder = str(ROOT / "fixtures")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(module)


@cache
def texts() -> dict[str, bytes]:
    """Every small file of the rules' cases and the story package, by its path."""
    folders = (ROOT / "fixtures" / "rules", ROOT / "fixtures" / "packages")
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    kept = (path for path in paths if path.suffix != ".py" and path.stat().st_size < LARGEST)
    found = {str(path.relative_to(ROOT / "fixtures")): path.read_bytes() for path in kept}
    of_images = (item for files in images().values() for item in files.items())
    return found | {f"image/{name}": content for name, content in of_images if content[:1] in b"{["}


def trees() -> dict[str, bytes]:
    """The trees of the rules' cases, each as one text: see `run_claims.files_of`."""
    found: dict[str, list[bytes]] = {}
    for name, content in texts().items():
        parts = name.split("/", 3)
        if parts[0] == "rules" and len(parts) > 3 and parts[3] != "expected.txt":
            found.setdefault("/".join(parts[1:3]), []).append(parts[3].encode() + b"\0" + content)
    return {name: b"\0\0".join(files) for name, files in found.items()}


def settings() -> dict[str, bytes]:
    """Settings, suppressions and a baseline."""
    accepted = (
        b'[[accept]]\nrule = "unrotated-log"\npath = "etc/cron.d/x"\nreason = "r"\nowner = "o"\nexpires = 2027-01-31\n'
    )
    by_print = b'[[accept]]\nfingerprint = "pkgscan/1:%s"\nreason = "r"\nowner = "o"\nexpires = 2027-01-31\n' % (
        b"a" * 20
    )
    return {
        "config": render_config(Config()).encode(),
        "full": b'fail-on = "medium"\nselect = ["unrotated-log"]\njobs = 2\npreview = true\nbaseline = "b.json"\n'
        b'[limits]\nspool = "8g"\nentries = 5\n[rules.unrotated-log]\nseverity = "low"\n[output]\njson = "o.json"\n',
        "shared": b'[tool.pkgscan]\nlabel = "x"\nincomplete = "strict"\n',
        "accept": accepted + by_print,
        "baseline": b'{"schema": "pkgscan-report/1", "findings": [{"fingerprint": "a", "rule": "x"}], "gaps": []}',
    }


def payloads() -> dict[str, bytes]:
    """What children send."""
    entry = Entry("p!/a", 1, b"a", "text", size=3, sha256="0" * 64, archive="p")
    gap = Gap(effect="unread", stage="walk", reason="damaged", detail="x", span=Span("p!/a", 1, 2))
    orders = (say.WalkOrder(0, ("p!/a",), 3), say.FetchOrder(0, ("p!/a",)), say.LookOrder(entry, "x", ()))
    values = ([entry], [gap], (1, "p!/a"), (3, 400), say.Piece("p!/a", 0, 3), *orders, Wants(("p!/a",), "signature"))
    facts = [
        reading
        for name, content in texts().items()
        for reading in CrontabReader().read(Source(Entry(name), "crontab-system", content))
        if isinstance(reading, Fact)
    ]
    return {
        **{f"{number}": say.encode(value) for number, value in enumerate(values)},
        "facts": say.encode(facts[:20]),
        "content": say.pack_content(entry, b"abc", truncated=False),
    }


def frames() -> dict[str, bytes]:
    """Streams of frames."""
    whole = [b"".join(encode(say.SEEN + number % 4, data, 0)) for number, data in enumerate(payloads().values())]
    return {"all": b"".join(whole), "first": whole[0], "cut": whole[0][:-1]}
