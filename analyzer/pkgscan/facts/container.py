"""Facts about container images: what their JSON says, and what follows from it for the files in their layers.

OCI image specification 1.1 (image-layout, index, manifest, config, layer); Docker image specification 1.2 (`save`).
"""

from typing import Literal

import msgspec

from pkgscan.model import Fact, Span


class ImageReference(Fact, frozen=True):
    """One manifest that an image index lists, by its digest (`sha256:...`). `span` is where the digest stands.

    `name` is what its annotations call it, `platform` as `linux/arm64`; both may be empty. `top` tells the index of
    the layout, its index.json, from one in a blob.
    """

    digest: str
    name: str = ""
    platform: str = ""
    top: bool = False


class ImageManifest(Fact, frozen=True):
    """One image: its config and its layers, from the lowest up.

    An OCI manifest names them by digest; that of `docker save` by their paths beside it, and has the tags as `names`.
    `layout` tells which.
    """

    layout: Literal["oci", "docker"]
    config: str
    layers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class ImageConfig(Fact, frozen=True):
    """How a container of an image is started, as its config states it. Empty: not stated.

    `diffs` are the digests of its unpacked layers, from the lowest up. `created` and `user` are as written.
    """

    platform: str = ""
    created: str = ""
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()


class ImagePart(msgspec.Struct, frozen=True):
    """A manifest, a config or a layer that an image names. `path` is its entry, empty if the package has none.

    `digest` is what its content must have, `sha256:...`; empty where none is stated.
    """

    what: Literal["manifest", "config", "layer"]
    name: str  # as the image calls it
    path: str
    digest: str
    stated_at: Span


class Image(Fact, frozen=True):
    """An image put together from its manifest, its config and the entries of the package. A value of link.

    `span` is where the package names it; `names` are its tags, `digest` is that of its manifest (a `docker save` has
    none). Layers come from the lowest up. `laid`: its layers were laid on each other, so that it is known what is left
    of each; `files` counts what is left.
    """

    name: str
    names: tuple[str, ...] = ()
    digest: str = ""
    config: ImageConfig | None = None
    parts: tuple[ImagePart, ...] = ()
    laid: bool = False
    files: int = 0

    @property
    def layers(self) -> tuple[str, ...]:
        """The entry paths of its layers, of those that the package holds."""
        return tuple(part.path for part in self.parts if part.what == "layer" and part.path)


class RemovedFile(Fact, frozen=True):
    """A file of a layer that no container of any image in the package has: a later layer took it away.

    `span` is the file, still readable in the package. `by` is the entry that took it away: a whiteout that deletes it
    or empties its directory, or another file in its place.
    """

    image: str
    how: Literal["deleted", "replaced"]
    by: str


class ImageDigestMismatch(Fact, frozen=True):
    """A part of an image that is not what the image says it is. `span` is the part, `stated_at` where that is said."""

    image: str
    part: str  # layer, config, manifest
    stated: str  # sha256:...
    found: str
    stated_at: Span


class ContainerImage(Fact, frozen=True):
    """A container image in the package: a row of the report.

    `user` is who its main process runs as, as written; nothing means root. `starts` is the entrypoint with the command
    behind it. `files` counts what a container would see, unless its layers were not `laid` on each other. `deleted` are
    files that a later layer deletes and that are still readable in the package, by entry path, `deleted_count` of them
    in all; `replaced_count` counts those that a later layer has other content for.
    """

    name: str
    names: tuple[str, ...] = ()
    digest: str = ""
    platform: str = ""
    created: str = ""
    user: str = ""
    starts: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    files: int = 0
    laid: bool = True
    deleted: tuple[str, ...] = ()
    deleted_count: int = 0
    replaced_count: int = 0
