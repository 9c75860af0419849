"""Which entries lie in layers of container images, and which of them a container would see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pkgscan.facts.container import Image
from pkgscan.model import MEMBER
from pkgscan.reason.overlay import Removal


class Layering:
    """The layers of all images of a package. What lies in an archive that is gone is gone with it.

    `known` are those of the images whose layers may be asked after; `gone` and `marks` are entry paths.
    """

    def __init__(
        self,
        images: Iterable[Image] = (),
        known: Iterable[Image] = (),
        gone: Mapping[str, Removal] | None = None,
        marks: Iterable[str] = (),
    ) -> None:
        self.images = tuple(images)
        self.gone = gone or {}
        self._marks = frozenset(marks)
        self._by_layer: dict[str, tuple[Image, ...]] = {}
        for image in known:
            for layer in dict.fromkeys(image.layers):
                self._by_layer[layer] = (*self._by_layer.get(layer, ()), image)

    @property
    def takes_away(self) -> bool:
        """Whether there is anything that no container sees."""
        return bool(self.gone or self._marks)

    def removal(self, path: str) -> Removal | None:
        """What takes the entry at a path away in every image that has it; None for one that counts."""
        if not self.takes_away:
            return None
        return next((found for holder in _holders(path) if (found := self._removal(holder)) is not None), None)

    def _removal(self, path: str) -> Removal | None:
        return Removal(path, "deleted") if path in self._marks else self.gone.get(path)

    def images_of(self, path: str) -> tuple[Image, ...]:
        """The images in whose layers an entry lies; none for one that would lie on the host."""
        if not self._by_layer:
            return ()
        found = (self._by_layer.get(holder) for holder in _holders(path))
        return next((images for images in found if images), ())

    def shares(self, one: str, other: str) -> bool:
        """Whether two entries may lie in one file system: that of the host, or that of a container."""
        if not self._by_layer:
            return True
        ones, others = self.images_of(one), self.images_of(other)
        return any(image in others for image in ones) if ones and others else not ones and not others


def _holders(path: str) -> Iterator[str]:
    """An entry's path, and those of the archives it lies in, from the inside out."""
    while path:
        yield path
        path = path.rpartition(MEMBER)[0]
