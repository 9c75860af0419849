"""Finds secrets in untrusted text and takes them out; loaded when the first text comes that may hold one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pkgscan.secret_options import secret_spans, secret_words

REDACTED = "[redacted]"


def redact(text: str) -> str:
    """The text with secrets replaced by `[redacted]`; what they are the secret of stays: `password=[redacted]`.

    Knows passwords in URLs and on command lines, `key=value` and `key: value` secrets, SQL passwords, Authorization
    headers, private keys, and the tokens that services mark with a prefix. A value that only names a variable or a
    file stays. Takes time linear in the length of the text.
    """
    text = _without(text, secret_spans(text))
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return _KEY_LINE.sub(_KEEP_FIRST, text) if len(text) >= _SHORTEST_KEY_LINE else text


def redact_words(words: Sequence[str]) -> list[str]:
    """The words of one command, quotes taken off, without secrets; a secret is known by the word before it, too."""
    cleaned = list(words)
    for number, first, end in secret_words(words):
        cleaned[number] = _without(cleaned[number], [(first, end)])
    for number in range(1, len(cleaned)):
        if _SECRET_OPTION.match(words[number - 1]) and not words[number].startswith("-"):
            cleaned[number] = _without(cleaned[number], [(0, len(cleaned[number]))])
    return [redact(word) for word in cleaned]


def redact_pair(name: str, value: str) -> str:
    """The value of a variable or setting without secrets; the whole value goes if the name says that it is one."""
    if _SECRET_NAME.search(name):
        return _without(value, [(0, len(value))])
    return redact(value)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    pieces, done = [], 0
    for first, end in spans:
        if first >= done and text[first:end] and not _IS_PLAIN.match(text[first:end]):
            pieces += [text[done:first], REDACTED]
            done = end
    return "".join([*pieces, text[done:]])


# How the patterns stay linear: each starts with a literal, whatever lies between is bounded, and only the last piece
# is unbounded; that piece gives nothing back (`++`) and cannot fail, so what it ate is not looked at again.
_GAP = r"[ \t]{0,8}"
# A value that is no secret by itself: a variable, a substitution, a placeholder, a switch, or redacted already.
_PLAIN = (
    r"(?![\"']?(?:\$|<|%\(|%s|\{\{|\*\*|`|\[redacted\]|\\(?:\r?\n|\Z))"
    r"|(?:true|false|yes|no|none|null|nil|on|off|required|optional)(?![^\s\"',;&|)]))"
)
_VALUE = _PLAIN + r"""(?:"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?|[^\s"'`,;&|<>()]++)"""
_NAMES = (
    r"(?:passw(?:or)?d|(?<=[_-])pass|passphrase|passwort|pwd|secret|token|credentials?"
    r"|(?:api|access|account|auth|encryption|master|private|shared|signing)[_-]?key)"
)
# password_file, token-url, secretName ... say something about the secret; they do not hold it.
_ABOUT = r"(?![\w.-]{0,32}(?:file|path|dir|name|url|policy|length|age|prompt|type|min|max|fd)\b)"

_KEEP_FIRST = rf"\1{REDACTED}"


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


_IS_PLAIN = re.compile(rf"(?!{_PLAIN})|['\"]{{1,2}}\Z", re.IGNORECASE)
_SECRET_NAME = _compile(rf"{_NAMES}{_ABOUT}")
_SECRET_OPTION = _compile(rf"\A--?[\w-]{{0,24}}{_NAMES}{_ABOUT}[\w-]{{0,24}}\Z")

# A line from the middle of a private key: base64 of the lengths that PEM, OpenSSH and MIME use. Mixed case and digits
# tell it from paths and from digests in hexadecimal.
_KEY_LINE = re.compile(
    r"^([ \t]{0,8})(?=[^a-z\n]{0,75}[a-z])(?=[^A-Z\n]{0,75}[A-Z])(?=[^0-9\n]{0,75}[0-9])"
    r"(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70}|[A-Za-z0-9+/]{76})(?=\r?$)",
    re.MULTILINE,
)
_SHORTEST_KEY_LINE = 64  # characters

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A private key, to its end or the end of the text.
    (
        _compile(
            r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----)"
            r"(?!\[redacted\])(?:[^-]|-(?!----END ))*+"
        ),
        _KEEP_FIRST,
    ),
    # scheme://user:password@host
    (_compile(r"(://[^\s/@:\"']{0,256}:)(?!\$|\[redacted\])[^\s/\"']{1,1024}@"), rf"\1{REDACTED}@"),
    # Authorization: Basic abc
    (
        _compile(
            rf"(authorization[\"']?{_GAP}[:=]{_GAP}[\"']?(?:[a-z]{{2,16}}[ \t]{{1,4}})?+)"
            r"(?!\$|\[redacted\])[^\s\"',;]++"
        ),
        _KEEP_FIRST,
    ),
    # password=x, "api_key": "x", token := x
    (
        _compile(rf"({_NAMES}{_ABOUT}[\w.-]{{0,32}}[\"'\]]{{0,2}}{_GAP}(?>=>|:=|==?|:(?![:/=])){_GAP}){_VALUE}"),
        _KEEP_FIRST,
    ),
    # --password x
    (_compile(rf"(--[\w-]{{0,24}}{_NAMES}{_ABOUT}[\w-]{{0,24}}[ \t]{{1,8}})(?!-){_VALUE}"), _KEEP_FIRST),
    # ALTER USER u PASSWORD 'x', IDENTIFIED BY 'x'
    (
        _compile(rf"(\b(?:password|identified{_GAP}by(?:{_GAP}password)?)[ \t]{{1,8}})(?=['\"]){_VALUE}"),
        _KEEP_FIRST,
    ),
    # Tokens that services mark with a prefix, so that leaks can be found
    (
        re.compile(
            r"\b(A[KS]IA|gh[opusr]_|github_pat_|glpat-|xox[abeoprs]-|AIza|npm_|[rs]k_live_|eyJ(?=[\w-]{8,1024}\.eyJ))"
            r"[\w.-]{12,}+"
        ),
        _KEEP_FIRST,
    ),
    (re.compile(r"(hooks\.slack\.com/services/)[\w/]++"), _KEEP_FIRST),
)
