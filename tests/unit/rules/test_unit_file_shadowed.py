"""Whose a unit is that the host has already: the distribution's, or that of the package's own release before."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgscan.profile.reader import profile_of
from pkgscan.testing import Member, pack_members, scan
from pkgscan.tomlfile import parse_toml

UNITS = '[systemd]\nunits = ["nginx.service", "billing.service"]\n'
DEBIAN = '[host]\nos = "debian"\nversion = "12"\n'


def shadowed(folder: Path, profile: str, package: str = "billing-2.0.tar") -> list[str]:
    names = ("etc/systemd/system/nginx.service", "usr/lib/systemd/system/billing.service")
    pack_members([Member(name, b"[Service]\nExecStart=/opt/x\n") for name in names], str(folder / package))
    host = profile_of(parse_toml("p.toml", f"profile = 1\n{profile}"))
    found = scan(str(folder / package), ("unit-file-shadowed",), profile=host).findings
    return [one.message for one in found]


NGINX = "/etc/systemd/system/nginx.service has the name of a unit that the host has"
BILLING = "/usr/lib/systemd/system/billing.service has the name of a unit that the host has"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("", []),
        (DEBIAN, []),
        (UNITS, []),  # an upgrade, for all that is known
        (UNITS + DEBIAN, [f"{NGINX} from nginx-common"]),
        (UNITS + '[installed]\nother = "1"\n', [NGINX, BILLING]),
        (UNITS + '[installed]\nbilling = "1"\n', []),
        (UNITS + DEBIAN + '[installed]\nbilling = "1"\n', [f"{NGINX} from nginx-common"]),
    ],
)
def test_what_is_from_elsewhere(tmp_path: Path, profile: str, expected: list[str]) -> None:
    assert shadowed(tmp_path, profile) == expected


def test_the_distributions_own_package_is_no_other(tmp_path: Path) -> None:
    assert shadowed(tmp_path, UNITS + DEBIAN, "nginx-common-1.22.tar") == []
