"""What container images the package brings: how each starts, what it deletes but still ships, and whether it is whole.

Which entries are gone is worked out where the package is joined, since what starts what hangs on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pkgscan.circumstances import Circumstances
from pkgscan.conclusion import Conclusion, Part
from pkgscan.facts.container import ContainerImage, Image, ImageConfig, ImageDigestMismatch, RemovedFile
from pkgscan.graph import Graph
from pkgscan.model import MEMBER, Fact, Span
from pkgscan.safe import shortened

DELETED = 100  # files named in a row of the report; `deleted_count` has them all
NAMED = 3  # of them on the terminal
COLUMN = 60  # characters of a command there
SHA256 = "sha256:"


def conclude(graph: Graph, _: Circumstances) -> Iterator[Fact]:
    """A value for each image, for each file that no container has, and for each part that is not what it should be."""
    images = graph.facts(Image)
    if not images:
        return
    removed = tuple(_removed(graph))
    yield from removed
    for image in images:
        yield from _mismatches(image, graph)
        yield _row(image, removed)


def _removed(graph: Graph) -> Iterator[RemovedFile]:
    for entry in graph.entries():
        removal = graph.removal(entry.path) if entry.type != "directory" else None
        images = graph.images_of(entry.archive) if removal is not None and removal.by != entry.path else ()
        # What lies in an archive that is gone is gone with it, and need not be told.
        if removal is not None and images and any(entry.archive in image.layers for image in images):
            yield RemovedFile(span=entry.span, image=images[0].name, how=removal.how, by=removal.by)


def _mismatches(image: Image, graph: Graph) -> Iterator[ImageDigestMismatch]:
    told: set[str] = set()
    for part in image.parts:
        entry = graph.entry(part.path)
        if entry is None or not entry.sha256 or not part.digest.startswith(SHA256) or part.path in told:
            continue
        told.add(part.path)
        found = SHA256 + entry.sha256
        if found != part.digest:
            yield ImageDigestMismatch(
                span=entry.span,
                image=image.name,
                part=part.what,
                stated=part.digest,
                found=found,
                stated_at=part.stated_at,
            )


def _row(image: Image, removed: tuple[RemovedFile, ...]) -> ContainerImage:
    layers = frozenset(image.layers)
    own = [file for file in removed if file.span.path.rpartition(MEMBER)[0] in layers]
    deleted = tuple(file.span.path for file in own if file.how == "deleted")
    counts = Counter(file.how for file in own)
    config = image.config or ImageConfig(span=image.span)
    return ContainerImage(
        span=image.span,
        name=image.name,
        names=image.names,
        digest=image.digest,
        platform=config.platform,
        created=config.created,
        user=config.user,
        starts=(*config.entrypoint, *config.command),
        ports=config.ports,
        layers=image.layers,
        missing=tuple(part.name for part in image.parts if not part.path),
        files=image.files,
        laid=image.laid,
        deleted=deleted[:DELETED],
        deleted_count=counts["deleted"],
        replaced_count=counts["replaced"],
    )


def _line(image: ContainerImage) -> tuple[str, ...]:
    """The columns of the terminal: name, layers, what it starts and as whom, what it deletes and still ships."""
    name = f"{shortened(image.name, COLUMN)}{f' ({image.platform})' if image.platform else ''}"
    layers = f"{len(image.layers)} layer{'' if len(image.layers) == 1 else 's'}"
    starts = f"starts {shortened(' '.join(image.starts), COLUMN)}" if image.starts else "starts nothing by itself"
    return name, layers, f"{starts} as {image.user or 'root'}", "; ".join(_remarks(image)), _place(image.span)


def _remarks(image: ContainerImage) -> Iterator[str]:
    if image.deleted_count:
        names = ", ".join(path.rpartition(MEMBER)[2] for path in image.deleted[:NAMED])
        more = f" and {image.deleted_count - NAMED} more" if image.deleted_count > NAMED else ""
        yield f"deleted by a later layer, still readable: {names}{more}"
    if image.missing:
        yield f"not in the package: {', '.join(image.missing[:NAMED])}"
    if not image.laid:
        yield "its layers were not compared, there are too many"


def _place(span: Span) -> str:
    return span.path.rpartition(MEMBER)[2]


IMAGES = Conclusion(
    name="images",
    concludes=(ContainerImage, RemovedFile, ImageDigestMismatch),
    conclude=conclude,
    part=Part(key="images", title="Container images", row=ContainerImage, line=_line),
)
