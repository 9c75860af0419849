"""Reads what staging has measured of a database server: the file that a script in docs/calibration prints."""

from __future__ import annotations

import os

from pkgscan.profile.model import Database, Rates
from pkgscan.profile.table import TableReader
from pkgscan.tomlfile import read_toml

FORMAT = 1  # the version of the format that is read
ENGINES = {"postgresql": ("postgresql",), "mariadb": ("mariadb", "mysql")}  # and whose databases it is good for


def read_calibration(database: Database, profile: str) -> Rates:
    """The rates in the file that a database of a profile names, relative to the profile. Raises UserError."""
    assert database.calibration is not None
    table = read_toml(os.path.join(os.path.dirname(profile), database.calibration.value))
    return _rates(TableReader(table, table.data), database)


def _rates(table: TableReader, database: Database) -> Rates:
    version = table.whole("calibration")
    if version is None or version.value != FORMAT:
        table.fail(
            "calibration", f"it does not say calibration = {FORMAT}", "print it with a script of docs/calibration"
        )
    engine = table.required("engine")
    if database.engine and database.engine.value not in ENGINES.get(engine.value, ()):
        table.fail("engine", f"it was measured on {engine.value}, and the database is {database.engine.value}")
    table.text("version")
    rates = Rates(**{work: table.interval(work) for work in Rates.__struct_fields__})
    table.close()
    return rates
