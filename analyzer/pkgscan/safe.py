r"""Makes untrusted text fit to be shown: nothing that moves a cursor or reorders a line, and no secrets.

Every string that comes from a package passes through here before it reaches a terminal, a file or a viewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

# Almost every string holds none of these, and is spared the rest; plain search is seven times faster than a pattern.
_HINTS = (
    "pass", "pwd", "secret", "token", "credential", "key", "authorization", "://", "identified", "akia", "asia",
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat", "xox", "eyj", "aiza", "npm_", "k_live",
    "hooks.slack", "mysql", "maria", "sshpass", "curl", "wget", "ftp", "redis-", "ldap", "openssl",
    "keytool", "signer", "smb", "rpcclient", "mongo", "zip ", "zip\t", "ipmitool", "mosquitto_",
    "sqlcmd", "bcp", "sqlplus", "sqlldr", "rman", "expdp", "impdp", "htpasswd",
)  # fmt: skip
_KEY_LINE = 64  # characters of a private key's shortest line, which has no word to be known by

# Letters and marks by category, yet drawn as nothing: fillers, joiners, and the selectors used to smuggle text.
_SELECTORS = range(0xE0100, 0xE01F0)
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(code) for code in _SELECTORS}


def safe(text: str) -> str:
    r"""The text with every character that does not print as itself written out: `\x1b`, `\u202e`, `\U000e0041`.

    That is every control, format, line or paragraph separator, surrogate, private and unassigned code point, every
    space but the plain one, and a few letters that are drawn as nothing. A backslash stays as it is, so the result
    is for reading, not for turning back.
    """
    if text.isprintable() and (text.isascii() or _INVISIBLE.isdisjoint(text)):
        return text
    return "".join(char if _prints(char) else _escape(char) for char in text)


def _prints(char: str) -> bool:
    return char.isprintable() and char not in _INVISIBLE


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:  # noqa: PLR2004  # two digits hold it
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004  # four digits hold it


def redact(text: str) -> str:
    """The text with secrets replaced by `[redacted]`; what they are the secret of stays: `password=[redacted]`.

    What is known as a secret, and how, is told in `redaction`, which is loaded for the first text that may hold one.
    """
    lowered = text.lower()
    may_hold = any(hint in lowered for hint in _HINTS) or any(len(word) >= _KEY_LINE for word in text.split())
    text_left: str = _redaction().redact(text) if may_hold else text
    return text_left


def redact_words(words: Sequence[str]) -> list[str]:
    """The words of one command, quotes taken off, without secrets; a secret is known by the word before it, too."""
    words_left: list[str] = _redaction().redact_words(words)
    return words_left


def redact_pair(name: str, value: str) -> str:
    """The value of a variable or setting without secrets; the whole value goes if the name says that it is one."""
    value_left: str = _redaction().redact_pair(name, value)
    return value_left


def _redaction() -> ModuleType:
    from pkgscan import redaction  # noqa: PLC0415  # its patterns cost half a bare start

    return redaction


def shortened(text: str, width: int) -> str:
    """The text cut to `width` characters; secrets go first, since half a secret is no longer known as one."""
    text = redact(text) if len(text) > width else text
    return text if len(text) <= width else f"{text[: width - 3]}..."


def shown(text: str) -> str:
    """The text as every report for people shows it: without secrets, then safe to print."""
    return safe(redact(text))
