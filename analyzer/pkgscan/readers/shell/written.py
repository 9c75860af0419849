"""What becomes of a text that a script writes to a file: the language it is then read in, by where it will lie."""

from __future__ import annotations

from pkgscan.patterns import pattern
from pkgscan.readers.shell.hash_bang import hash_bang

SYSTEM_TABLE = pattern(r"(?:^|/)etc/(?:cron\.d/[^/]+|crontab)\Z")
USER_TABLE = pattern(r"(?:^|/)var/spool/cron/")
UNIT = pattern(r"\.(timer|service)\Z")
SCRIPT_PLACE = pattern(
    r"(?:^|/)(?:etc/(?:init\.d|cron\.(?:hourly|daily|weekly|monthly))|s?bin)/[^/]+\Z|\.(?:sh|bash|ksh)\Z"
)
SHELLS = frozenset(("sh", "bash", "dash", "ksh", "ash", "mksh"))
LANGUAGES = {"python": "python-script", "perl": "perl-script"}
COMPUTED_LINE = pattern(r"(?m)^[ \t]*+[$`]")  # whose first field is not known, so that cron's times are not


def kind_at(path: str, text: str) -> str:
    """The kind of a text that is written to `path`, where variables may stand as `$X`; empty for a mere text."""
    if SYSTEM_TABLE.search(path):
        return "" if COMPUTED_LINE.search(text) else "crontab-system"
    if USER_TABLE.search(path):
        return "" if COMPUTED_LINE.search(text) else "crontab-user"
    if unit := UNIT.search(path):
        return f"unit-{unit[1]}"
    program = hash_bang(text).interpreter
    if not program:
        return "shell" if SCRIPT_PLACE.search(path) else ""
    return "shell" if program in SHELLS else LANGUAGES.get(program.rstrip("0123456789."), "")
