"""Which units and services a command acts on: systemctl, service, invoke-rc.d, deb-systemd-*, update-rc.d and others.

Each puts the name and the verb elsewhere; a query asks and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal as OneOf

import msgspec

from pkgscan.reason.programs.options import Given, given, options
from pkgscan.values import Literal, Value, literal

# Whole manager: `systemctl daemon-reload` names no unit.
UnitKind = OneOf["action", "query", "manager"]

UNIT_SUFFIXES = (
    ".service", ".socket", ".timer", ".target", ".path", ".mount", ".automount", ".swap", ".slice", ".scope", ".device",
)  # fmt: skip
QUERIES = frozenset((
    "is-active", "is-failed", "is-enabled", "is-system-running", "status", "show", "cat", "help", "list-units",
    "list-unit-files", "list-dependencies", "list-timers", "list-sockets", "list-jobs", "list-machines", "list-paths",
    "get-default", "show-environment", "was-enabled", "debian-installed", "whoami",
))  # fmt: skip
WITHOUT_UNIT = frozenset((
    "daemon-reload", "daemon-reexec", "default", "rescue", "emergency", "halt", "poweroff", "reboot", "kexec",
    "soft-reboot", "exit", "switch-root", "suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate",
    "preset-all", "import-environment", "set-environment", "unset-environment", "log-level", "log-target",
    "service-watchdogs", "cancel", "list-jobs", "is-system-running", "get-default", "show-environment",
))  # fmt: skip
# What asks, and may name no unit.
LISTS = frozenset(("list-units", "list-unit-files", "list-timers", "list-sockets", "list-dependencies", "list-paths"))
FIRST_ALONE = frozenset(("set-property", "bind", "mount-image", "service-log-level", "service-log-target"))
INIT_SCRIPTS = ("/etc/init.d/", "/etc/rc.d/init.d/", "/etc/rc.d/")
SERVICE_QUERIES = frozenset(("status", "--status-all", "--full-restart"))


class UnitCall(msgspec.Struct, frozen=True):
    """One unit that a command acts on or asks after; `unit` is None where it names none."""

    manager: str
    verb: str
    unit: Value | None
    kind: UnitKind
    legacy: bool = False  # speaks of an init script, which systemd may have as a unit as well
    of_user: bool = False  # of a user's own manager


def unit_calls(name: str, words: Sequence[Value]) -> tuple[UnitCall, ...]:
    """The units that a command speaks of, in their order; none where it is no such command."""
    text = literal(words[0]) or ""
    script = next((text[len(folder) :] for folder in INIT_SCRIPTS if text.startswith(folder)), "")
    if script and "/" not in script:
        return tuple(_init_script(script, words))
    reader = READERS.get(name)
    return tuple(reader(words)) if reader else ()


def unit_name(value: Value) -> str:
    """The full name of a unit that is written out: `cron` is `cron.service`; empty where it is not known."""
    text = literal(value) or ""
    name = text.rpartition("/")[2]
    if not name or name.startswith("-"):
        return ""
    return name if name.endswith(UNIT_SUFFIXES) else f"{name}.service"


def _init_script(script: str, words: Sequence[Value]) -> Iterator[UnitCall]:
    verb = _verb(words[1]) if len(words) > 1 else ""
    yield UnitCall("init script", verb, Literal(script), _service_kind(verb), legacy=True)


def _verb(value: Value) -> str:
    """A verb that is written out; empty where it is not known."""
    return literal(value) or ""


def _service_kind(verb: str) -> UnitKind:
    return "query" if verb in SERVICE_QUERIES else "action"


_SYSTEMCTL = options(
    "tpHMnosP",
    "--type --state --property --value-of --host --machine --lines --output --signal --kill-whom"
    " --kill-who --kill-value --job-mode --root --image --preset-mode --what --when --message --check-inhibitors"
    " --timestamp --boot-loader-menu --boot-loader-entry --firmware-setup --image-policy --reboot-argument --drop-in",
)


def _systemctl(words: Sequence[Value]) -> Iterator[UnitCall]:
    found = given(words, _SYSTEMCTL)
    of_user = found.has("--user", "--global")
    if not found.operands:
        if not found.has("--version", "--help", "-h"):
            yield UnitCall("systemctl", "list-units", None, "query", of_user=of_user)
        return
    verb = _verb(found.operands[0])
    kind = _kind(verb)
    units = _operands_of(verb, found)
    for unit in units:
        yield UnitCall("systemctl", verb, unit, kind, of_user=of_user)
    if not units:
        yield UnitCall("systemctl", verb, None, "manager" if kind == "action" else kind, of_user=of_user)


def _kind(verb: str) -> UnitKind:
    if verb in QUERIES:
        return "query"
    return "manager" if verb in WITHOUT_UNIT else "action"


def _operands_of(verb: str, found: Given) -> tuple[Value, ...]:
    units = found.operands[1:]
    if verb in WITHOUT_UNIT:
        return ()
    return units[:1] if verb in FIRST_ALONE else units


def _service(words: Sequence[Value]) -> Iterator[UnitCall]:
    """`service NAME VERB`."""
    found = given(words, options(first_operand_ends=True))
    if found.has("--status-all") or not found.operands:
        if found.has("--status-all"):
            yield UnitCall("service", "status", None, "query", legacy=True)
        return
    verb = _verb(found.operands[1]) if len(found.operands) > 1 else ""
    kind = "query" if found.has("-e", "--exists") else _service_kind(verb)
    yield UnitCall("service", verb, found.operands[0], kind, legacy=True)


def _rc_service(words: Sequence[Value]) -> Iterator[UnitCall]:
    """`rc-service NAME VERB`, and `rc-service --exists NAME`."""
    found = given(words, options("er", "--exists --resolve"))
    asked = found.value("-e", "--exists", "-r", "--resolve")
    if asked is not None:
        yield UnitCall("rc-service", "exists", asked, "query", legacy=True)
    elif found.operands:
        verb = _verb(found.operands[1]) if len(found.operands) > 1 else ""
        yield UnitCall("rc-service", verb, found.operands[0], _service_kind(verb), legacy=True)


def _invoke_rc_d(words: Sequence[Value]) -> Iterator[UnitCall]:
    """`invoke-rc.d [options] NAME VERB`."""
    found = given(words, options(first_operand_ends=True))
    if found.operands:
        verb = _verb(found.operands[1]) if len(found.operands) > 1 else ""
        kind = "query" if found.has("--query") else _service_kind(verb)
        yield UnitCall("invoke-rc.d", verb, found.operands[0], kind, legacy=True)


def _deb_systemd(words: Sequence[Value]) -> Iterator[UnitCall]:
    """`deb-systemd-helper VERB UNIT...`, `deb-systemd-invoke VERB UNIT...`."""
    manager = (literal(words[0]) or "").rpartition("/")[2]
    found = given(words, options())
    of_user = found.has("--user")
    verb = _verb(found.operands[0]) if found.operands else ""
    for unit in found.operands[1:]:
        yield UnitCall(manager, verb, unit, _kind(verb), of_user=of_user)
    if len(found.operands) == 1:
        yield UnitCall(manager, verb, None, "manager", of_user=of_user)


def _update_rc_d(words: Sequence[Value]) -> Iterator[UnitCall]:
    """`update-rc.d [-f] NAME VERB ...`, options anywhere."""
    found = given(words, options())
    if found.operands:
        verb = _verb(found.operands[1]) if len(found.operands) > 1 else ""
        yield UnitCall("update-rc.d", verb, found.operands[0], "action", legacy=True)


def _rc_update(words: Sequence[Value]) -> Iterator[UnitCall]:
    """`rc-update add NAME [RUNLEVEL]`."""
    found = given(words, options())
    if len(found.operands) > 1:
        verb = _verb(found.operands[0])
        yield UnitCall("rc-update", verb, found.operands[1], "query" if verb == "show" else "action", legacy=True)


def _chkconfig(words: Sequence[Value]) -> Iterator[UnitCall]:
    """`chkconfig NAME on`, `chkconfig --add NAME`, `chkconfig --list NAME`."""
    found = given(words, options(long="--level --levels"))
    verb = next((name.lstrip("-") for name, _ in found.options if name in ("--add", "--del", "--list")), "")
    if found.operands:
        verb = verb or (_verb(found.operands[1]) if len(found.operands) > 1 else "list")
        yield UnitCall("chkconfig", verb, found.operands[0], "query" if verb == "list" else "action", legacy=True)


def _initctl(words: Sequence[Value]) -> Iterator[UnitCall]:
    """`initctl VERB JOB`."""
    found = given(words, options())
    verb = _verb(found.operands[0]) if found.operands else ""
    unit = found.operands[1] if len(found.operands) > 1 else None
    if verb:
        kind: UnitKind = "query" if verb in ("status", "list", "version", "show-config", "usage") else "action"
        yield UnitCall("initctl", verb, unit, "manager" if unit is None and kind == "action" else kind, legacy=True)


READERS: Mapping[str, Callable[[Sequence[Value]], Iterator[UnitCall]]] = {
    "systemctl": _systemctl,
    "service": _service,
    "rc-service": _rc_service,
    "invoke-rc.d": _invoke_rc_d,
    "deb-systemd-helper": _deb_systemd,
    "deb-systemd-invoke": _deb_systemd,
    "update-rc.d": _update_rc_d,
    "rc-update": _rc_update,
    "chkconfig": _chkconfig,
    "initctl": _initctl,
}
