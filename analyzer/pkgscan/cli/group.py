"""The group of subcommands: each module of this package that defines `command` is one."""

from __future__ import annotations

import importlib
import os

import click

from pkgscan import __version__

_NOT_COMMANDS = frozenset({"__init__", "group", "settings", "output"})
_OWN_OPTIONS = frozenset({"--help", "-h", "--version"})


class Commands(click.Group):
    """Finds subcommands by their file names and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The names, sorted."""
        stems = (name.partition(".")[0] for name in os.listdir(os.path.dirname(__file__)))
        return sorted({stem for stem in stems if stem not in _NOT_COMMANDS and not stem.startswith("_")})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"pkgscan.cli.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `scan` in front of what names no subcommand: a package, or an option of scan."""
        if args and args[0] not in _OWN_OPTIONS and args[0] not in self.list_commands(ctx):
            self._refuse_typo(ctx, args)
            args = ["scan", *args]
        return super().parse_args(ctx, args)

    def _refuse_typo(self, ctx: click.Context, args: list[str]) -> None:
        """`scna PACKAGE` means a command; a word that names a file, or is like no command, means a package."""
        if len(args) > 1 and not args[0].startswith("-") and not os.path.exists(args[0]):
            import difflib  # noqa: PLC0415  # only for a mistake

            for meant in difflib.get_close_matches(args[0], self.list_commands(ctx), 1):
                message = f"{args[0]!r} is neither a command nor a file; did you mean {meant}?"
                raise click.UsageError(message, ctx)


def build_group() -> click.Group:
    """The whole command line."""

    @click.group(
        cls=Commands,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        epilog="Exit codes: 0 passed, 1 findings, 2 usage or settings, 3 not everything was seen, 4 internal error.",
    )
    @click.version_option(__version__, prog_name="pkgscan", message="%(prog)s %(version)s")
    def group() -> None:
        """Read an upgrade package before anyone stages it, and run nothing in it.

        `pkgscan PACKAGE` scans a zip, tar, deb, rpm, jar, a directory or - (standard input), and says what it will do
        to the host, what it takes for granted and what is wrong with it.
        """

    return group
