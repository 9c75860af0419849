"""Which commands sudo lets a user run, by the grants of sudoers.

The last grant that fits decides. A command is a path and arguments; the path fits as fnmatch with FNM_PATHNAME has it,
the arguments as one text without. Source: sudoers(5), "Command specifiers" and "Wildcards".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pkgscan.profile.globs import matches, matches_path
from pkgscan.profile.model import SudoGrant

_PATH = frozenset({"/bin", "/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin"})  # secure_path
_OTHERS = tuple("%+#0123456789")  # how names begin that stand for others: groups, ids, addresses and networks


class Asked(NamedTuple):
    """What is to be run: by whom, as whom, on which host (empty: not known), and the words of the command."""

    user: str
    runas: str
    host: str
    words: tuple[str, ...]


class Ruling(NamedTuple):
    """The grant that decides; `sure` is False where one that may outweigh it cannot be judged."""

    grant: SudoGrant | None
    sure: bool


def ruling(grants: Sequence[SudoGrant], asked: Asked) -> Ruling:
    """What sudoers says: the last grant that fits, if any. One that may fit leaves no doubt where it says the same."""
    doubtful: list[SudoGrant] = []
    for grant in reversed(grants):
        fits = _fits(grant, asked)
        if fits:
            return Ruling(grant, all(_says_the_same(other, grant, asked.user) for other in doubtful))
        if fits is None:
            doubtful.append(grant)
    return Ruling(None, not doubtful)


def _says_the_same(one: SudoGrant, other: SudoGrant, user: str) -> bool:
    """Whether two grants end alike; root is never asked for a password."""
    return one.negated == other.negated and (one.negated or user == "root" or one.asks == other.asks)


def _fits(grant: SudoGrant, asked: Asked) -> bool | None:
    """Whether a grant speaks of what is asked; None if that cannot be known."""
    verdicts = (
        _names(grant.hosts, asked.host.partition(".")[0], unknown=not asked.host) if grant.hosts else True,
        _names((grant.user,), asked.user),
        _names(grant.runas or ("root",), asked.runas),
        command_fits(grant.command, asked.words),
    )
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _names(names: Sequence[str], name: str, *, unknown: bool = False) -> bool | None:
    """Whether a list means a name: the last item that fits decides, and `!` before it turns it round."""
    doubt = False
    for item in reversed(names):
        bare = item.lstrip("!")
        if bare == "ALL" or (not unknown and (bare == name or matches(bare, name))):
            return not (len(item) - len(bare)) % 2
        doubt = doubt or unknown or bare.startswith(_OTHERS)
    return None if doubt else False


def command_fits(pattern: str, words: Sequence[str]) -> bool | None:
    """Whether a command of sudoers is the one of some words; None for a regular expression or the sum of a file."""
    if pattern == "ALL":
        return True
    if not words:
        return None
    path, _, arguments = pattern.partition(" ")
    if path.startswith(("^", "sha")) or arguments.startswith("^"):
        return None
    if not _arguments_fit(_bare(arguments.strip()), words[1:]):
        return False
    return _path_fits(path, words[0])


def _path_fits(pattern: str, command: str) -> bool:
    """A bare name is looked for in sudo's own path, so it fits a pattern for a file of that name.

    A pattern that ends with a slash is for all files of that folder. Where /bin is a link to /usr/bin, sudo takes both
    for one, since it compares the files themselves.
    """
    if pattern.endswith("/"):
        pattern += "*"
        if "/" not in command and pattern.rpartition("/")[0] not in _PATH:
            return False
    if "/" not in command:
        return matches_path(pattern.rpartition("/")[2], command)
    return matches_path(_merged(pattern), _merged(command))


def _merged(path: str) -> str:
    return f"/usr{path}" if path.startswith(("/bin/", "/sbin/")) else path


def _arguments_fit(pattern: str, arguments: Sequence[str]) -> bool:
    if pattern == '""':
        return not arguments
    return not pattern or matches(pattern, " ".join(arguments))


def _bare(arguments: str) -> str:
    """Without the backslashes that sudoers asks for before its own signs."""
    for sign in ",:=":
        arguments = arguments.replace(f"\\{sign}", sign)
    return arguments
