"""Puts container images together: which manifest, config and layers belong to each, and what is left of the layers.

Found from where the package names them: the index.json of an OCI layout, the manifest.json of `docker save`. Newer
Dockers write both for one image.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from pkgscan.facts.container import Image, ImageConfig, ImageManifest, ImagePart, ImageReference
from pkgscan.link.install import member_at
from pkgscan.model import Entry
from pkgscan.patterns import pattern
from pkgscan.reason.layering import Layering
from pkgscan.reason.overlay import Layer, Removal, removals

IMAGES = 200  # of one package; a vendor's product has dozens
MEMBERS = 2_000_000  # of layers, each counted once an image: fifty images of 40,000 files, in some seconds
HOPS = 8  # links from the name of a layer to its content; `docker save` needs one
DIGEST = pattern(r"(sha256|sha512):([0-9a-f]{64,128})")
# What a name says of the content: the config of `docker save`, and every blob.
NAMED_BY_CONTENT = pattern(r"(?:.*/)?(?:blobs/sha256/([0-9a-f]{64})|([0-9a-f]{64})\.json)")
NO_PLATFORM = "unknown/unknown"  # of what is attached to an image, such as its provenance

Facts = Mapping[type, tuple[Any, ...]]


def lay(ordered: Sequence[Entry], by_path: Mapping[str, Entry], facts: Facts) -> Layering:
    """All images of a package, with their layers laid on each other; over a limit they are not, and all counts."""
    if not facts.get(ImageManifest):
        return Layering()
    images = _merged(_Join(by_path, facts).images())
    known = _layers(ordered, {layer for image in images[:IMAGES] for layer in image.layers})
    gone: dict[str, Removal] = {}
    kept: set[str] = set()
    marks: set[str] = set()
    count = 0
    for at, image in enumerate(images[:IMAGES]):
        layers = [known[layer] for layer in dict.fromkeys(reversed(image.layers))][::-1]
        count += sum(layer.size for layer in layers)
        if count > MEMBERS:
            kept.update(path for layer in layers for _, path, _ in layer.members)
            continue
        found = removals(layers)
        gone |= found.gone
        kept |= found.kept
        marks |= found.marks
        files = sum(by_path[path].type != "directory" for path in found.kept)
        images[at] = msgspec.structs.replace(image, laid=True, files=files)
    left_over = {path: removal for path, removal in gone.items() if path not in kept}
    return Layering(images, images[:IMAGES], left_over, marks)


def _layers(ordered: Sequence[Entry], paths: set[str]) -> dict[str, Layer]:
    found: dict[str, list[Entry]] = {layer: [] for layer in paths}
    for entry in ordered:
        if entry.archive in found:
            found[entry.archive].append(entry)
    return {path: Layer(entries) for path, entries in found.items()}


def _merged(images: Iterator[Image]) -> list[Image]:
    """Images of the same config and layers are one, under all its names."""
    found: dict[tuple[str, ...], Image] = {}
    for image in images:
        key = tuple(part.path or part.name for part in image.parts if part.what != "manifest")
        known = found.setdefault(key, image)
        if known is not image:
            names = tuple(dict.fromkeys((*image.names, *known.names)))  # docker's first: they are the full ones
            name = names[0] if names else known.name
            found[key] = msgspec.structs.replace(known, name=name, names=names)
    return list(found.values())


class _Join:
    """The facts of images by the entries that hold them."""

    def __init__(self, by_path: Mapping[str, Entry], facts: Facts) -> None:
        self._by_path = by_path
        self._references: dict[str, list[ImageReference]] = {}
        for reference in facts.get(ImageReference, ()):
            self._references.setdefault(reference.span.path, []).append(reference)
        manifests: tuple[ImageManifest, ...] = facts.get(ImageManifest, ())
        self._manifests = {manifest.span.path: manifest for manifest in manifests if manifest.layout == "oci"}
        self._saved = [manifest for manifest in manifests if manifest.layout == "docker"]
        self._configs: dict[str, ImageConfig] = {config.span.path: config for config in facts.get(ImageConfig, ())}

    def images(self) -> Iterator[Image]:
        """Those of OCI layouts first, since they state more."""
        for path, references in self._references.items():
            if references[0].top:
                yield from self._of_layout(path.removesuffix("index.json"), references)
        for manifest in self._saved:
            yield self._docker_image(manifest)

    def _of_layout(self, root: str, references: Sequence[ImageReference]) -> Iterator[Image]:
        """The images that an index leads to, through other indexes too, each once."""
        waiting = [(reference, reference.name) for reference in reversed(references)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            reference, name = waiting.pop()
            path = self._blob(root, reference.digest)
            if (path, name) in seen or reference.platform == NO_PLATFORM:
                continue
            seen.add((path, name))
            if path in self._manifests:
                image = self._oci_image(root, reference, name, self._manifests[path])
                if image is not None:
                    yield image
            waiting += [(inner, inner.name or name) for inner in reversed(self._references.get(path, ()))]

    def _oci_image(self, root: str, reference: ImageReference, name: str, manifest: ImageManifest) -> Image | None:
        """The image of a manifest; None where its config says that it is something else, such as a signature."""
        config = self._blob(root, manifest.config)
        known = self._configs.get(config)
        if (config and known is None) or (known is not None and known.platform == NO_PLATFORM):
            return None
        parts = [
            ImagePart("manifest", reference.digest, manifest.span.path, reference.digest, reference.span),
            ImagePart("config", manifest.config, config, manifest.config, manifest.span),
        ]
        parts += [
            ImagePart("layer", digest, self._blob(root, digest), digest, manifest.span) for digest in manifest.layers
        ]
        names = (name,) if name else ()
        return Image(
            span=reference.span,
            name=name or reference.digest,
            names=names,
            digest=reference.digest,
            config=known,
            parts=tuple(parts),
        )

    def _docker_image(self, manifest: ImageManifest) -> Image:
        root = manifest.span.path.removesuffix("manifest.json")
        path = self._content(root + manifest.config)
        config = self._configs.get(path)
        parts = [ImagePart("config", manifest.config, path, _digest(manifest.config), manifest.span)]
        for at, layer in enumerate(manifest.layers):
            found = self._content(root + layer)
            digest = _digest(layer)
            stated_at = manifest.span
            if not digest and config is not None and at < len(config.diffs) and self._is_plain(found):
                digest, stated_at = config.diffs[at], config.span
            parts.append(ImagePart("layer", layer, found, digest, stated_at))
        name = manifest.names[0] if manifest.names else manifest.config
        return Image(span=manifest.span, name=name, names=manifest.names, config=config, parts=tuple(parts))

    def _is_plain(self, path: str) -> bool:
        """Whether a layer is not compressed, so that its digest is the one that its config states."""
        entry = self._by_path.get(path)
        return entry is not None and entry.format == "tar"

    def _blob(self, root: str, digest: str) -> str:
        found = DIGEST.fullmatch(digest)
        return self._content(f"{root}blobs/{found[1]}/{found[2]}") if found else ""

    def _content(self, path: str) -> str:
        """The entry that holds the content of the one at a path, links followed; empty if there is none."""
        for _ in range(HOPS):
            entry = self._by_path.get(path)
            if entry is None:
                return ""
            if entry.type not in {"symlink", "hardlink"}:
                return entry.path
            folder = os.path.dirname(entry.member) if entry.type == "symlink" else ""
            path = member_at(entry.archive, os.path.normpath(os.path.join(folder, entry.link_target)))
        return ""


def _digest(name: str) -> str:
    found = NAMED_BY_CONTENT.fullmatch(name)
    return f"sha256:{found[1] or found[2]}" if found else ""
