"""What commands of the package do to the host or ask of it. Values of a conclusion; rules look at them.

Each stands where the command word stands, its wrappers left out: of `sudo -u app curl URL` the place of a `NetworkUse`
is `curl`. What a rule may not know, it is told: on which host, under which guards, and what becomes of a failure.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pkgscan.facts.shell import Area, Certainty
from pkgscan.model import Fact, Related
from pkgscan.values import Value

# What a guard asks after; its subject is the name of the tool, unit, user, file or variable, else empty.
Subject = Literal[
    "tool", "unit", "user", "file", "set", "root", "not root", "systemd", "terminal", "privilege", "absent"
]
# `proves`: what is guarded is reached only where it is so. `suggests`: it is asked after, and nothing follows surely.
Strength = Literal["proves", "suggests"]
# `counts`: its status is looked at, or lost in silence. `aborts`: `set -e` ends the script. `ignored`: `|| true`.
Failure = Literal["counts", "aborts", "ignored"]
UnitKind = Literal["action", "query", "manager"]
FileWay = Literal["replaces", "adds", "deletes", "mode"]


class Guard(msgspec.Struct, frozen=True, array_like=True):
    """One thing that a test around a command, or one that ends the script before it, has made sure of.

    `area` is where the test stands.
    """

    subject: Subject
    name: str
    strength: Strength
    area: Area


class Use(Fact, frozen=True, kw_only=True):
    """What every use tells of the command behind it.

    `where` is empty for the host that runs the script, else a phrase: "on web1", "in container app". `variable` is the
    one whose value makes it so, for one finding a variable and not one a use. `may`: it depends on that value.
    `set_at` are the places that set the variables in it, each with a phrase.
    """

    guards: tuple[Guard, ...] = ()
    failure: Failure = "counts"
    certainty: Certainty = "must"
    where: str = ""
    variable: str = ""
    set_at: tuple[Related, ...] = ()

    def guarded(self, subject: Subject, *names: str) -> Guard | None:
        """The guard that proves this, of one of these names if any are given."""
        return next(
            (
                guard
                for guard in self.guards
                if guard.subject == subject and guard.strength == "proves" and (not names or guard.name in names)
            ),
            None,
        )


class PrivilegeUse(Use, frozen=True, kw_only=True):
    """A command runs as another account: `program` is sudo, su, doas, runuser, pkexec or their like.

    `user` is empty where it is not known. `command` is what it runs, as far as its words are known, empty for a shell.
    `asks`: it may ask for a password. `drops`: away from root, which needs no right. `queries`: asks what is allowed.
    """

    program: str
    user: str = ""
    command: tuple[Value, ...] = ()
    asks: bool = True
    drops: bool = False
    queries: bool = False


class UnitUse(Use, frozen=True, kw_only=True):
    """A command starts, stops, enables or asks after a unit. `unit` is its full name, empty where that is not known.

    `written` is as the command has it, None where it names none (`systemctl daemon-reload`). `query`: it asks, and
    changes nothing. `legacy`: it speaks of an init script, which systemd may have as a unit too.
    """

    manager: str
    verb: str
    unit: str = ""
    written: Value | None = None
    kind: UnitKind = "action"
    legacy: bool = False
    of_user: bool = False


class NetworkUse(Use, frozen=True, kw_only=True):
    """A command talks to a host. `host` is in lower case, empty where it is not known; `unresolved` is then as written.

    `scheme` is what the connection speaks: https, sftp, ssh, postgresql. `port` and `user` are empty where not given.
    """

    program: str
    scheme: str = ""
    host: str = ""
    port: str = ""
    user: str = ""
    unresolved: str = ""


class DownloadRun(Use, frozen=True, kw_only=True):
    """What a command downloads is run at once: `shell` is what runs it. `host` as in `NetworkUse`."""

    program: str
    shell: str
    host: str = ""
    url: str = ""


class CronWrite(Use, frozen=True, kw_only=True):
    """A command changes what cron runs. `file` is the path, or empty where it is the crontab of `user`.

    `adds`: what was there stays. `removes`: it takes jobs away. `source` is the file it is made of, if it is one.
    """

    program: str
    file: str = ""
    user: str = ""
    source: str = ""
    adds: bool = False
    removes: bool = False


class FileWrite(Use, frozen=True, kw_only=True):
    """A command changes a file of the host. `path` is as far as it is known, `written` as the command has it.

    `way`: it replaces the file, adds to it, deletes it, or changes who may do what with it, to `mode`. `sources` are
    the files it is made of. `kept`: a copy of what was there is made before, or nothing that is there is touched.
    `is_tree`: what lies below goes with it. `may_be_empty`: variables in it that nothing has surely set.
    """

    program: str
    way: FileWay
    path: str = ""
    written: Value | None = None
    sources: tuple[str, ...] = ()
    mode: str = ""
    kept: bool = False
    is_tree: bool = False
    is_forced: bool = False
    may_be_empty: tuple[str, ...] = ()


class PackageManagerUse(Use, frozen=True, kw_only=True):
    """A command installs, removes or updates packages of the host. `fetches`: over the network. `asks`: it may ask."""

    manager: str
    verb: str
    packages: tuple[str, ...] = ()
    fetches: bool = False
    asks: bool = False


class Prompt(Use, frozen=True, kw_only=True):
    """A command waits for somebody at a terminal; `what` it asks for is a phrase."""

    program: str
    what: str


class FailureIgnored(Use, frozen=True, kw_only=True):
    """A command whose failure is swallowed by what follows it, though what comes later stands on it.

    `what` it does is a phrase: "runs SQL", "copies to /etc/app".
    """

    program: str
    what: str


class CommandUse(Use, frozen=True, kw_only=True):
    """A program of the host that a script runs, told once a script, at its first use; `name` is a bare name or path."""

    name: str


class AccountUse(Use, frozen=True, kw_only=True):
    """A command names an account of the host, or makes it (`creates`); the name of one it makes may not be known."""

    name: str
    creates: bool = False
    is_group: bool = False
