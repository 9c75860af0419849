"""The user's settings: what stands in `pkgscan.toml` or `[tool.pkgscan]`, strictly read; flags come on top.

Settings are looked for from the working directory upward, and never taken from what is scanned: a package does not say
how it is judged.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

from pkgscan.archive.limits import Limits, parse_limit
from pkgscan.errors import UserError
from pkgscan.gate import FAIL_ON, INCOMPLETE_MODES, FailOn, IncompleteMode
from pkgscan.model import CONFIDENCES, SEVERITIES, Confidence, Severity
from pkgscan.suppress import LIST_HINT, KnownRule
from pkgscan.tomlfile import TomlFile, did_you_mean, quoted, read_toml, shown

if TYPE_CHECKING:
    from pkgscan.toml_places import Keys

SandboxMode = Literal["auto", "require"]
SANDBOX_MODES: tuple[SandboxMode, ...] = get_args(SandboxMode)

OWN_FILE = "pkgscan.toml"
SHARED_FILE = "pyproject.toml"
TABLE = ("tool", "pkgscan")  # of the shared file
REPOSITORY_MARK = ".git"

_CHOICES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("fail-on", FAIL_ON),
    ("fail-confidence", CONFIDENCES),
    ("min-severity", SEVERITIES),
    ("min-confidence", CONFIDENCES),
    ("incomplete", INCOMPLETE_MODES),
    ("sandbox", SANDBOX_MODES),
)
_PATHS = ("baseline", "suppressions", "target")
_LISTS = ("select", "ignore")
_NUMBERS = ("jobs", "timeout")
_TABLES = ("limits", "rules", "output")
KEYS = (*(key for key, _ in _CHOICES), *_PATHS, *_LISTS, *_NUMBERS, *_TABLES, "label", "preview")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one run. Each field is the flag of its name; empty texts and zeros stand for "not set".

    `severities` are (rule, severity) pairs that regrade a rule; `outputs` are (format, path) pairs. Paths from a file
    are relative to that file. `source` is the file they came from.
    """

    fail_on: FailOn = "high"
    fail_confidence: Confidence = "medium"
    preview: bool = False
    min_severity: Severity = "info"
    min_confidence: Confidence = "low"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: str = ""
    suppressions: str = ""
    target: str = ""
    label: str = ""
    incomplete: IncompleteMode = "fail"
    sandbox: SandboxMode = "auto"
    jobs: int = 0
    timeout: int = 0  # seconds
    limits: Limits = Limits()
    severities: tuple[tuple[str, Severity], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    source: str = ""


class Found(msgspec.Struct, frozen=True):
    """Where the settings are: a file, or none; and what the user should hear of files passed over."""

    path: str = ""
    notes: tuple[str, ...] = ()


def find_config(start: str, package: str) -> Found:
    """Look for settings in `start` and above it, up to the repository, the home directory or the root.

    A file inside the scanned `package` (a directory, or "" for none) is passed over with a note.
    """
    notes: list[str] = []
    for folder in _upward(os.path.realpath(start)):
        for path in (os.path.join(folder, OWN_FILE), os.path.join(folder, SHARED_FILE)):
            if not _has_settings(path):
                continue
            if not lies_inside(path, package):
                return Found(path, tuple(notes))
            notes.append(f"settings in {path} are ignored: the file is part of what is scanned")
    return Found("", tuple(notes))


def lies_inside(path: str, package: str) -> bool:
    """Whether a file of the user's is part of the scanned directory, links looked through."""
    if not package or not os.path.isdir(package):
        return False
    inner, outer = os.path.realpath(path), os.path.realpath(package)
    return os.path.commonpath((inner, outer)) == outer


def refuse_inside(path: str, package: str) -> None:
    """Complain about a file the user names that is part of what is scanned."""
    if path and lies_inside(path, package):
        raise UserError(f"{path} is part of what is scanned", "copy it elsewhere, look at it, and name the copy")


def read_config(path: str) -> Config:
    """The settings of one file. Anything wrong in it is a UserError with file and line."""
    file = read_toml(path)
    table: Any = file.data
    at: Keys = ()
    if os.path.basename(path) == SHARED_FILE:
        for key in TABLE:
            at = (*at, key)
            table = table.get(key, {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        file.fail(at, f"{'.'.join(TABLE)} must be a table")
    return _read_table(file, at, table)


def check_rules(config: Config, rules: Iterable[KnownRule]) -> Config:
    """The settings with old ids of rules replaced by today's.

    A name that no installed rule has, or a severity for a rule that may not be lowered, is a UserError.
    """
    known = {name: rule for rule in rules for name in (rule.id, *rule.formerly)}
    for name in (*config.select, *config.ignore, *(rule for rule, _ in config.severities)):
        if name not in known:
            raise UserError(f"{_where(config, name)}unknown rule {name!r}", did_you_mean(name, known) or LIST_HINT)
    for name, _ in config.severities:
        if known[name].integrity:
            place = _where(config, name)
            raise UserError(
                f"{place}the severity of {name} cannot be changed", "remove the line; it guards the scan itself"
            )
    return msgspec.structs.replace(
        config,
        select=tuple(known[name].id for name in config.select),
        ignore=tuple(known[name].id for name in config.ignore),
        severities=tuple((known[name].id, severity) for name, severity in config.severities),
    )


def render_config(config: Config) -> str:
    """The settings in force as a `pkgscan.toml` would say them."""
    lines = [f"# from {config.source}" if config.source else "# from flags and defaults"]
    for field in Config.__struct_fields__:
        value = getattr(config, field)
        key = field.replace("_", "-")
        if field not in ("source", "limits", "severities", "outputs"):
            lines.append(
                f"# {key} is not set" if value in ("", 0) and value is not False else f"{key} = {_toml(value)}"
            )
    lines += ["", "[limits]", *(f"{key} = {getattr(config.limits, key)}" for key in Limits.__struct_fields__)]
    for rule, severity in config.severities:
        lines += ["", f"[rules.{_toml(rule)}]", f"severity = {_toml(severity)}"]
    if config.outputs:
        lines += ["", "[output]", *(f"{form} = {_toml(path)}" for form, path in config.outputs)]
    return "\n".join(lines) + "\n"


def _upward(folder: str) -> Iterator[str]:
    home = os.path.realpath(os.path.expanduser("~"))
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if folder in (parent, home) or os.path.exists(os.path.join(folder, REPOSITORY_MARK)):
            return
        folder = parent


def _has_settings(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    if os.path.basename(path) == OWN_FILE:
        return True
    try:
        with open(path, "rb") as file:
            mentioned = b"pkgscan" in file.read()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", "mend its rights, or scan with --no-config") from error
    if not mentioned:  # other tools' tables, and mistakes in them, are none of our business
        return False
    tool = read_toml(path).data.get(TABLE[0])
    return isinstance(tool, dict) and TABLE[1] in tool


def _read_table(file: TomlFile, at: Keys, table: dict[str, Any]) -> Config:
    file.allow(table, at, KEYS)
    settings: dict[str, Any] = {"source": file.path}
    settings |= {key: _choice(file, at, table, key, choices) for key, choices in _CHOICES}
    settings |= {key: file.typed(table, at, key, bool) for key in ("preview",)}
    settings |= {key: _number(file, at, table, key) for key in _NUMBERS}
    settings |= {key: _texts(file, at, table, key) for key in _LISTS}
    settings |= {key: _path(file, at, table, key) for key in _PATHS}
    settings["label"] = file.typed(table, at, "label", str)
    settings["limits"] = _limits(file, at, file.typed(table, at, "limits", dict))
    settings["severities"] = _severities(file, at, file.typed(table, at, "rules", dict) or {})
    settings["outputs"] = _outputs(file, at, file.typed(table, at, "output", dict) or {})
    return Config(**{key.replace("-", "_"): value for key, value in settings.items() if value is not None})


def _choice(file: TomlFile, at: Keys, table: dict[str, Any], key: str, choices: tuple[str, ...]) -> str | None:
    value = file.typed(table, at, key, str)
    if value is not None and value not in choices:
        file.fail((*at, key), f"{key} cannot be {shown(value)}", f"choose one of {', '.join(choices)}")
    return value


def _number(file: TomlFile, at: Keys, table: dict[str, Any], key: str) -> int | None:
    value = file.typed(table, at, key, int)
    if value is not None and value < 1:
        file.fail((*at, key), f"{key} must be 1 or more, not {value}")
    return value


def _texts(file: TomlFile, at: Keys, table: dict[str, Any], key: str) -> tuple[str, ...] | None:
    values = file.typed(table, at, key, list)
    if values is None:
        return None
    if not all(isinstance(value, str) for value in values):
        file.fail((*at, key), f"{key} must be a list of texts")
    return tuple(values)


def _path(file: TomlFile, at: Keys, table: dict[str, Any], key: str) -> str | None:
    path = file.typed(table, at, key, str)
    if path and "\0" in path:
        file.fail((*at, key), f"{key} holds a NUL, which no path does")
    return os.path.normpath(os.path.join(os.path.dirname(file.path), path)) if path else None


def _limits(file: TomlFile, at: Keys, table: dict[str, Any] | None) -> Limits | None:
    if table is None:
        return None
    at = (*at, "limits")
    file.allow(table, at, Limits.__struct_fields__)
    limits = Limits()
    for key, value in table.items():
        try:
            limits = parse_limit(limits, f"{key}={value}")
        except UserError as error:
            file.fail((*at, key), error.message, error.hint)
    return limits


def _severities(file: TomlFile, at: Keys, table: dict[str, Any]) -> tuple[tuple[str, Severity], ...]:
    at = (*at, "rules")
    pairs: list[tuple[str, Any]] = []
    for rule, settings in table.items():
        if not isinstance(settings, dict):
            file.fail((*at, rule), f"{rule} must be a table", f'write [rules.{rule}] and below it severity = "low"')
        file.allow(settings, (*at, rule), ("severity",))
        severity = _choice(file, (*at, rule), settings, "severity", SEVERITIES)
        if severity is not None:
            pairs.append((rule, severity))
    return tuple(pairs)


def _outputs(file: TomlFile, at: Keys, table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    from pkgscan.reporters import formats  # noqa: PLC0415  # only where files are asked for

    at = (*at, "output")
    file.allow(table, at, (*formats(), "facts"))
    paths = ((form, _path(file, at, table, form)) for form in table)
    return tuple((form, path) for form, path in paths if path)


def _where(config: Config, name: str) -> str:
    """The place of a rule's name in the settings, to go in front of a complaint; empty if it came by a flag."""
    if not config.source:
        return ""
    file = read_toml(config.source)
    number = next((at for at, line in enumerate(file.text.split("\n"), 1) if name in line), 0)
    return f"{config.source}:{number}: " if number else ""


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return quoted(value) if isinstance(value, str) else str(value)
