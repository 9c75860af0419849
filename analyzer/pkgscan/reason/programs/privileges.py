"""Which commands run under another account, and what they run there: sudo, su, doas, runuser, pkexec and their kin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from pkgscan.reason.programs.options import given, options
from pkgscan.reason.words import head
from pkgscan.values import Literal, Value, literal

ROOT = Literal("root")


class PrivilegeCall(msgspec.Struct, frozen=True):
    """What runs as `user`: `command` are the words of the command, empty for a shell and where a string is run.

    `asks`: it may ask for a password. `queries`: it only asks what is allowed, or forgets a password.
    """

    program: str
    user: Value
    command: tuple[Value, ...] = ()
    asks: bool = True
    queries: bool = False


def privilege_call(name: str, words: Sequence[Value]) -> PrivilegeCall | None:
    """What a command runs under another account; None where it is no such command."""
    reader = READERS.get(name)
    return reader(words) if reader else None


_SUDO = options(
    "ughpCcrtaUDTR",
    "--user --group --host --prompt --close-from --login-class --role --type --auth-type --other-user --chdir"
    " --command-timeout --chroot",
    first_operand_ends=True,
)


def _sudo(words: Sequence[Value]) -> PrivilegeCall:
    found = given(words, _SUDO)
    command = found.operands
    while command and "=" in head(command[0]) and not head(command[0]).startswith(("/", "-", "=")):
        command = command[1:]  # VAR=value
    queries = found.has("-l", "--list", "-v", "--validate", "-k", "-K", "--reset-timestamp", "-V", "--version", "-h")
    return PrivilegeCall(
        "sudo",
        found.value("-u", "--user") or ROOT,
        command,
        asks=not found.has("-n", "--non-interactive"),
        queries=(queries and not command) or [literal(word) for word in command] in (["true"], [":"]),
    )


def _doas(words: Sequence[Value]) -> PrivilegeCall:
    found = given(words, options("uC", first_operand_ends=True))
    return PrivilegeCall("doas", found.value("-u") or ROOT, found.operands, asks=not found.has("-n"))


_SU = options("cCsgGwT", "--command --session-command --shell --group --supp-group --whitelist-environment")


def _su(words: Sequence[Value]) -> PrivilegeCall:
    """`su [options] [-] [USER]`: who follows a lone dash, wherever the options stand."""
    found = given(words, _SU)
    names = [operand for operand in found.operands if literal(operand) != "-"]
    return PrivilegeCall("su", names[0] if names else ROOT)


_RUNUSER = options("cCsgGwTu", "--command --session-command --shell --group --supp-group --user")


def _runuser(words: Sequence[Value]) -> PrivilegeCall:
    if not any(head(word).startswith(("-u", "--user")) for word in words[1:3]):
        return msgspec.structs.replace(_su(words), program="runuser", asks=False)
    found = given(words, msgspec.structs.replace(_RUNUSER, first_operand_ends=True))
    return PrivilegeCall("runuser", found.value("-u", "--user") or ROOT, found.operands, asks=False)


def _pkexec(words: Sequence[Value]) -> PrivilegeCall:
    found = given(words, options(long="--user", first_operand_ends=True))
    return PrivilegeCall("pkexec", found.value("--user") or ROOT, found.operands)


def _setpriv(words: Sequence[Value]) -> PrivilegeCall | None:
    long = "--reuid --regid --groups --inh-caps --ambient-caps --bounding-set --securebits --selinux-label"
    found = given(words, options(long=long, first_operand_ends=True))
    user = found.value("--reuid")
    return PrivilegeCall("setpriv", user, found.operands, asks=False) if user is not None else None


def _by_operand(program: str) -> Callable[[Sequence[Value]], PrivilegeCall | None]:
    """`gosu USER COMMAND...`."""

    def read(words: Sequence[Value]) -> PrivilegeCall | None:
        found = given(words, options(first_operand_ends=True))
        user, command = found.operands[:1], found.operands[1:]
        return PrivilegeCall(program, user[0], command, asks=False) if user else None

    return read


READERS: Mapping[str, Callable[[Sequence[Value]], PrivilegeCall | None]] = {
    "sudo": _sudo,
    "doas": _doas,
    "su": _su,
    "runuser": _runuser,
    "pkexec": _pkexec,
    "setpriv": _setpriv,
    "gosu": _by_operand("gosu"),
    "su-exec": _by_operand("su-exec"),
    "setuidgid": _by_operand("setuidgid"),
}
