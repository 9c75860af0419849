"""Settings that a package brings: graver than those that lie in a scanned folder, and without effect in both."""

from __future__ import annotations

from pathlib import Path

from pkgscan.testing import pack_tar, scan


def test_settings_in_a_folder_are_worth_a_note_and_in_an_archive_more(tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    (folder / "vendor").mkdir(parents=True)
    (folder / "pkgscan.toml").write_text('ignore = ["scan-settings-in-package"]\nfail-on = "info"\n')
    pack_tar(str(folder), str(tmp_path / "inner.tar.gz"))
    (tmp_path / "inner.tar.gz").rename(folder / "vendor" / "inner.tar.gz")
    report = scan(str(folder))
    found = [(f.rule, f.severity, f.span.path.partition("!/")[2]) for f in report.findings if f.span]
    assert found == [
        ("unsigned-package", "medium", ""),
        ("scan-settings-in-package", "info", "pkgscan.toml"),
        ("scan-settings-in-package", "low", "vendor/inner.tar.gz!/pkgscan.toml"),
    ]
    assert report.gate.result == "pass"
