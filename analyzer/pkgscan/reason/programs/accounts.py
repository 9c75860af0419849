"""Which accounts of the host a command names, and which it makes: useradd, adduser, chown, install -o and others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from pkgscan.reason.programs.options import given, options
from pkgscan.reason.programs.privileges import privilege_call
from pkgscan.values import Literal, Value, literal


class AccountCall(msgspec.Struct, frozen=True):
    """One account that a command names; `creates`: it is there afterwards."""

    account: Value
    creates: bool = False
    is_group: bool = False


def account_calls(name: str, words: Sequence[Value]) -> tuple[AccountCall, ...]:
    """The accounts that a command names."""
    reader = READERS.get(name)
    return tuple(reader(words)) if reader else ()


_USERADD = options(
    "bcdefgGkKpsuRPZ",
    "--base-dir --comment --home-dir --home --expiredate --inactive --gid --groups --skel --key --password --shell"
    " --uid --root --prefix --selinux-user --ingroup --firstuid --lastuid --conf --gecos --firstgid --lastgid",
)


def _user(words: Sequence[Value]) -> Iterator[AccountCall]:
    found = given(words, _USERADD)
    is_group = found.has("--group") and not found.has("--system")
    for operand in found.operands[:1]:
        yield AccountCall(operand, creates=True, is_group=is_group)
        if found.has("--group", "-U", "--user-group"):
            yield AccountCall(operand, creates=True, is_group=True)


def _group(words: Sequence[Value]) -> Iterator[AccountCall]:
    for operand in given(words, options("gKpRP", "--gid --key --password --root")).operands[:1]:
        yield AccountCall(operand, creates=True, is_group=True)


def _owner(words: Sequence[Value]) -> Iterator[AccountCall]:
    """`chown USER:GROUP FILE...`."""
    found = given(words, options(long="--reference --from"))
    if found.operands and not found.has("--reference"):
        yield from _user_and_group(found.operands[0])


def _user_and_group(value: Value) -> Iterator[AccountCall]:
    text = literal(value) or ""
    user, separator, group = text.partition(":")
    if user:
        yield AccountCall(Literal(user))
    if separator and group:
        yield AccountCall(Literal(group), is_group=True)


def _chgrp(words: Sequence[Value]) -> Iterator[AccountCall]:
    for operand in given(words, options(long="--reference")).operands[:1]:
        yield AccountCall(operand, is_group=True)


def _install(words: Sequence[Value]) -> Iterator[AccountCall]:
    found = given(words, options("Stmog", "--target-directory --suffix --mode --owner --group"))
    for owner in found.values("-o", "--owner"):
        yield AccountCall(owner)
    for group in found.values("-g", "--group"):
        yield AccountCall(group, is_group=True)


def _run_as(name: str) -> Callable[[Sequence[Value]], Iterator[AccountCall]]:
    def read(words: Sequence[Value]) -> Iterator[AccountCall]:
        call = privilege_call(name, words)
        if call is not None:
            yield from _user_and_group(call.user)

    return read


READERS: Mapping[str, Callable[[Sequence[Value]], Iterator[AccountCall]]] = {
    "useradd": _user,
    "adduser": _user,
    "groupadd": _group,
    "addgroup": _group,
    "chown": _owner,
    "chgrp": _chgrp,
    "install": _install,
    **{name: _run_as(name) for name in ("sudo", "doas", "su", "runuser", "gosu", "su-exec", "setuidgid")},
}
