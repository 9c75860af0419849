"""Where well-known programs take a password on their command line: which option, which operand, which part of it.

By the manual of each program. Works on a text that holds a command line somewhere, and on words already split.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

WHOLE = re.compile("")
AFTER_USER = re.compile(r"[\"']?[^\s:,\"']{0,128}[:,]")  # user:x, of lftp user,x
AFTER_PERCENT = re.compile(r"[\"']?[^\s%\"']{0,128}%")
AFTER_PASS = re.compile(r"[\"']?pass:")  # openssl; env:X, file:X and stdin hold no secret
AFTER_SLASH = re.compile(r"[\"']?[^\s/@=\"']{1,128}/(?=[^@/])")


class Secret(msgspec.Struct, frozen=True):
    """An option with a secret: how its word begins, and what part of the value is none; `apart`: may be a word away."""

    option: re.Pattern[str]
    keep: re.Pattern[str] = WHOLE
    apart: bool = True


class Program(msgspec.Struct, frozen=True):
    """The secrets of one program. `operand` is the place of one that is an operand, -1 for none; `rest`: all behind it.

    `needs` is the option that makes it so, `shift` the one that moves it one forward.
    """

    name: re.Pattern[str]
    secrets: tuple[Secret, ...] = ()
    operand: int = -1
    keep: re.Pattern[str] = WHOLE
    rest: bool = False
    needs: re.Pattern[str] | None = None
    shift: re.Pattern[str] | None = None
    runs: bool = False  # its first operand is another program, whose options are its own


def _option(letters: str = "", flags: str = "", *names: str) -> re.Pattern[str]:
    """A short option, alone or behind others that take no value (`-su`), and long ones, with their value or without."""
    short = [rf"-[{flags}]{{0,16}}[{letters}]" if flags else f"-[{letters}]"] if letters else []
    return re.compile("[\"']?(?:" + "|".join([*short, *(rf"{name}(?:=|(?=[\"']?\Z))" for name in names)]) + ")")


def _program(names: str, *secrets: Secret) -> Program:
    return Program(re.compile(names, re.IGNORECASE), secrets)


_MYSQL_FLAGS = "ABCEFGHILNOQRTUVXbcfgijknoqrstvw"
_PROGRAMS = (
    _program(r"mysqladmin", Secret(_option("p", _MYSQL_FLAGS), apart=False), Secret(_option("", "", "password"))),
    _program(r"(?:mysql|mariadb)[\w-]{0,24}", Secret(_option("p", _MYSQL_FLAGS), apart=False)),
    Program(re.compile("sshpass", re.IGNORECASE), (Secret(_option("p", "ev")),), runs=True),
    _program(
        "curl",
        Secret(_option("uU", "012346aBfgGiIjJklLMnNOpqRsSvZ#", "--user", "--proxy-user"), AFTER_USER),
        Secret(_option("", "", "--pass", "--proxy-pass")),
    ),
    _program("wget|l?ftp|ncftp", Secret(_option("u", "", "--user"), AFTER_USER)),
    _program("redis-cli|redis-benchmark", Secret(_option("a", "", "--pass"))),
    _program("ldap(?:search|modify|add|delete|passwd|whoami|compare|modrdn|exop)",
             Secret(_option("w", "cnvxACIMPQZ"))),
    _program("openssl", Secret(_option("", "", "-k", "-K")),
             Secret(_option("", "", "-pass", "-passin", "-passout"), AFTER_PASS)),
    _program("keytool|jarsigner|apksigner", Secret(re.compile(r"[\"']?--?[a-z]{0,16}-?pass(?=[\"']?\Z)"))),
    _program("smbclient|smbget|smbspool|rpcclient|smbcacls|smbtree",
             Secret(_option("U", "NkeEgVPq", "--user"), AFTER_PERCENT)),
    _program("mongo(?:sh|dump|restore|export|import|stat|top)?", Secret(_option("p"))),
    _program("zip|zipcloak|unzip", Secret(_option("P", "rqjuomv9"))),
    _program("ipmitool", Secret(_option("P"))),
    _program("mosquitto_(?:pub|sub|rr)", Secret(_option("P", "dnrlsq", "--pw"))),
    _program("sqlcmd|bcp", Secret(_option("P"))),
    Program(re.compile("sqlplus|sqlldr|rman|expdp|impdp", re.IGNORECASE), (), 0, AFTER_SLASH),
    Program(
        re.compile("htpasswd", re.IGNORECASE), (), 2, rest=True,
        needs=re.compile(r"-[a-zA-Z]{0,8}b"), shift=re.compile(r"-[a-zA-Z]{0,8}n"),
    ),
)  # fmt: skip
_NAME = re.compile("(?:" + "|".join(program.name.pattern for program in _PROGRAMS) + ")", re.IGNORECASE)
_COMMAND = re.compile(rf"(?<![\w.-]){_NAME.pattern}(?=[\"']?[ \t\\])", re.IGNORECASE)
# Linear: runs in quotes and substitutions are bounded, and a word, once matched, is not looked at again.
_WORD = re.compile(
    r"(?:[ \t]|\\\r?\n){1,64}+"
    r"((?:\\[\"'][^\"'\\\n]{0,256}\\[\"']|\\."
    r"|\"(?![\s;|&)]|\Z)(?:[^\"\\\n]|\\.){0,512}+\"|'(?![\s;|&)]|\Z)[^'\n]{0,512}+'|\"\"|''"
    r"|\$\([^()\n]{0,256}+\)|`[^`\n]{0,256}+`|&>|[<>]&?|[^\s\"'`;|&()<>\\])++)"
)
_QUOTES = "\"'"


class Scan:
    """Goes through the words of a command line, one by one, and knows which of them holds a secret."""

    def __init__(self) -> None:
        self._program: Program | None = None
        self._start(None)

    def _start(self, program: Program | None) -> None:
        self._program = program
        self._pending: re.Pattern[str] | None = None
        self._operands = 0
        self._needed = self._shifted = False

    def step(self, word: str) -> tuple[int, int] | None:
        """From where to where a word is secret, if it is; quotes around it are left."""
        pending, self._pending = self._pending, None
        if pending is not None and not word.startswith("-"):
            return _part(word, 0, pending)
        found = program_of(word)
        if found is not None:
            self._start(found)
            return None
        if self._program is None:
            return None
        read = self._option if word.lstrip(_QUOTES).startswith("-") else self._word
        return read(word, self._program)

    def _option(self, word: str, program: Program) -> tuple[int, int] | None:
        self._needed |= program.needs is not None and program.needs.match(word) is not None
        self._shifted |= program.shift is not None and program.shift.match(word) is not None
        return self._named(word, program)

    def _named(self, word: str, program: Program) -> tuple[int, int] | None:
        for secret in program.secrets:
            option = secret.option.match(word)
            if option and word[option.end() :].strip(_QUOTES):
                return _part(word, option.end(), secret.keep)
            if option and secret.apart:
                self._pending = secret.keep
                return None
        return None

    def _word(self, word: str, program: Program) -> tuple[int, int] | None:
        if program.runs:
            self._start(None)
            return None
        at, self._operands = self._operands, self._operands + 1
        place = program.operand - self._shifted
        if program.operand >= 0 and (at == place or (program.rest and at > place)):
            return _part(word, 0, program.keep) if self._needed or program.needs is None else None
        return self._named(word, program)


def _part(word: str, at: int, keep: re.Pattern[str]) -> tuple[int, int] | None:
    kept = keep.match(word, at)
    if kept is None:
        return None
    end = len(word)
    if word[-1:] in _QUOTES and word[-1:] == word[:1] and kept.end():
        end -= 1  # the quote that closes the whole word
    elif kept.end() > at and word[at : at + 1] in _QUOTES and word[-1:] == word[at : at + 1]:
        end -= 1
    if keep is AFTER_SLASH:
        end = word.find("@", kept.end()) if "@" in word[kept.end() :] else end
    return (kept.end(), end) if kept.end() < end else None


def program_of(word: str) -> Program | None:
    """The program a word names, by its path or alone."""
    name = word.strip(_QUOTES).rpartition("/")[2]
    if not _NAME.fullmatch(name):
        return None
    return next((program for program in _PROGRAMS if program.name.fullmatch(name)), None)


def secret_words(words: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Of words without quotes, those with a secret: which, from where, to where."""
    scan = Scan()
    for number, word in enumerate(words):
        found = scan.step(word)
        if found:
            yield number, *found


def secret_spans(text: str) -> list[tuple[int, int]]:
    """From where to where a text holds secrets of command lines, in order."""
    found: list[tuple[int, int]] = []
    regions = [(0, len(text))]
    while regions:
        at, end = regions.pop()
        while command := _COMMAND.search(text, at, end):
            at = _scan(text, command, end, found, regions)
    return sorted(set(found))


def _scan(
    text: str, command: re.Match[str], end: int, found: list[tuple[int, int]], regions: list[tuple[int, int]]
) -> int:
    """Through the words behind a command's name; what stands in quotes is a region to be searched by itself."""
    scan, at = Scan(), command.end()
    scan.step(command[0])
    if text[at : at + 1] in tuple(_QUOTES):
        at += 1
    while word := _WORD.match(text, at, end):
        at = word.end()
        part = scan.step(word[1])
        if part:
            found.append((word.start(1) + part[0], word.start(1) + part[1]))
        elif " " in word[1] or "\t" in word[1]:
            regions.append((word.start(1) + 1, at - 1))
    return at
