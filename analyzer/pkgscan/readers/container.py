"""What container images say of themselves, in JSON: index, manifest and config of an OCI layout, and of `docker save`.

OCI image specification 1.1; Docker image specification 1.2. As in both, keys that are not known are passed over, and a
value of the wrong type makes the whole text none of theirs. msgspec decodes with a bound on nesting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from pkgscan.facts.container import ImageConfig, ImageManifest, ImageReference
from pkgscan.model import Gap, Span
from pkgscan.readers.base import Kind, Reader, Reading, Source, Wants

# Bytes. Registries need not take manifests over 4 MiB (OCI distribution specification), and a value in one takes about
# ten times its bytes in memory.
JSON_LIMIT = 4 << 20
ITEMS = 500  # layers of an image, manifests of an index, images of a list; Docker stops at 127 layers
NAME = 4096  # characters of a path; nothing in the package has a longer one
BLANKS = (b" ", b"\t", b"\n", b"\r")  # what may stand before JSON
NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")  # annotations, the fuller name first
CONFIG = "image config"  # what the second look is for
SHA256 = "sha256:"
T = TypeVar("T")


class Platform(msgspec.Struct):
    """`platform` of a descriptor, and the same keys of a config."""

    architecture: str | None = None
    os: str | None = None
    variant: str | None = None

    @property
    def words(self) -> str:
        """As people write it: linux/arm/v7."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class Descriptor(msgspec.Struct):
    """A reference to a blob."""

    digest: str
    annotations: dict[str, str] | None = None
    platform: Platform | None = None


class Index(msgspec.Struct):
    """An image index."""

    manifests: list[Descriptor]


class Manifest(msgspec.Struct):
    """An image manifest."""

    config: Descriptor
    layers: list[Descriptor]


class Saved(msgspec.Struct, rename="pascal"):
    """One image of the manifest.json that `docker save` writes."""

    config: str
    layers: list[str]
    repo_tags: list[str] | None = None


class Running(msgspec.Struct, rename="pascal"):
    """`config` of a config: how a container is started."""

    user: str | None = None
    entrypoint: list[str] | None = None
    cmd: list[str] | None = None
    exposed_ports: dict[str, Raw] | None = None


class RootFs(msgspec.Struct):
    """`rootfs` of a config."""

    diff_ids: list[str] | None = None


class Config(Platform):
    """An image config."""

    created: str | None = None
    config: Running | None = None
    rootfs: RootFs | None = None


class Outline(msgspec.Struct):
    """Which keys a blob has tells what it is: its media type is optional, and says no more."""

    manifests: Raw | UnsetType = UNSET
    layers: Raw | UnsetType = UNSET
    rootfs: Raw | UnsetType = UNSET


class ImageReader(Reader):
    """Reads the JSON of images; what merely has such a name or place yields nothing."""

    kinds = (
        Kind(name="image-blob", paths=("blobs/sha256/*", "blobs/sha512/*"), heads=(b"{", *BLANKS)),
        Kind(name="image-index", names=("index.json",), heads=(b"{", *BLANKS)),
        Kind(name="image-list", names=("manifest.json",), heads=(b"[", *BLANKS)),
    )
    facts = (ImageReference, ImageManifest, ImageConfig)

    def read(self, source: Source) -> Iterator[Reading]:
        """The facts of an index, a manifest or a config; a second look at each config that has a name of its own."""
        if len(source.data) > JSON_LIMIT:
            yield from _too_large(source)
        elif source.kind == "image-list":
            yield from _saved(source)
        else:
            yield from _blob(source)

    def look_again(self, purpose: str, sources: tuple[Source, ...]) -> Iterator[Reading]:  # noqa: ARG002  # one alone
        """The facts of a config that `docker save` names."""
        for source in sources:
            content = bytearray()
            for block in source.blocks():
                content += block
                if len(content) > JSON_LIMIT:
                    break
            whole = Source(source.entry, "image-blob", bytes(content))
            yield from self.read(whole)


def _too_large(source: Source) -> Iterator[Gap]:
    """A gap for what names blobs as an image does; another text of such a name is no image's."""
    if source.data.find(SHA256.encode()) >= 0 and source.data.find(b'"layers"' if _is_blob(source) else b'"') >= 0:
        detail = f"over {JSON_LIMIT} bytes, which no image needs, and not read"
        yield Gap(effect="unread", stage="read", reason="limit-json", detail=detail, span=Span(source.path))


def _too_many(source: Source, items: list[Any]) -> Iterator[Gap]:
    if len(items) > ITEMS:
        detail = f"over {ITEMS} layers or images in one list, and not read beyond"
        yield Gap(effect="unread", stage="read", reason="limit-json", detail=detail, span=Span(source.path))


def _is_blob(source: Source) -> bool:
    return source.kind == "image-blob"


def _blob(source: Source) -> Iterator[Reading]:
    outline = _decoded(source, Outline)
    if outline is None:
        return
    if outline.manifests is not UNSET:
        yield from _index(source)
    elif outline.layers is not UNSET:
        yield from _manifest(source)
    elif outline.rootfs is not UNSET:
        yield from _config(source)


def _index(source: Source) -> Iterator[Reading]:
    index = _decoded(source, Index)
    if index is None:
        return
    yield from _too_many(source, index.manifests)
    for one in index.manifests[:ITEMS]:
        annotations = one.annotations or {}
        yield ImageReference(
            span=_place(source, one.digest),
            digest=one.digest,
            name=next((annotations[key] for key in NAMES if annotations.get(key)), ""),
            platform=one.platform.words if one.platform else "",
            top=not _is_blob(source),
        )


def _manifest(source: Source) -> Iterator[Reading]:
    manifest = _decoded(source, Manifest)
    if manifest is not None:
        yield from _too_many(source, manifest.layers)
        layers = tuple(layer.digest for layer in manifest.layers[:ITEMS])
        yield ImageManifest(span=Span(source.path, 1, 1), layout="oci", config=manifest.config.digest, layers=layers)


def _config(source: Source) -> Iterator[ImageConfig]:
    config = _decoded(source, Config)
    if config is None:
        return
    running = config.config or Running()
    yield ImageConfig(
        span=Span(source.path, 1, 1),
        platform=config.words,
        created=config.created or "",
        user=running.user or "",
        entrypoint=tuple(running.entrypoint or ()),
        command=tuple(running.cmd or ()),
        ports=tuple(sorted(running.exposed_ports or ())),
        diffs=tuple((config.rootfs.diff_ids or ())[:ITEMS]) if config.rootfs else (),
    )


def _saved(source: Source) -> Iterator[Reading]:
    folder = source.path.removesuffix("manifest.json")
    images = _decoded(source, list[Saved]) or []
    yield from _too_many(source, images)
    for image in images[:ITEMS]:
        yield from _too_many(source, image.layers)
        yield ImageManifest(
            span=_place(source, image.config),
            layout="docker",
            config=image.config,
            layers=tuple(image.layers[:ITEMS]),
            names=tuple(image.repo_tags or ()),
        )
        # A blob is read for its place; another file of JSON has no mark.
        if not image.config.startswith("blobs/") and len(image.config) <= NAME:
            yield Wants((folder + image.config,), CONFIG)


def _decoded(source: Source, kind: type[T] | Any) -> Any:
    """The text as a type, or None where it is another's: of other JSON, and of what is none at all."""
    try:
        return msgspec.json.decode(source.data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _place(source: Source, text: str) -> Span:
    """Where a string stands; the whole first line, if it is written in another way."""
    at = source.text.find(f'"{text}"')
    return source.span(at + 1, at + len(text)) if at >= 0 and text else Span(source.path, 1, 1)
