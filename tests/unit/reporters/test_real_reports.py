"""Reports of a package that was really scanned: a nested archive, a cron job, names and bytes that harm viewers."""

import io
import json
import tarfile
import zipfile
from datetime import UTC, datetime

import jsonschema_rs
import pytest
from sarif_conformance import problems

from pkgscan import registry
from pkgscan.report import Report
from pkgscan.reporters import formats, renderer
from pkgscan.reporters.base import Options
from pkgscan.reporters.json.schema import schema
from pkgscan.scanning import Options as ScanOptions
from pkgscan.scanning import scan_here as scan

CRON = (
    b"MAILTO=ops\n0 3 * * * root /opt/app/import.sh --password hunter2canary >>/var/log/app.log\n*/61 * * * * root x\n"
)
FILES = {
    "etc/cron.d/import": CRON,
    "etc/cron.d/caf\udce9": b"0 4 * * * root \x1b[2J/opt/app/run\n",
    "etc/cron.d/a b\u202e#c": b"0 5 31 2 * root /opt/app/x",
    "opt/app/import.sh": b"#!/bin/sh\nsftp import@host\n",
}


def tarball() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.GNU_FORMAT) as archive:
        for name, content in FILES.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755 if name.endswith(".sh") else 0o644
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(parts=tuple(one.part for one in registry.load().conclusions if one.part), verbose=True)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    package = tmp_path_factory.mktemp("real") / "vendor-1.2.3.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("payload-1.2.3.tar.gz", tarball())
        archive.writestr("half.tar.gz", tarball()[:150])
    return scan(str(package), ScanOptions(now=datetime(2026, 11, 23, tzinfo=UTC)))


def test_something_was_found(report: Report) -> None:
    assert {"scheduled-job-added", "suspicious-cron-schedule"} <= {finding.rule for finding in report.findings}
    assert any(gap.effect == "unread" for gap in report.gaps)


@pytest.mark.parametrize("name", formats())
def test_every_format_prints_and_keeps_the_secret(report: Report, options: Options, name: str) -> None:
    text = renderer(name)(report, options)
    assert "hunter2canary" not in text
    assert all(line.isprintable() for line in text.split("\n"))


def test_json_fits_its_schema(report: Report, options: Options) -> None:
    tree = json.loads(renderer("json")(report, options))
    errors = jsonschema_rs.Draft202012Validator(schema(options.parts)).iter_errors(tree)
    assert [str(error) for error in errors] == []
    assert "every day at 03:00" in [row["when"] for row in tree["schedule"]]


def test_sarif_has_no_problems(report: Report, options: Options) -> None:
    log = json.loads(renderer("sarif")(report, options))
    assert list(problems(log)) == []
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["runs"][0]["results"]
    }
    assert "vendor.zip!/payload-1.2.3.tar.gz!/etc/cron.d/import" in uris
    assert log["runs"][0]["results"][0]["ruleId"] == "gap/unread"


def test_the_text_names_the_job_without_the_package(report: Report, options: Options) -> None:
    text = renderer("text")(report, options)
    assert "every day at 03:00" in text
    assert "payload-1.2.3.tar.gz!/etc/cron.d/import:2" in text
    assert "vendor-1.2.3.zip!/" not in text
