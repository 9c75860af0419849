"""How second looks travel: contents from the decoder to the parent, and on to the analyser whose reader asked."""

from __future__ import annotations

import os
import sys

from pkgscan.archive.member import Window
from pkgscan.looks import Look
from pkgscan.processes import messages as say
from pkgscan.processes.analysers import Job
from pkgscan.sandbox.frames import Frame
from pkgscan.sandbox.wire import close_all


def content(piece: say.Piece, fds: tuple[int, ...]) -> Window | None:
    """What the decoder handed out, None where it could not or makes no sense; descriptors too many are closed."""
    sound = piece.offset >= 0 and piece.size >= 0 and piece.offset + piece.size <= sys.maxsize
    close_all(fds[1:] if sound else fds)
    return Window(fds[0], piece.offset, piece.size) if sound and fds else None


def order(look: Look) -> Job:
    """The order to an analyser, with descriptors of its own."""
    pieces = tuple(say.Piece(path, window.offset, window.size) for path, window in look.contents)
    ring = tuple((entry, say.Piece(entry.path, window.offset, window.size)) for entry, window in look.ring)
    windows = (*(window for _, window in look.contents), *(window for _, window in look.ring[:1]))
    fds = tuple(os.dup(window.fd) for window in windows)
    return Job(say.LOOK, say.encode(say.LookOrder(look.asker, look.purpose, pieces, ring)), fds)


def ordered(frame: Frame) -> Look:
    """What an analyser is to look at; the frame's descriptors stay its own."""
    wanted: say.LookOrder = say.decoder(say.LookOrder).decode(frame.payload)
    fds = frame.fds[: len(wanted.pieces)]
    contents = tuple(
        (piece.path, Window(fd, piece.offset, piece.size)) for piece, fd in zip(wanted.pieces, fds, strict=True)
    )
    ring = tuple((entry, Window(frame.fds[-1], piece.offset, piece.size)) for entry, piece in wanted.ring)
    return Look(wanted.asker, wanted.purpose, contents, ring)
