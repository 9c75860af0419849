"""What the walk sees of real files equals what bsdtar and the tools that make and unpack these formats see."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from comparison import Fetch, Make, bsdtar, do, files, inside, leaf, seen

from charging import charge
from command import Pkgscan
from pkgscan.archive.member import BLOCK, Member
from pkgscan.archive.rpm.reader import scriptlets

SPEC = """\
Name: billing
Version: 1.0
Release: 1
Summary: for a test
License: none
%description
For a test.
%install
mkdir -p %{buildroot}/opt && cp -r TREE %{buildroot}/opt/billing
%files
/opt/billing
"""


def tar(option: str) -> Make:
    return lambda tree, target: do("tar", option, "-cf", target, "-C", tree, ".")


def cpio(form: str) -> Make:
    def make(tree: Path, target: Path) -> None:
        names = do("find", ".", "-mindepth", "1", cwd=tree)
        target.write_bytes(do("cpio", "--quiet", "-o", "-H", form, cwd=tree, input=names))

    return make


ARCHIVES: dict[str, Make] = {
    "zip": lambda tree, target: do("zip", "-qyr", target, ".", cwd=tree),
    "stored.zip": lambda tree, target: do("zip", "-qyr0", target, ".", cwd=tree),
    "bzip2.zip": lambda tree, target: do("zip", "-qyr", "-Z", "bzip2", target, ".", cwd=tree),
    "bsdtar.zip": lambda tree, target: do("bsdtar", "--format", "zip", "-cf", target, "-C", tree, "."),
    "tar": tar("--format=gnu"),
    "ustar.tar": lambda tree, target: do("tar", "--format=v7", "-cf", target, "-C", tree, "--exclude=./deep", "."),
    "pax.tar": tar("--format=posix"),
    "tar.gz": tar("--gzip"),
    "tar.bz2": tar("--bzip2"),
    "tar.xz": tar("--xz"),
    "tar.zst": tar("--zstd"),
    "newc.cpio": cpio("newc"),
    "odc.cpio": cpio("odc"),
    "crc.cpio": cpio("crc"),
    "bin.cpio": cpio("bin"),
    "hpodc.cpio": cpio("hpodc"),
    "hpbin.cpio": cpio("hpbin"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_as_their_makers_write_them(pkgscan: Pkgscan, tree: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / f"app.{name}"
    ARCHIVES[name](tree, target)
    found = seen(pkgscan, target, tmp_path / "facts")
    assert found == bsdtar(target, tmp_path / "unpacked")
    whole = inside(files(tree))
    assert found == (whole if name != "ustar.tar" else Counter(row for row in whole if not row[0].startswith("deep")))


COMPRESSORS = {"gz": "gzip", "bz2": "bzip2", "xz": "xz", "zst": "zstd"}


@pytest.mark.parametrize("ending", COMPRESSORS)
def test_single_compressed_files(pkgscan: Pkgscan, tree: Path, tmp_path: Path, ending: str) -> None:
    for name in ("large.bin", "empty"):
        target = tmp_path / f"{name}.{ending}"
        target.write_bytes(do(COMPRESSORS[ending], "-c", tree / name))
        assert seen(pkgscan, target, tmp_path / "facts") == Counter([leaf(name, (tree / name).read_bytes())])


def test_several_streams_in_one_file(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """The tools read what `cat a.gz b.gz` makes as one content."""
    for ending, program in COMPRESSORS.items():
        target = tmp_path / f"both.{ending}"
        target.write_bytes(b"".join(do(program, "-c", input=part) for part in (b"one\n", b"two\n" * 9000)))
        expected = leaf("both", do(program, "-dc", target))
        assert seen(pkgscan, target, tmp_path / "facts") == Counter([expected])


@pytest.mark.parametrize("name", ["logrotate", "cron", "libcommons-io-java"])
def test_deb(pkgscan: Pkgscan, deb: Fetch, tmp_path: Path, name: str) -> None:
    """Data and control as dpkg-deb unpacks them."""
    target = tmp_path / "package.deb"
    shutil.copy(deb(name), target)
    do("dpkg-deb", "-x", target, tmp_path / "data")
    do("dpkg-deb", "-e", target, tmp_path / "control")
    expected = Counter([leaf("debian-binary", b"2.0\n")])
    expected += inside(files(tmp_path / "data")) + inside(files(tmp_path / "control"))
    assert seen(pkgscan, target, tmp_path / "facts") == expected


@pytest.mark.parametrize("payload", ["w9.gzdio", "w9.bzdio", "w6.xzdio", "w3.zstdio"])
def test_rpm(pkgscan: Pkgscan, tree: Path, tmp_path: Path, payload: str) -> None:
    """A package of rpmbuild, against bsdtar and rpm2cpio."""
    (tmp_path / "billing.spec").write_text(SPEC.replace("TREE", str(tree)))
    defined = ("--define", f"_topdir {tmp_path}/top", "--define", f"_binary_payload {payload}")
    do("rpmbuild", "-bb", *defined, "--define", "__os_install_post %{nil}", tmp_path / "billing.spec")
    (target,) = (tmp_path / "top" / "RPMS").rglob("*.rpm")
    found = seen(pkgscan, target, tmp_path / "facts")
    assert found == inside(cpio_files(target, tmp_path / "cpio")) == bsdtar(target, tmp_path / "unpacked")


MODES = """\
%install
mkdir -p %{buildroot}/opt/app
echo x > %{buildroot}/opt/app/tool
%files
%attr(4755, root, root) /opt/app/tool
"""


def test_an_rpm_is_installed_by_its_header(pkgscan: Pkgscan, tmp_path: Path) -> None:
    """The mode of a payload is nothing to rpm; both modes are said."""
    (tmp_path / "billing.spec").write_text(SPEC.partition("%install")[0] + MODES)
    defined = ("--define", f"_topdir {tmp_path}/top", "--define", "_binary_payload w.ufdio")
    do("rpmbuild", "-bb", *defined, tmp_path / "billing.spec")
    (target,) = (tmp_path / "top" / "RPMS").rglob("*.rpm")
    data = target.read_bytes()
    setuid, plain = (f"{mode:08x}".encode() for mode in (0o104755, 0o100755))
    assert data.count(setuid) == 1
    target.write_bytes(data.replace(setuid, plain))
    (root := tmp_path / "root").mkdir()
    unchecked = ("--nodeps", "--noscripts", "--nodigest", "--nosignature", "--define", "_pkgverify_level none")
    do("rpm", "-i", "--root", root, "--force-debian", *unchecked, target)
    assert (root / "opt/app/tool").stat().st_mode & 0o7777 == 0o4755
    found = json.loads(pkgscan("scan", target, "-f", "json").stdout)
    assert {"setuid-file", "ambiguous-archive-entry"} <= {finding["rule"] for finding in found["findings"]}


SCRIPTS = """\
%pre -p /usr/bin/perl
print "pre";
%post
echo post
%postun -p /sbin/ldconfig
%pretrans -p <lua>
print("pretrans")
%verifyscript
echo verify
%triggerin -p /usr/bin/perl -- vsftpd > 2, other
print "triggerin";
%triggerun -- vsftpd
echo triggerun
%triggerpostun -- vsftpd
echo triggerpostun
%triggerprein -- cron
echo triggerprein
%filetriggerin -- /usr/lib, /etc/cron.d
echo filetriggerin
%filetriggerpostun -- /usr/lib
echo filetriggerpostun
%transfiletriggerun -p <lua> -- /usr/share
print("transfiletriggerun")
"""
SCRIPT_NAMES = {"preinstall": "pre", "postinstall": "post", "postuninstall": "postun", "verify": "verifyscript"}
SAID = re.compile(r"(\w+) (?:scriptlet|program)(?: \(using (\S+)\)|: (\S+))(?::| -- (.*))?")


def test_scripts_of_an_rpm(tmp_path: Path) -> None:
    """Each script, its interpreter and what it waits for, as rpm lists them."""
    (tmp_path / "billing.spec").write_text(SPEC.partition("%install")[0] + "%files\n" + SCRIPTS)
    do("rpmbuild", "-bb", "--define", f"_topdir {tmp_path}/top", tmp_path / "billing.spec")
    (target,) = (tmp_path / "top" / "RPMS").rglob("*.rpm")
    expected: list[str] = []
    for line in do("rpm", "-qp", "--scripts", "--triggers", "--filetriggers", target).decode().splitlines():
        if found := SAID.fullmatch(line):
            name, program = SCRIPT_NAMES.get(found[1], found[1]), found[2] or found[3]
            expected += [f"%{name}"] + ([] if program == "/bin/sh" else [f"#!{program}"])
            expected += [f"# %{name} -- {found[4]}"] if found[4] else []
        else:
            expected.append(line)
    with target.open("rb") as file:
        members = [item for item in scriptlets(lambda: file.read(BLOCK), charge()) if isinstance(item, Member)]
    lines = [[item.name.decode().rpartition("/")[2], *b"".join(item.content).decode().splitlines()] for item in members]
    assert Counter(line for script in lines for line in script) == Counter(expected)
    assert Counter(script[0] for script in lines) == Counter(line for line in expected if re.fullmatch(r"%\w+", line))


def cpio_files(rpm: Path, folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files of an rpm as rpm2cpio and cpio unpack them."""
    folder.mkdir()
    do("cpio", "-idm", "--quiet", cwd=folder, input=do("rpm2cpio", rpm))
    return files(folder)


def test_wheel(pkgscan: Pkgscan, package: Fetch, tmp_path: Path) -> None:
    wheel = package("pypi", "sqlparse", "0.5.3")
    found = seen(pkgscan, wheel, tmp_path / "facts")
    assert found == bsdtar(wheel, tmp_path / "unpacked")
    assert found == inside(iter([("", wheel.read_bytes())]))


def test_npm_tarball(pkgscan: Pkgscan, package: Fetch, tmp_path: Path) -> None:
    tarball = package("npm", "umzug", "3.8.2")
    assert seen(pkgscan, tarball, tmp_path / "facts") == bsdtar(tarball, tmp_path / "unpacked")


def test_archives_in_archives(pkgscan: Pkgscan, deb: Fetch, package: Fetch, tree: Path, tmp_path: Path) -> None:
    """A delivery with a deb, a wheel, a jar and tarballs in each other, each part unpacked by its own tool."""
    delivery, inner = tmp_path / "delivery", tmp_path / "inner"
    delivery.mkdir()
    inner.mkdir()
    shutil.copy(deb("libcommons-io-java"), inner / "commons.deb")
    shutil.copy(package("pypi", "sqlparse", "0.5.3"), inner / "sqlparse.whl")
    tar("--zstd")(tree, inner / "app.tar.zst")
    tar("--xz")(inner, delivery / "parts.tar.xz")
    (delivery / "README").write_text("unpack me\n")
    do("zip", "-qyr", tmp_path / "vendor.zip", ".", cwd=delivery)
    do("dpkg-deb", "-x", inner / "commons.deb", tmp_path / "data")
    do("dpkg-deb", "-e", inner / "commons.deb", tmp_path / "control")
    expected = Counter([leaf("README", b"unpack me\n"), leaf("debian-binary", b"2.0\n")])
    expected += inside(files(tmp_path / "data")) + inside(files(tmp_path / "control"))
    expected += inside(iter([("", (inner / "sqlparse.whl").read_bytes())])) + inside(files(tree))
    assert seen(pkgscan, tmp_path / "vendor.zip", tmp_path / "facts") == expected


def test_directory(pkgscan: Pkgscan, tree: Path, tmp_path: Path) -> None:
    assert seen(pkgscan, tree, tmp_path / "facts") == inside(files(tree))
