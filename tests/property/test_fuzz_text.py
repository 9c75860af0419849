"""Readers, redaction, settings and acceptances hold what they promise, whatever the bytes."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fuzz import seeds, text_claims

FEW = settings(max_examples=40, deadline=None)
TEXTS = [content for content in seeds.texts().values() if len(content) < 1000]
# What the languages are made of: any bytes alone would seldom get past the first of them.
WORDS = (
    b"\n", b" ", b"\t", b"*", b"*/5", b"0 3 * * * ", b"@reboot ", b"root ", b"MAILTO=", b"%", b"\\", b"'", b'"',
    b"$(", b"`", b"${X:-", b"}", b"<<EOF\n", b"EOF\n", b"&&", b"|", b";", b"(", b")", b"[Service]\n", b"[Timer]\n",
    b"ExecStart=-/bin/sh ", b"OnCalendar=", b"Mon..Fri *-*-1..7 10:00", b"/var/log/*.log {\n", b"postrotate\n",
    b"endscript\n", b"#!/bin/sh\n", b"#", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xc3\xa9", b"fail-on = ",
    b"[[accept]]\n", b"[limits]\n", b"rule = ", b"2027-01-31", b"password=", b"://u:p@h", b"if ", b"then ", b"fi ",
    b"for x in ", b"do ", b"done ", b"case x in ", b"esac ", b"!", b"{ ",
)  # fmt: skip
ANY = st.binary(max_size=200)
WORDY = st.lists(st.sampled_from(WORDS) | st.binary(max_size=6), max_size=30).map(b"".join)


@st.composite
def changed(draw: st.DrawFn, texts: list[bytes]) -> bytes:
    """A seed with a few places replaced."""
    text = bytearray(draw(st.sampled_from(texts)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 4))] = draw(st.sampled_from(WORDS) | st.binary(max_size=3))
    return bytes(text)


@pytest.mark.parametrize("kind", text_claims.kinds())
@given(data=ANY | WORDY | changed(TEXTS))
@example(b"")
@example(b"\xef\xbb\xbf")
@example(b"\n")
@FEW
def test_readers(kind: str, data: bytes) -> None:
    text_claims.check_reader(kind)(data)


@given(ANY | WORDY)
@FEW
def test_what_is_shown(data: bytes) -> None:
    text_claims.check_safe(data)


@given(WORDY | changed(list(seeds.settings().values())))
@FEW
def test_settings(data: bytes) -> None:
    text_claims.check_settings(data)


@given(WORDY | changed(list(seeds.settings().values())))
@FEW
def test_acceptances(data: bytes) -> None:
    text_claims.check_acceptances(data)
