"""Whatever zipfile writes reads back; whatever is done to it afterwards ends in bytes or in Damage."""

from __future__ import annotations

import io
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from zip_reading import read

MOST = 1 << 16  # bytes of any content that are kept of a mutated zip

names = st.text(st.characters(codec="utf-8", exclude_characters="\0\\"), min_size=1, max_size=30).filter(
    lambda name: not name.endswith("/")
)
trees = st.dictionaries(names, st.binary(max_size=3000), max_size=8)
methods = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])


def zipped(tree: dict[str, bytes], method: int, comment: bytes = b"") -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        archive.comment = comment
        for name, content in tree.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return raw.getvalue()


@given(trees, methods, st.binary(max_size=100))
def test_trees_read_back_without_a_word(tree: dict[str, bytes], method: int, comment: bytes) -> None:
    reading = read(zipped(tree, method, comment))
    assert reading.files == [(name.encode(), content) for name, content in tree.items()]
    assert (reading.facts, reading.damage, reading.broken) == ([], [], [])


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_changed_byte_costs_nothing_but_damage(data: st.DataObject) -> None:
    whole = zipped(data.draw(trees.filter(bool)), data.draw(methods))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= data.draw(st.integers(1, 255))
    reading = read(bytes(changed), MOST)
    assert len(reading.members) <= 40
    assert all(len(content) <= MOST for _, content in reading.files)


@given(trees.filter(bool), methods, st.data())
@settings(deadline=None)
def test_a_cut_zip_is_never_taken_for_whole(tree: dict[str, bytes], method: int, data: st.DataObject) -> None:
    whole = zipped(tree, method)
    reading = read(whole[: data.draw(st.integers(0, len(whole) - 1))], MOST)
    assert reading.damage or reading.broken
