"""Opens one archive of any format as members, from a stream or from a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TypeAlias

from pkgscan.archive.budget import ArchiveBudget
from pkgscan.archive.cpio.audit import LinkAudit
from pkgscan.archive.cpio.sums import MAGIC, CpioSums
from pkgscan.archive.deb import parts
from pkgscan.archive.ends import ArEnd, LhaEnd
from pkgscan.archive.formats import COMPRESSIONS, HEAD, SEEKING, detect
from pkgscan.archive.member import Charge, Damage, Member, Window
from pkgscan.archive.names import inner_path, member_path
from pkgscan.archive.spool import Spool
from pkgscan.archive.tar.audit import TarAudit
from pkgscan.facts.archive import Disagreement, FileCapabilities
from pkgscan.model import Fact, Span

Opening: TypeAlias = Iterator["Member | Fact | Damage"]

# Endings that a single compressed file loses; a tarball's own are replaced by tar.
_ENDINGS = (".gz", ".bz2", ".xz", ".zst", ".lzma", ".lz4", ".lz", ".Z")


@contextmanager
def opened(  # noqa: PLR0913, PLR0917  # what it takes to open an archive, wherever its bytes are
    form: str,
    read: Callable[[], bytes],
    window: Window | None,
    path: str,
    budget: ArchiveBudget,
    spool: Spool,
    *,
    all_read: bool = True,
) -> Iterator[tuple[Opening, Window | None]]:
    """The members of the archive at `path`, and the window they may be read from in place.

    `read` hands out the archive's bytes; `window` is the same content, seekable, if it is. What `read` gives is counted
    as packed bytes. `all_read`: the content of every member is. Raises `Damage`.
    """
    if form in SEEKING:
        held = None if window is not None else spool.hold(read)
        try:
            seekable = window or (held.window if held else Window(-1, 0, 0))
            budget.packed = seekable.size
            yield _seeking(form, seekable, path, budget, all_read=all_read), seekable
        finally:
            if held is not None:
                held.close()
    else:
        yield _streaming(form, _counted(read, budget), path, budget.count_metadata), None


def _seeking(form: str, window: Window, path: str, budget: ArchiveBudget, *, all_read: bool) -> Opening:
    if form == "zip":
        from pkgscan.archive.zip.reader import read_zip  # noqa: PLC0415  # only for packages that hold one

        return read_zip(window, path, budget.most_entries, all_read=all_read)
    if form == "xar":
        from pkgscan.archive.xar.reader import read_xar  # noqa: PLC0415  # the same

        return read_xar(window, path, budget.count_metadata)
    if form == "rar":
        from pkgscan.archive.rar.reader import read_rar  # noqa: PLC0415  # the same

        return read_rar(window, path, budget.count_metadata)
    if form == "iso9660":
        from pkgscan.archive.iso import read_iso  # noqa: PLC0415  # the same

        return read_iso(window, path)
    if form == "cab":
        from pkgscan.archive.cab import read_cab  # noqa: PLC0415  # the same

        return read_cab(window, path)
    from pkgscan.archive.sevenzip.reader import read_7z  # noqa: PLC0415  # the same

    return read_7z(window, path, budget.count_metadata)


def _streaming(form: str, pull: Callable[[], bytes], path: str, charge: Charge) -> Opening:
    if form == "lha":
        yield from _lha(pull, path)
        return
    if form == "rpm":
        from pkgscan.archive.rpm.reader import scriptlets  # noqa: PLC0415  # only for packages that hold one

        pull, files = yield from scriptlets(pull, charge)
        form, pull = _payload(pull)
        yield from files.stated(_streamed(form, pull, path, is_rpm=True), path)
        return
    yield from _streamed(form, pull, path)


def _streamed(form: str, pull: Callable[[], bytes], path: str, *, is_rpm: bool = False) -> Opening:
    from pkgscan.archive.libarchive import reader as libarchive  # noqa: PLC0415  # heavy, and most small packages are zips

    leftover: list[bytes] = []
    head = b""
    if form in COMPRESSIONS:
        blocks = _decompressed(form, pull, leftover)
        head = _head(blocks)
        blocks = chain((head,), blocks if not is_rpm else _cpio_alone(head, blocks))
        if head.startswith(bytes(HEAD)):  # to libarchive, the end of a tar: it would pass over all that follows
            yield Member(name=content_name(path).encode(), content=blocks, has_mode=False)
            return
        pull = lambda: next(blocks, b"")  # noqa: E731  # a pull function is what it is
    sums, pull = _with_sums(form, head, pull)
    end = ArEnd(pull)
    audit = TarAudit(end.pull)
    name = content_name(path).encode() if form in COMPRESSIONS else b""
    links = LinkAudit()
    found = libarchive.members(audit.pull, name, _behind(path), sums, links)
    found = _heard_out(found, (audit, links), path)
    if form in COMPRESSIONS:  # libarchive has no member for a compressed file of no bytes
        yield next(found, Member(name=name, has_mode=False))
    yield from parts(found, path) if form == "deb" else found
    for member, told in audit.capable:
        yield FileCapabilities(span=Span(member_path(path, member)), member=inner_path(member), capabilities=told)
    if damage := end.cut():
        yield damage
    if any(leftover):
        yield Damage(
            "data-after-end", f"{form}: bytes behind the compressed data, which some tools drop and others read on in"
        )


def _lha(pull: Callable[[], bytes], path: str) -> Opening:
    from pkgscan.archive.libarchive import reader as libarchive  # noqa: PLC0415  # heavy, and most small packages are zips

    end = LhaEnd(pull)
    yield from libarchive.members_alone("lha", end.pull)
    if damage := end.cut():
        yield damage
    rest = end.behind()
    if found := next(rest, b""):
        yield _behind(path)
        yield Member(name=b"<data after the archive>", content=chain((found,), rest), has_mode=False)


def _payload(pull: Callable[[], bytes]) -> tuple[str, Callable[[], bytes]]:
    """How an rpm's payload is compressed, and its bytes. Raises fatal Damage where that is not known."""
    head, pull = _looked_at(pull)
    form = detect(head)
    if form != "cpio" and form not in COMPRESSIONS:
        raise Damage("unsupported-format", "the payload of the rpm is packed in a way that is not known", fatal=True)
    return form, pull


def _cpio_alone(head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The rest of an rpm's payload, once unpacked. Raises fatal Damage where it is no cpio."""
    if detect(head) != "cpio":
        raise Damage("unsupported-format", "the payload of the rpm is in a format that is not known", fatal=True)
    return blocks


def _heard_out(found: Opening, audits: tuple[TarAudit | LinkAudit, ...], path: str) -> Opening:
    """What is found, and then what readers of it differ on, also of one that ends in damage."""
    damage: Damage | None = None
    try:
        yield from found
    except Damage as error:
        damage = error
    for kind, text in chain.from_iterable(audit.differences for audit in audits):
        yield Disagreement(span=Span(path), text=text, disagreement=kind)
    if damage is not None:
        raise damage


def _behind(path: str) -> Disagreement:
    text = "data behind the end of the archive, where some unpackers go on"
    return Disagreement(span=Span(path), text=text, disagreement="data-after-end")


def _decompressed(form: str, pull: Callable[[], bytes], leftover: list[bytes]) -> Iterator[bytes]:
    if form in ("gzip", "bzip2"):
        from pkgscan.archive.decompression import decompressed  # noqa: PLC0415  # only for packages that hold one

        return decompressed(form, pull, leftover)
    from pkgscan.archive.libarchive import reader as libarchive  # noqa: PLC0415  # heavy, and most small packages are zips

    return libarchive.decompressed(form, pull, leftover)


def _with_sums(form: str, head: bytes, pull: Callable[[], bytes]) -> tuple[CpioSums | None, Callable[[], bytes]]:
    """What compares the sums of a cpio that has them, and its bytes; `head` is known of what was packed."""
    if form == "cpio":
        head, pull = _looked_at(pull)
    if not head.startswith(MAGIC):
        return None, pull
    sums = CpioSums(pull)
    return sums, sums.pull


def _looked_at(pull: Callable[[], bytes]) -> tuple[bytes, Callable[[], bytes]]:
    """The first bytes, and what hands out all of them still."""
    blocks = iter(pull, b"")
    head = _head(blocks)
    rest = chain((head,), blocks)
    return head, lambda: next(rest, b"")


def _head(blocks: Iterator[bytes]) -> bytes:
    head = b""
    while len(head) < HEAD and (block := next(blocks, b"")):
        head += block
    return head


def _counted(read: Callable[[], bytes], budget: ArchiveBudget) -> Callable[[], bytes]:
    def pull() -> bytes:
        block = read()
        budget.packed += len(block)
        return block

    return pull


def content_name(path: str) -> str:
    """What the one file in a compressed file is called: its name without the compression's ending."""
    base = path.rpartition("/")[2]
    for ending in _ENDINGS:
        if base.endswith(ending) and base != ending:
            return base[: -len(ending)]
    return "content"
