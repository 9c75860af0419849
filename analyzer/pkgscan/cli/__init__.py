"""The command line: one module a subcommand, found by its file, imported when it is needed.

Every error a user can mend is one line on standard error that names the thing and the next step.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pkgscan import __version__
from pkgscan.errors import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_USAGE, UserError

if TYPE_CHECKING:
    import click

TRACEBACK = "PKGSCAN_TRACEBACK"  # set to 1, an error of ours shows where it happened


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code. `pkgscan PACKAGE` is `pkgscan scan PACKAGE`."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        print(f"pkgscan {__version__}")  # noqa: T201  # needs no more than this
        return 0
    from pkgscan.cli.group import build_group  # noqa: PLC0415  # click costs four bare starts

    return _guarded(build_group(), words)


def _guarded(group: click.Group, words: list[str]) -> int:
    import click  # noqa: PLC0415  # as above

    try:
        result = group.main(words, prog_name="pkgscan", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except UserError as error:
        return _complain(str(error), EXIT_USAGE)
    except click.ClickException as error:
        return _complain_of_usage(error)
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; nothing to complain of
        return EXIT_ERROR
    except Exception as error:
        if os.environ.get(TRACEBACK) == "1":
            raise
        return _complain(f"internal error: {type(error).__name__}: {error}; {TRACEBACK}=1 shows where", EXIT_ERROR)


def _complain_of_usage(error: click.ClickException) -> int:
    from click.exceptions import NoArgsIsHelpError  # noqa: PLC0415  # loaded by now

    if isinstance(error, NoArgsIsHelpError):
        sys.stdout.write(f"{error.format_message()}\n")
        return EXIT_USAGE
    context = getattr(error, "ctx", None)
    hint = f"; see {context.command_path} --help" if context is not None else ""
    return _complain(error.format_message().rstrip(".") + hint, EXIT_USAGE)


def _complain(message: str, code: int) -> int:
    from pkgscan.safe import shown  # noqa: PLC0415  # only when something is wrong

    sys.stderr.write(f"pkgscan: {shown(message)}\n")
    return code


def run() -> None:
    """The console script. What a terminal's encoding does not have is written out, as a lone byte of a path is."""
    gc.disable()  # starting makes many objects and no garbage: to look for some is a tenth of a small scan
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(main())
