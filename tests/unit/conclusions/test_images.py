"""Container images in a package: how they are put together, what of them counts, and what they say of themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from archives.images import docker_save, members, oci_layout

from pkgscan.conclusions.images import IMAGES
from pkgscan.facts.container import ContainerImage
from pkgscan.facts.schedule import ScheduledJob
from pkgscan.model import MEMBER
from pkgscan.report import Report
from pkgscan.scanning import Options, scan_here
from pkgscan.testing import NOW, Member, pack_members

CRON = Member("usr/sbin/cron", b"\x7fELF", mode=0o755)
SYSTEMD = Member("lib/systemd/systemd", b"\x7fELF", mode=0o755)
RUN = Member("opt/app/run", b"#!/bin/sh\n", mode=0o755)
SERVER = {"Cmd": ["/app/server"]}
TIMER = [
    Member("lib/systemd/system/app.timer", b"[Timer]\nOnCalendar=daily\n"),
    Member("lib/systemd/system/app.service", b"[Service]\nExecStart=/opt/app/run\n"),
]
BUILDERS = [
    pytest.param(oci_layout, id="layout"),
    pytest.param(partial(oci_layout, packed=False), id="plain-layout"),
    pytest.param(docker_save, id="docker-save"),
]


def job(name: str, hour: int = 3, command: str = "/opt/app/run") -> Member:
    return Member(f"etc/cron.d/{name}", f"0 {hour} * * * root {command}\n".encode())


def report_of(files: Mapping[str, bytes], tmp_path: Path, more: Sequence[Member] = ()) -> Report:
    path = tmp_path / "package.zip"
    pack_members([*members(files, "images/"), *more], str(path), "zip")
    return scan_here(str(path), Options(now=NOW))


def rows(report: Report) -> list[ContainerImage]:
    return [msgspec.convert(row, ContainerImage) for row in report.parts["images"]]


def jobs(report: Report) -> dict[str, ScheduledJob]:
    """The jobs by their file, as it lies in its archive."""
    found = (msgspec.convert(row, ScheduledJob) for row in report.parts["schedule"])
    return {one.span.path.rpartition(MEMBER)[2]: one for one in found}


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


@pytest.mark.parametrize("build", BUILDERS)
def test_a_job_that_a_later_layer_deletes_is_none(build: Any, tmp_path: Path) -> None:
    layers = ([CRON, RUN, job("gone"), job("other", 4)], [Member("etc/cron.d/.wh.gone"), job("other", 5), job("new")])
    report = report_of(build(layers, SERVER), tmp_path)
    found = jobs(report)
    assert sorted(found) == ["etc/cron.d/new", "etc/cron.d/other"]
    assert found["etc/cron.d/other"].when == "every day at 05:00"
    assert found["etc/cron.d/new"].starts[0].endswith(f"{MEMBER}opt/app/run")
    (image,) = rows(report)
    assert [path.rpartition(MEMBER)[2] for path in image.deleted] == ["etc/cron.d/gone"]
    assert (image.deleted_count, image.replaced_count, image.files) == (1, 1, 4)
    assert "image-digest-mismatch" not in rules(report)


@pytest.mark.parametrize("build", BUILDERS)
def test_a_job_of_an_image_runs_in_a_container(build: Any, tmp_path: Path) -> None:
    report = report_of(build(([CRON, RUN, job("app")],), SERVER, name="app:7"), tmp_path)
    found = jobs(report)["etc/cron.d/app"]
    assert (found.container, found.condition) == (True, "in a container of app:7 if cron runs there")
    (finding,) = (finding for finding in report.findings if finding.rule == "scheduled-job-added")
    assert (finding.severity, finding.confidence) == ("info", "low")
    assert finding.message.startswith("cron job, in a container of app:7 if cron runs there, runs every day at 03:00")


@pytest.mark.parametrize(
    "config",
    [
        {"Cmd": ["cron", "-f"]},
        {"Entrypoint": ["/usr/sbin/crond"], "Cmd": ["-n"]},
        {"Cmd": ["sh", "-c", "crond && exec /app/server"]},
    ],
    ids=str,
)
def test_an_image_whose_main_process_is_cron(config: dict[str, Any], tmp_path: Path) -> None:
    report = report_of(oci_layout(([RUN, job("app")],), config), tmp_path)
    assert jobs(report)["etc/cron.d/app"].condition == "in a container of app:1.0"


@pytest.mark.parametrize(
    ("layers", "config"),
    [
        (([RUN, job("app")],), SERVER),  # the image has no cron
        (([CRON, RUN, job("app")], [Member("usr/sbin/.wh.cron")]), SERVER),
        (([RUN, *TIMER],), {"Cmd": ["/bin/init"]} | SERVER),
        (([SYSTEMD, RUN, *TIMER, Member("app/server", b"\x7fELF")],), SERVER),  # systemd has to be the main process
        (([CRON, Member("etc/crontabs/root", b"0 2 * * * run-parts /etc/periodic/daily\n")],), SERVER),
    ],
    ids=["no-cron", "cron-deleted", "no-systemd", "systemd-unused", "nothing-to-start"],
)
def test_what_nothing_starts_is_no_job(layers: Any, config: dict[str, Any], tmp_path: Path) -> None:
    assert jobs(report_of(oci_layout(layers, config), tmp_path)) == {}


@pytest.mark.parametrize(
    ("config", "condition"),
    [
        ({"Cmd": ["/usr/lib/systemd/systemd"]}, "if enabled, in a container of app:1.0"),
        ({"Cmd": ["/start.sh"]}, "if enabled, in a container of app:1.0 if systemd runs there"),
        ({}, "if enabled, in a container of app:1.0 if systemd runs there"),
    ],
    ids=["main", "script", "none"],
)
def test_a_timer_of_an_image(config: dict[str, Any], condition: str, tmp_path: Path) -> None:
    layer = [SYSTEMD, RUN, *TIMER, Member("start.sh", b"#!/bin/sh\n", mode=0o755)]
    found = jobs(report_of(oci_layout((layer,), config), tmp_path))
    assert found["lib/systemd/system/app.timer"].condition == condition


def test_host_and_container_do_not_meet(tmp_path: Path) -> None:
    """A file of an image is not there for a job of the host, and the other way round."""
    image = oci_layout(
        ([CRON, job("inner", command="/opt/app/host-only"), Member("opt/app/image-only", b"x")],), SERVER
    )
    host = [job("outer", command="/opt/app/image-only"), Member("opt/app/host-only", b"x")]
    report = report_of(image, tmp_path, host)
    found = {one.command: one for one in jobs(report).values()}
    assert found["/opt/app/host-only"].starts == ()
    assert found["/opt/app/image-only"].starts == ()
    assert not next(one for one in found.values() if one.command == "/opt/app/image-only").container
    missing = [finding for finding in report.findings if finding.rule == "cron-target-missing"]
    assert [finding.evidence for finding in missing] == [("/opt/app/image-only",)]


def test_a_script_that_is_gone_is_not_started(tmp_path: Path) -> None:
    report = report_of(oci_layout(([CRON, RUN, job("app")], [Member("opt/app/.wh.run")]), SERVER), tmp_path)
    assert jobs(report)["etc/cron.d/app"].starts == ()
    # That its commands are not read matters to nobody.
    assert [gap.detail for gap in report.gaps if gap.reason != "needs-profile"] == []


def test_a_layer_that_two_images_share_counts_while_one_has_it(tmp_path: Path) -> None:
    base = [CRON, RUN, job("app")]
    one = oci_layout((base,), SERVER, name="one:1")
    other = oci_layout((base, [Member("etc/cron.d/.wh.app")]), SERVER, name="other:1")
    index = {"manifests": [*json.loads(one["index.json"])["manifests"], *json.loads(other["index.json"])["manifests"]]}
    report = report_of(one | other | {"index.json": json.dumps(index).encode()}, tmp_path)
    assert [image.name for image in rows(report)] == ["one:1", "other:1"]
    assert sorted(jobs(report)) == ["etc/cron.d/app"]
    assert [image.deleted_count for image in rows(report)] == [0, 0]


def test_one_image_that_both_ways_name_is_one(tmp_path: Path) -> None:
    """Newer Dockers write a manifest.json beside the index of the layout."""
    files = oci_layout(([RUN],), SERVER, name="1.0", packed=False)
    layer, config, _ = (name for name in files if name.startswith("blobs/"))
    listed = [{"Config": config, "RepoTags": ["registry.example/app:1.0"], "Layers": [layer]}]
    (image,) = rows(report_of(files | {"manifest.json": json.dumps(listed).encode()}, tmp_path))
    assert image.names == ("registry.example/app:1.0", "1.0")
    assert image.digest
    assert image.missing == ()


def test_layers_that_are_links(tmp_path: Path) -> None:
    """`docker save` writes a layer once and links to it where another image has it too."""
    files = docker_save(([RUN], [Member("opt/app/.wh.run")]), SERVER)
    found = members(files)
    for at, member in enumerate(found):
        if member.name.endswith("layer.tar"):
            content = Member(f"{at}.tar", member.content)
            found[at] = Member(member.name, type="symlink", link=f"../{at}.tar")
            found.append(content)
    path = tmp_path / "package.tar"
    pack_members(found, str(path))
    (image,) = rows(scan_here(str(path), Options(now=NOW)))
    assert (image.files, image.deleted_count, image.missing) == (0, 1, ())


def test_what_an_image_lacks_is_named(tmp_path: Path) -> None:
    files = oci_layout(([RUN],), SERVER)
    layer = next(name for name, content in files.items() if content.startswith(b"\x1f\x8b"))
    del files[layer]
    (image,) = rows(report_of(files, tmp_path))
    assert image.missing == (f"sha256:{layer.rpartition('/')[2]}",)
    assert image.layers == ()


def attachments() -> Iterator[tuple[dict[str, bytes], dict[str, Any]]]:
    """What layouts hold besides images: a signature, and the provenance that a builder attaches."""
    files = oci_layout(([RUN],), SERVER)
    manifest = json.loads(files["index.json"])["manifests"][0]
    config = next(name for name, content in files.items() if b"rootfs" in content)
    yield {**files, config: b'{"critical": {}}'}, manifest
    yield files, manifest | {"platform": {"os": "unknown", "architecture": "unknown"}}


@pytest.mark.parametrize(("files", "listed"), list(attachments()), ids=["signature", "provenance"])
def test_what_is_attached_to_images_is_none(files: dict[str, bytes], listed: dict[str, Any], tmp_path: Path) -> None:
    index = json.dumps({"manifests": [listed]}).encode()
    assert rows(report_of(files | {"index.json": index}, tmp_path)) == []


def test_an_index_that_leads_to_itself_ends(tmp_path: Path) -> None:
    digest = "0" * 64
    inner = json.dumps({"manifests": [{"digest": f"sha256:{digest}"}]}).encode()
    files = oci_layout(([RUN],), SERVER)
    listed = json.loads(files["index.json"])["manifests"]
    index = {"manifests": [{"digest": f"sha256:{digest}"}, *listed]}
    files |= {f"blobs/sha256/{digest}": inner, "index.json": json.dumps(index).encode()}
    assert [image.name for image in rows(report_of(files, tmp_path))] == ["app:1.0"]


def test_no_part_without_an_image(tmp_path: Path) -> None:
    path = tmp_path / "package.zip"
    pack_members([RUN], str(path), "zip")
    assert rows(scan_here(str(path), Options(now=NOW))) == []


def test_columns_of_the_terminal(tmp_path: Path) -> None:
    secret = Member("home/deploy/.ssh/id_rsa", b"key")
    config = {"Entrypoint": ["/entry"], "Cmd": ["serve"]}
    report = report_of(oci_layout(([secret], [Member("home/deploy/.ssh/.wh.id_rsa")]), config, name="app:2"), tmp_path)
    part = IMAGES.part
    assert part is not None
    assert part.line(rows(report)[0]) == (
        "app:2 (linux/amd64)",
        "2 layers",
        "starts /entry serve as root",
        "deleted by a later layer, still readable: home/deploy/.ssh/id_rsa",
        "images/index.json",
    )


def test_over_the_limit_all_of_an_image_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pkgscan.link.images.MEMBERS", 2)
    report = report_of(oci_layout(([CRON, RUN, job("app")], [Member("etc/cron.d/.wh.app")]), SERVER), tmp_path)
    (image,) = rows(report)
    assert not image.laid
    assert sorted(jobs(report)) == ["etc/cron.d/app"]
    part = IMAGES.part
    assert part is not None
    assert part.line(image)[3] == "its layers were not compared, there are too many"
