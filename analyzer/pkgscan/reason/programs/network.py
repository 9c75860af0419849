"""Which hosts a command talks to: curl, wget, ssh and its kin, rsync, ftp, netcat, database clients, git and others.

Options that take a value are those that `curl --help all`, `wget --help` and the manual pages of the others name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from pkgscan.reason.programs.network_options import CURL, MYSQL, PG, PSQL, RSYNC, SQLCMD, SSH, WGET
from pkgscan.reason.programs.options import Given, Options, given, options
from pkgscan.reason.programs.urls import Endpoint, from_host, from_remote, from_url
from pkgscan.reason.words import HOLE, head, holed, variables
from pkgscan.values import Literal, Value, literal, shown

Read = Callable[[Given], Iterator[Endpoint | None]]
# A variable of such a name holds options and no address.
OPTION_NAMES = ("OPT", "ARG", "FLAG", "HEADER", "AUTH", "INSECURE", "VERBOSE", "PROXY")
TEMPLATE, TEMPLATE_END = "{{", "}}"
TELLS_OF_ITSELF = ("--version", "--help", "-V", "-h", "--manual")


class Client(msgspec.Struct, frozen=True):
    """A program that connects: its options with values, and how its ends are read from what it was given."""

    options: Options
    read: Read


def endpoints(name: str, words: Sequence[Value]) -> tuple[Endpoint, ...]:
    """The ends that a command connects to; none where the program is no client, or talks to the host itself."""
    client = CLIENTS.get(name)
    if client is None:
        return ()
    is_template = any(TEMPLATE in holed(word) for word in words)
    found = given(_without_expressions(words) if is_template else words, client.options)
    if not found.operands and found.has(*TELLS_OF_ITSELF) and not found.value(*TELLS_OF_ITSELF):
        return ()
    ends = dict.fromkeys(end for end in client.read(found) if end is not None)
    if is_template:  # of which the shell's words are not those that will be run
        return tuple(end for end in ends if "://" in end.unresolved or "." in end.host)
    return tuple(ends)


def _without_expressions(words: Sequence[Value]) -> list[Value]:
    """Words less those that a template's expression goes on in: of `http://{{ a.b }}/x` the first is left."""
    kept: list[Value] = []
    inside = False
    for word in words:
        if not inside:
            kept.append(word)
        text = holed(word)
        begins, ends = text.rfind(TEMPLATE), text.rfind(TEMPLATE_END)
        inside = begins > ends or (inside and ends < 0)
    return kept


def _is_address(value: Value) -> bool:
    """Whether an operand may be an address: a variable that is named after options is none, nor is a mere word."""
    text = holed(value)
    if HOLE not in text:
        return "://" in text or any(sign in text for sign in "./:") or text == "localhost"
    names = [name.upper() for name in variables(value)]
    return bool(head(value)) or not any(part in name for name in names for part in OPTION_NAMES)


def _urls(scheme: str, *named: str) -> Read:
    """The ends that URLs name, as operands or as values of the options `named`."""

    def read(found: Given) -> Iterator[Endpoint | None]:
        if found.has("--unix-socket", "--abstract-unix-socket"):
            return
        for value in (*found.values(*named), *found.operands):
            if _is_address(value):
                yield from_url(value, scheme)

    return read


def _wget(found: Given) -> Iterator[Endpoint | None]:
    lists = tuple(found.values("-i", "--input-file"))
    for value in (*found.operands, *(() if found.operands else lists)):
        if _is_address(value):
            yield Endpoint(unresolved=shown(value)) if value in lists else from_url(value, "http")


def _ssh(found: Given) -> Iterator[Endpoint | None]:
    if found.has("-V", "-Q"):
        return
    if not found.operands:
        return
    end = from_host(found.operands[0], "ssh")
    if end is not None:
        yield _with(end, port=found.value("-p"), user=found.value("-l"))


def _with(end: Endpoint, port: Value | None = None, user: Value | None = None) -> Endpoint:
    """An end with what options say of it."""
    return msgspec.structs.replace(
        end,
        port=(literal(port) if port is not None else None) or end.port,
        user=(literal(user) if user is not None else None) or end.user,
    )


def _sftp(found: Given) -> Iterator[Endpoint | None]:
    for value in found.operands[:1]:
        end = from_host(value, "sftp")
        yield _with(end, port=found.value("-P")) if end else None


def _scp(found: Given) -> Iterator[Endpoint | None]:
    ends = [from_remote(value, "ssh") for value in found.operands]
    known = [_with(end, port=found.value("-P")) for end in ends if end is not None]
    if known:
        yield from known
    elif any(HOLE in holed(value) for value in found.operands):
        value = next(value for value in found.operands if HOLE in holed(value))
        yield Endpoint("ssh", unresolved=shown(value))


def _rsync(found: Given) -> Iterator[Endpoint | None]:
    for value in found.operands:
        text = holed(value)
        scheme = "rsync" if "::" in text or text.startswith("rsync://") else "ssh"
        end = from_remote(value, scheme)
        yield _with(end, port=found.value("--port")) if end else None


def _host_and_port(scheme: str) -> Read:
    """`HOST [PORT]`, as telnet and its like take it."""

    def read(found: Given) -> Iterator[Endpoint | None]:
        for value in found.operands[:1]:
            end = from_host(value, scheme)
            yield _with(end, port=found.operands[1] if len(found.operands) > 1 else None) if end else None

    return read


def _netcat(found: Given) -> Iterator[Endpoint | None]:
    if not found.has("-l", "-U", "--listen", "-lk"):
        yield from _host_and_port("tcp")(found)


def _ftp(found: Given) -> Iterator[Endpoint | None]:
    for value in found.operands[:1]:
        if "://" in holed(value):
            yield from_url(value, "ftp")
        else:
            yield from _host_and_port("ftp")(found)


def _database(scheme: str, user: tuple[str, ...], port: tuple[str, ...], *, addressed: tuple[str, ...] = ()) -> Read:
    """A database client: the host of `-h`, or a connection string; without either it talks to its own host."""

    def read(found: Given) -> Iterator[Endpoint | None]:
        for value in found.values("-h", "--host", "-S" if scheme == "mssql" else "-h"):
            if not head(value).startswith("/"):  # the folder of a socket
                host = _server(value) if scheme == "mssql" else from_host(value, scheme)
                yield _with(host, port=found.value(*port), user=found.value(*user)) if host else None
        for value in (*found.values(*addressed), *found.operands[:1]):
            yield _connection(value, scheme)

    return read


def _server(value: Value) -> Endpoint | None:
    """The host of `tcp:HOST,PORT`, as sqlcmd takes it, an instance behind a backslash left out."""
    text = literal(value)
    if text is None:
        return from_host(value, "mssql")
    host, _, port = text.removeprefix("tcp:").partition(",")
    return Endpoint("mssql", host.partition("\\")[0].lower(), port)


def _connection(value: Value, scheme: str) -> Endpoint | None:
    """The end of `postgresql://host/db` or of `host=x port=y`."""
    text = holed(value)
    if "://" in text:
        end = from_url(value, scheme)
        return None if end is None or (not end.host and not end.unresolved.partition("://")[2].strip("/")) else end
    pairs = dict(pair.partition("=")[::2] for pair in text.split() if "=" in pair)
    host = pairs.get("host", "") or pairs.get("hostaddr", "")
    if not host or host.startswith("/"):
        return None
    port, user = pairs.get("port", ""), pairs.get("user", "")
    if HOLE in host:
        return Endpoint(scheme, "", port, user, shown(value))
    return Endpoint(scheme, host.lower(), port, user)


GIT_REMOTE = {"clone": 0, "ls-remote": 0, "fetch": 0, "pull": 0, "push": 0}


def _git(found: Given) -> Iterator[Endpoint | None]:
    """What a URL names; remotes by their names are set elsewhere."""
    texts = found.texts()
    verb = texts[0] if texts else ""
    if verb == "submodule" or verb not in GIT_REMOTE:
        return
    for value in found.operands[1:]:
        text = holed(value)
        if "://" in text or "@" in text:
            yield from_remote(value, "ssh")
        elif verb == "clone" and text.startswith(HOLE):
            yield Endpoint("", unresolved=shown(value))
        if verb == "clone":
            return


def _connect(found: Given) -> Iterator[Endpoint | None]:
    """`openssl s_client -connect HOST:PORT`."""
    value = found.value("-connect", "--connect")
    if value is not None:
        yield from_url(value, "tls")


def _ldap(found: Given) -> Iterator[Endpoint | None]:
    for value in found.values("-H"):
        if not head(value).startswith("ldapi:"):
            yield from_url(value, "ldap")
    for value in found.values("-h"):
        end = from_host(value, "ldap")
        yield _with(end, port=found.value("-p")) if end else None


def _redis(found: Given) -> Iterator[Endpoint | None]:
    for value in found.values("-h"):
        end = from_host(value, "redis")
        yield _with(end, port=found.value("-p")) if end else None
    for value in found.values("-u"):
        yield from_url(value, "redis")


def _mongo(found: Given) -> Iterator[Endpoint | None]:
    for value in found.values("--host"):
        yield from_url(Literal(shown(value)) if literal(value) else value, "mongodb")
    for value in found.operands[:1]:
        if "://" in holed(value):
            yield from_url(value, "mongodb")


_PORT, _USER = ("-p", "--port"), ("-U", "--username")
_MY_PORT, _MY_USER = ("-P", "--port"), ("-u", "--user")
_POSTGRES = _database("postgresql", _USER, _PORT, addressed=("-d", "--dbname"))
_MARIADB = _database("mysql", _MY_USER, _MY_PORT)

CLIENTS: Mapping[str, Client] = {
    "curl": Client(CURL, _urls("http", "--url")),
    "wget": Client(WGET, _wget),
    "wget2": Client(WGET, _wget),
    "aria2c": Client(options("dlijosxk", "--dir --out --split --max-connection-per-server"), _urls("http")),
    "fetch": Client(options("BNSToiw"), _urls("http")),
    "ssh": Client(SSH, _ssh),
    "autossh": Client(options("BbcDEeFIiJLlmMOoPpQRSWw", first_operand_ends=True), _ssh),
    "sftp": Client(options("BbcDFiJloPRSsX"), _sftp),
    "scp": Client(options("cDFiJloPSX"), _scp),
    "ssh-copy-id": Client(options("iopF"), _ssh),
    "ssh-keyscan": Client(options("fOpTt"), _host_and_port("ssh")),
    "rsync": Client(RSYNC, _rsync),
    "ftp": Client(options("NPorsTu"), _ftp),
    "lftp": Client(options("fcpue"), _ftp),
    "tftp": Client(options("mcR"), _host_and_port("tftp")),
    "telnet": Client(options("elnbSX"), _host_and_port("telnet")),
    "nc": Client(options("IiMmOPpqsTVWwXx"), _netcat),
    "ncat": Client(options("ecgGimopsw"), _netcat),
    "netcat": Client(options("IiMmOPpqsTVWwXx"), _netcat),
    "ping": Client(options("cIiLlMmpQSsTtWw"), _host_and_port("icmp")),
    "psql": Client(PSQL, _POSTGRES),
    "pg_dump": Client(PG, _POSTGRES),
    "pg_dumpall": Client(PG, _POSTGRES),
    "pg_restore": Client(PG, _database("postgresql", _USER, _PORT)),
    "pg_isready": Client(options("dhptU", "--dbname --host --port --timeout --username"), _POSTGRES),
    "createdb": Client(options("hpUDEOTl", "--host --port --username --owner --encoding --template"), _POSTGRES),
    "dropdb": Client(options("hpU", "--host --port --username"), _POSTGRES),
    "createuser": Client(options("hpUcg", "--host --port --username"), _POSTGRES),
    "mysql": Client(MYSQL, _MARIADB),
    "mariadb": Client(MYSQL, _MARIADB),
    "mysqldump": Client(MYSQL, _MARIADB),
    "mariadb-dump": Client(MYSQL, _MARIADB),
    "mysqladmin": Client(MYSQL, _MARIADB),
    "mariadb-admin": Client(MYSQL, _MARIADB),
    "mysqlimport": Client(MYSQL, _MARIADB),
    "sqlcmd": Client(SQLCMD, _database("mssql", ("-U",), ())),
    "redis-cli": Client(options("hpsanurixDd"), _redis),
    "mongo": Client(options("up", "--host --port --username --password --eval"), _mongo),
    "mongosh": Client(options("up", "--host --port --username --password --eval"), _mongo),
    "git": Client(options("Ccbo", "--branch --depth --origin --git-dir --work-tree --reference --template"), _git),
    "openssl": Client(options(long="-connect -servername -CAfile -cert -key", plain=True), _connect),
    "ldapsearch": Client(options("DHhpwybsaflzZ"), _ldap),
    "ldapmodify": Client(options("DHhpwyf"), _ldap),
    "ldapadd": Client(options("DHhpwyf"), _ldap),
}
