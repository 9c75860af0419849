"""Prints how far the two readings agree, and every label on which they do not: what disagreements.md settles."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from labels.reading import HERE, KINDS, Label, Place, common, kappa, places, read  # after the path is set


def lines_drawn() -> int:
    rows = (HERE / "scripts.txt").read_text(encoding="ascii").splitlines()
    return sum(int(row.split()[6]) for row in rows if not row.startswith("#"))


def by_place(labels: list[Label]) -> dict[Place, list[Label]]:
    found: dict[Place, list[Label]] = defaultdict(list)
    for label in sorted(labels):
        found[label.place].append(label)
    return found


def said(labels: list[Label]) -> str:
    return "; ".join(f"{label.word} {label.subject} {label.certainty}" for label in labels) or "nothing"


def print_figures(first: list[Label], second: list[Label]) -> None:
    for kind in KINDS:
        ours, theirs = (places(label for label in labels if label.kind == kind) for labels in (first, second))
        both = common(ours, theirs)
        share = 2 * both / (ours.total() + theirs.total())
        print(f"{kind}: {ours.total()} and {theirs.total()} labels, {both} in both, agreement {share:.1%}")
    ours, theirs = places(first), places(second)
    both, cells = common(ours, theirs), lines_drawn() * len(KINDS)
    print(f"all: {ours.total()} and {theirs.total()} labels, {both} in both,", end=" ")
    print(f"agreement {2 * both / (ours.total() + theirs.total()):.1%}, kappa {kappa(ours, theirs, cells):.3f}")


def main() -> None:
    readings = [read(name) for name in ("first", "second")]
    print_figures(*readings)
    first, second = map(by_place, readings)
    for place in sorted(first.keys() | second.keys()):
        ours, theirs = first.get(place, []), second.get(place, [])
        if [(label.subject, label.certainty) for label in ours] != [(x.subject, x.certainty) for x in theirs]:
            script, line, kind = place
            print(f"{script:02}:{line} {kind}: first {said(ours)}; second {said(theirs)}")


if __name__ == "__main__":
    main()
