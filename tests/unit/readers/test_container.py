"""What the JSON of images says, and that other JSON of such names says nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from archives.images import docker_save, oci_layout

from pkgscan.facts.container import ImageConfig, ImageManifest, ImageReference
from pkgscan.kinds import KindTable
from pkgscan.model import Entry, Gap
from pkgscan.readers.base import Reading, Source, Wants
from pkgscan.readers.container import ITEMS, JSON_LIMIT, ImageReader
from pkgscan.testing import Member, read

DIGEST = "sha256:" + "a" * 64
BLOB, INDEX, LIST = (kind.name for kind in ImageReader.kinds)
LAYERS = ([Member("app/run", b"x")], [Member("app/.wh.run")])
CONFIG = {"User": "app", "Entrypoint": ["/run"], "Cmd": ["-x"], "ExposedPorts": {"80/tcp": {}, "53/udp": {}}}


def readings(kind: str, value: Any) -> list[Reading]:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read(ImageReader(), content, path="p.tar!/manifest.json", kind=kind)


def test_an_index() -> None:
    listed = {
        "digest": DIGEST,
        "platform": {"os": "linux", "architecture": "arm", "variant": "v7"},
        "annotations": {"org.opencontainers.image.ref.name": "1.0", "io.containerd.image.name": "x.example/app:1.0"},
    }
    (found,) = readings(INDEX, {"schemaVersion": 2, "manifests": [listed], "more": [{}]})
    assert isinstance(found, ImageReference)
    assert (found.digest, found.name, found.platform, found.top) == (DIGEST, "x.example/app:1.0", "linux/arm/v7", True)
    assert found.span.first_line == 1
    assert json.dumps({"schemaVersion": 2, "manifests": [listed]})[found.span.first_column - 1 :].startswith(DIGEST)


def test_an_index_in_a_blob_is_none_of_the_layout() -> None:
    (found,) = readings(BLOB, {"manifests": [{"digest": DIGEST}]})
    assert isinstance(found, ImageReference)
    assert not found.top


def test_a_manifest() -> None:
    (found,) = readings(BLOB, {"config": {"digest": "sha256:1"}, "layers": [{"digest": "sha256:2"}, {"digest": "3"}]})
    assert isinstance(found, ImageManifest)
    assert (found.layout, found.config, found.layers) == ("oci", "sha256:1", ("sha256:2", "3"))


def test_a_config() -> None:
    files = oci_layout(LAYERS, CONFIG)
    found = [fact for blob in files.values() if blob[:1] == b"{" for fact in readings(BLOB, blob)]
    (config,) = (fact for fact in found if isinstance(fact, ImageConfig))
    assert (config.platform, config.created, config.user) == ("linux/amd64", "2026-01-01T00:00:00Z", "app")
    assert (config.entrypoint, config.command, config.ports) == (("/run",), ("-x",), ("53/udp", "80/tcp"))
    assert len(config.diffs) == 2


def test_a_config_may_leave_everything_out() -> None:
    (config,) = readings(BLOB, {"rootfs": {"diff_ids": None}, "config": {"User": None, "Cmd": None}, "os": None})
    assert isinstance(config, ImageConfig)
    assert (config.platform, config.user, config.command, config.diffs) == ("", "", (), ())


def test_what_docker_save_writes() -> None:
    files = docker_save(LAYERS, CONFIG, name="app:2")
    image, wants = readings(LIST, files["manifest.json"])
    assert isinstance(image, ImageManifest)
    assert (image.layout, image.names, len(image.layers)) == ("docker", ("app:2",), 2)
    config = next(name for name in files if name.endswith(".json") and name != "manifest.json")
    assert wants == Wants((f"p.tar!/{image.config}",), "image config")
    asked = Source(Entry(path=f"p.tar!/{config}"), "", blocks=lambda: iter((files[config][:9], files[config][9:])))
    (seen,) = ImageReader().look_again("image config", (asked,))
    assert isinstance(seen, ImageConfig)
    assert (seen.span.path, seen.user) == (f"p.tar!/{config}", "app")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (INDEX, {"manifests": []}),
        (INDEX, {"manifests": {"digest": DIGEST}}),
        (INDEX, {"manifests": [{"digest": 7}]}),
        (INDEX, [{"digest": DIGEST}]),
        (INDEX, b"not json"),
        (INDEX, b"\xff\xfe{}"),
        (INDEX, b'{"manifests":' * 300_000),
        (INDEX, b'{"manifests":[],"x":' + b"[" * 300_000 + b"]" * 300_000 + b"}"),
        (LIST, {"name": "a web page"}),
        (LIST, [{"Config": 1, "Layers": []}]),
        (LIST, [["Config"]]),
        (LIST, b"[" * 1_000_000),
        (BLOB, {"layers": [], "config": {}}),
        (BLOB, {"rootfs": []}),
        (BLOB, b'{"a": 1}'),
        (BLOB, b'{"rootfs": {}, "architecture": 1e400}'),
        (BLOB, b" " * (JSON_LIMIT + 1)),
    ],
    ids=lambda value: str(value)[:40],
)
def test_other_json_says_nothing(kind: str, value: Any) -> None:
    assert readings(kind, value) == []


@pytest.mark.parametrize("kind", [INDEX, BLOB, LIST])
def test_what_is_padded_beyond_the_limit_is_said(kind: str) -> None:
    (gap,) = readings(kind, b'{"layers":[{"digest":"%s"}]}' % DIGEST.encode() + b" " * JSON_LIMIT)
    assert isinstance(gap, Gap)
    assert (gap.effect, gap.reason) == ("unread", "limit-json")


@pytest.mark.parametrize(
    ("member", "head", "kind"),
    [
        ("blobs/sha256/ab", b'{"schemaVersion":2}', BLOB),
        ("x/blobs/sha512/ab", b'\n {"schemaVersion":2}', BLOB),
        ("blobs/sha256/ab", b"\x7fELF", "elf"),
        ("sha256/ab", b"{}", "text"),
        ("index.json", b"{}", INDEX),
        ("index.json", b"[]", "text"),
        ("manifest.json", b"[]", LIST),
        ("manifest.json", b'{"name": "web page"}', "text"),
    ],
)
def test_what_is_taken_for_json_of_an_image(member: str, head: bytes, kind: str) -> None:
    assert KindTable(ImageReader.kinds).identify(member, head) == kind


def test_a_list_that_is_too_long_is_said() -> None:
    digests = [{"digest": DIGEST}] * (ITEMS + 1)
    gap, manifest = readings(BLOB, {"config": {"digest": DIGEST}, "layers": digests})
    assert isinstance(gap, Gap)
    assert isinstance(manifest, ImageManifest)
    assert (gap.effect, gap.reason, len(manifest.layers)) == ("unread", "limit-json", ITEMS)
