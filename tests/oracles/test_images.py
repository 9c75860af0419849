"""What a container sees of an image, and what an image says, as umoci and skopeo understand them."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest
from archives.images import docker_save, members, oci_layout

from pkgscan.circumstances import Circumstances
from pkgscan.facts.container import ContainerImage
from pkgscan.graph import Graph
from pkgscan.inline import run
from pkgscan.inputs import open_input
from pkgscan.link import link
from pkgscan.outcome import Judging
from pkgscan.plan import Plan
from pkgscan.reason.overlay import in_image
from pkgscan.registry import load
from pkgscan.testing import NOW, Member, pack_members, scan

Layers: TypeAlias = "Sequence[Sequence[Member]]"
Seen: TypeAlias = "dict[str, str]"  # path in the container to what is there

CONFIG = {"User": "10:10", "Entrypoint": ["/app/run"], "Cmd": ["--serve"], "ExposedPorts": {"8080/tcp": {}}}
NAMES = ("a", "b", "etc")
RANDOM_IMAGES = 25
TAG = "latest"


def folder(name: str) -> Member:
    return Member(name, type="directory", mode=0o755)


def marks(*names: str) -> list[Member]:
    return [Member(name) for name in names]


HAND_MADE: dict[str, Layers] = {
    "deleted": ([Member("etc/cron.d/job", b"1"), Member("etc/keep", b"2")], marks("etc/cron.d/.wh.job")),
    "directory-deleted": ([folder("d"), Member("d/e/f", b"1"), Member("g", b"2")], marks(".wh.d")),
    "replaced": ([Member("a", b"1")], [Member("a", b"2")]),
    "opaque": (
        [folder("d"), Member("d/a", b"1"), Member("d/e/b", b"2")],
        [folder("d"), *marks("d/.wh..wh..opq"), Member("d/c", b"3")],
    ),
    "opaque-behind-its-own": (
        [folder("d"), Member("d/a", b"1")],
        [folder("d"), Member("d/c", b"3"), *marks("d/.wh..wh..opq")],
    ),
    "back-again": ([Member("a", b"1")], marks(".wh.a"), [Member("a", b"2")]),
    "directory-back-again": ([Member("d/a", b"1")], marks(".wh.d"), [Member("d/b", b"2")]),
    "file-for-directory": ([folder("d"), Member("d/a", b"1")], [Member("d", b"2")]),
    "directory-for-file": ([Member("d", b"1")], [folder("d"), Member("d/a", b"2")]),
    "link-for-directory": ([folder("d"), Member("d/a", b"1")], [Member("d", type="symlink", link="e")]),
    "directories-become-one": ([folder("d"), Member("d/a", b"1")], [folder("d"), Member("d/b", b"2")]),
    "mark-of-its-own-layer": ([Member("a", b"1")], [*marks(".wh.a"), Member("a", b"2")]),
    "hard-link-left": (
        [Member("a", b"1"), Member("b", type="hardlink", link="a")],
        marks(".wh.a"),
    ),
    "odd-marks": ([Member("a", b"1"), Member("d/b", b"2")], marks("d/.wh.a", ".wh.nothing")),
    "dotted-names": ([Member("./a", b"1"), Member("./d/b", b"2")], marks("./d/.wh.b")),
}


def random_layers(seed: int) -> Layers:
    """Layers as builders make them: a directory stands before what is in it, nothing lies below a file."""
    choose = random.Random(seed)
    return [list(_random_layer(choose, number)) for number in range(choose.randint(2, 5))]


def _random_layer(choose: random.Random, number: int) -> Iterator[Member]:
    found: dict[str, bool] = {}
    for _ in range(choose.randint(1, 8)):
        parts = [choose.choice(NAMES) for _ in range(choose.randint(1, 3))]
        path = "/".join(parts)
        above = ["/".join(parts[:at]) for at in range(1, len(parts))]
        if path not in found and all(found.get(one, True) for one in above):
            found |= dict.fromkeys(above, True)
            found[path] = choose.random() < 0.4
    folders = [path for path, is_folder in found.items() if is_folder]
    for path, is_folder in sorted(found.items()):
        yield folder(path) if is_folder else Member(path, f"{number} {path}".encode())
    for path in folders:
        if choose.random() < 0.3:
            yield Member(f"{path}/.wh..wh..opq")
        deleted = choose.choice(NAMES)
        if choose.random() < 0.5 and f"{path}/{deleted}" not in found:
            yield Member(f"{path}/.wh.{deleted}")


def do(*command: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write(files: dict[str, bytes], root: Path) -> Path:
    for name, content in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return root


def unpacked(layout: Path, target: Path) -> Seen:
    """What umoci unpacks of the one image of a layout; a hard link has the content of the file it names."""
    do("umoci", "unpack", "--rootless", "--image", f"{layout}:{TAG}", target)
    root = target / "rootfs"
    found: Seen = {}
    for place, folders, files in os.walk(root):
        for name in (*files, *(one for one in folders if (Path(place) / one).is_symlink())):
            path = Path(place) / name
            is_link = path.is_symlink()
            content = os.readlink(path) if is_link else hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(root))] = content
    return found


def joined(package: Path) -> Graph:
    """What pkgscan makes of a package up to where the rules begin."""
    engine = run(load(), (open_input(str(package)),), Plan(judging=Judging(circumstances=Circumstances(NOW))))
    return link(engine.entries(), engine.facts())


def seen(package: Path) -> Seen:
    """What pkgscan says that a container sees."""
    graph = joined(package)
    left = [
        entry
        for entry in graph.entries()
        if graph.images_of(entry.archive) and graph.removal(entry.path) is None and entry.type != "directory"
    ]
    contents = {entry.path: entry.sha256 for entry in graph.entries()}
    found: Seen = {}
    for entry in left:
        target = f"{entry.archive}!/{in_image(entry.link_target)}"
        by_type = {"symlink": entry.link_target, "hardlink": contents.get(target, "")}
        found[in_image(entry.member)] = by_type.get(entry.type, entry.sha256)
    return found


def rows(package: Path) -> list[ContainerImage]:
    report = scan(str(package))
    assert [finding.message for finding in report.findings if finding.rule == "image-digest-mismatch"] == []
    return [msgspec.convert(row, ContainerImage) for row in report.parts["images"]]


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
@pytest.mark.parametrize("name", HAND_MADE)
def test_what_is_left_of_layers(name: str, packed: bool, tmp_path: Path) -> None:  # noqa: FBT001
    layout = write(oci_layout(HAND_MADE[name], name=TAG, packed=packed), tmp_path / "layout")
    theirs, ours = unpacked(layout, tmp_path / "bundle"), seen(layout)
    if name == "hard-link-left":  # the file's content stands in the package at the name that is gone
        assert ours.pop("a") == ours["b"]
    assert ours == theirs


@pytest.mark.parametrize("seed", range(RANDOM_IMAGES))
def test_what_is_left_of_random_layers(seed: int, tmp_path: Path) -> None:
    layout = write(oci_layout(random_layers(seed), name=TAG), tmp_path / "layout")
    assert seen(layout) == unpacked(layout, tmp_path / "bundle")


@pytest.mark.parametrize("name", ["deleted", "opaque", "back-again"])
def test_images_that_skopeo_writes_are_read_alike(name: str, tmp_path: Path) -> None:
    layout = write(oci_layout(HAND_MADE[name], CONFIG, name=TAG), tmp_path / "layout")
    saved, archive, copied = (tmp_path / one for one in ("saved.tar", "oci.tar", "copied"))
    do("skopeo", "copy", f"oci:{layout}:{TAG}", f"docker-archive:{saved}:registry.example/app:1.2")
    do("skopeo", "copy", f"oci:{layout}:{TAG}", f"oci-archive:{archive}:{TAG}")
    do("skopeo", "copy", "--format", "v2s2", f"docker-archive:{saved}", f"oci:{copied}:{TAG}")
    expected = seen(layout)
    assert seen(saved) == expected
    assert seen(archive) == expected
    (row,) = rows(saved)
    assert row.names == ("registry.example/app:1.2",)
    assert len(row.layers) == len(HAND_MADE[name])
    assert row.missing == ()


def test_what_an_image_says_is_what_skopeo_inspects(tmp_path: Path) -> None:
    layout = write(oci_layout(HAND_MADE["deleted"], CONFIG, name=TAG), tmp_path / "layout")
    said = json.loads(do("skopeo", "inspect", f"oci:{layout}:{TAG}"))
    config = json.loads(do("skopeo", "inspect", "--config", f"oci:{layout}:{TAG}"))["config"]
    (row,) = rows(layout)
    assert row.digest == said["Digest"]
    assert row.platform == f"{said['Os']}/{said['Architecture']}"
    assert [path.rpartition("/")[2] for path in row.layers] == [one.removeprefix("sha256:") for one in said["Layers"]]
    assert row.starts == (*config["Entrypoint"], *config["Cmd"])
    assert row.user == config["User"]
    assert row.ports == tuple(config["ExposedPorts"])


def test_our_docker_save_is_taken_by_skopeo(tmp_path: Path) -> None:
    package = tmp_path / "saved.tar"
    pack_members(members(docker_save(HAND_MADE["opaque"], CONFIG, name="app:1.0")), str(package))
    layout = tmp_path / "layout"
    do("skopeo", "copy", f"docker-archive:{package}", f"oci:{layout}:{TAG}")
    assert seen(package) == unpacked(layout, tmp_path / "bundle")
    assert rows(package)[0].names == ("app:1.0",)


def test_a_mismatch_is_one_to_skopeo_as_well(tmp_path: Path) -> None:
    files = oci_layout(HAND_MADE["replaced"], name=TAG)
    layer = next(name for name, content in files.items() if content.startswith(b"\x1f\x8b"))
    files[layer] += b"\0"
    layout = write(files, tmp_path / "layout")
    command = ["skopeo", "copy", f"oci:{layout}:{TAG}", f"oci:{tmp_path / 'copy'}:{TAG}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode
    report = scan(str(layout), rules=("image-digest-mismatch",))
    assert [finding.span.path for finding in report.findings if finding.span] == [f"layout!/{layer}"]
