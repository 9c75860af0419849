"""Rates that staging has measured, as a profile names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgscan.errors import UserError
from pkgscan.profile.reader import read_profile

RATES = {
    "scan": "[100, 200]",
    "rewrite": "[10, 20]",
    "rewrite_indexed": "[5, 10.5]",
    "index": "[1000, 9000]",
    "check_key": "[1, 1]",
    "update": "[7, 8]",
}


def write(folder: Path, rates: dict[str, str], head: str = 'calibration = 1\nengine = "postgresql"') -> Path:
    profile = folder / "profile.toml"
    profile.write_text(
        'profile = 1\n[[databases]]\nname = "b"\nengine = "postgresql"\ncalibration = "facts/calibration.toml"\n'
    )
    (folder / "facts").mkdir()
    (folder / "facts/calibration.toml").write_text(
        "\n".join([head, *(f"{key} = {value}" for key, value in rates.items())])
    )
    return profile


def test_the_rates_of_a_database_are_those_of_the_file_beside_its_profile(tmp_path: Path) -> None:
    (database,) = read_profile(str(write(tmp_path, RATES))).databases
    assert database.rates is not None
    assert database.rates.scan == (100, 200)
    assert database.rates.rewrite_indexed == (5, 10.5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scan": "[200, 100]"}, "scan must be two numbers above 0, the smaller first"),
        ({"scan": "[0, 100]"}, "scan must be two numbers"),
        ({"scan": '["a", "b"]'}, "scan must be two numbers"),
        ({"scan": "[1, 2, 3]"}, "scan must be two numbers"),
        ({"scan": '[1, 2, "x"]'}, "scan must be two numbers"),
        ({"scan": "[1, inf]"}, "scan must be two numbers"),
        ({"speed": "[1, 2]"}, "unknown key 'speed'"),
    ],
)
def test_what_is_wrong_in_it_is_told_with_its_place(tmp_path: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=r"calibration\.toml:\d+:\d+: .*") as caught:
        read_profile(str(write(tmp_path, RATES | change)))
    assert said in str(caught.value)


def test_a_rate_that_is_missing_is_told(tmp_path: Path) -> None:
    rates = {key: value for key, value in RATES.items() if key != "update"}
    with pytest.raises(UserError, match="lacks the key 'update'"):
        read_profile(str(write(tmp_path, rates)))


@pytest.mark.parametrize("head", ['engine = "postgresql"', 'calibration = 2\nengine = "postgresql"'])
def test_another_format_is_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises(UserError, match="it does not say calibration = 1"):
        read_profile(str(write(tmp_path, RATES, head)))


def test_rates_of_another_engine_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="it was measured on mariadb, and the database is postgresql"):
        read_profile(str(write(tmp_path, RATES, 'calibration = 1\nengine = "mariadb"')))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    profile = write(tmp_path, RATES)
    (tmp_path / "facts/calibration.toml").unlink()
    with pytest.raises(UserError, match="cannot read"):
        read_profile(str(profile))
