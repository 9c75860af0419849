"""Where commands connect to. Options that take a value are those of `curl --help all`, `wget --help` and man pages."""

import pytest

from pkgscan.reason.programs.network import endpoints
from pkgscan.reason.programs.urls import Endpoint
from pkgscan.values import literal
from shell_words import words


def ends(line: str) -> list[str]:
    found = words(line)
    return [_shown(end) for end in endpoints(literal(found[0]) or "", found)]


def _shown(end: Endpoint) -> str:
    user = f"{end.user}@" if end.user else ""
    port = f":{end.port}" if end.port else ""
    return f"{end.scheme}://{user}{end.host or f'<{end.unresolved}>'}{port}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("curl -fsSL https://get.example.com/install.sh", ["https://get.example.com"]),
        ("curl --form file=@x https://up.example.com", ["https://up.example.com"]),
        ("curl -fsSLo out https://a.example/x", ["https://a.example"]),
        ("curl -o out -u me:secret ftp://b.example:2121/x", ["ftp://b.example:2121"]),
        ("curl a.example/x", ["http://a.example"]),
        ("curl https://$HOST/x", ["https://<https://$HOST/x>"]),
        ("curl $URL", ["http://<$URL>"]),
        ("curl $CURL_OPTS https://c.example", ["https://c.example"]),
        ("curl https://c.example:8443/$X", ["https://c.example:8443"]),
        ("curl https://user:pw@C.Example./$X", ["https://user@c.example"]),
        ("curl --unix-socket /run/docker.sock http://localhost/info", []),
        ("curl file:///etc/passwd", []),
        ("curl --version", []),
        ("curl -X POST --url https://d.example -d x=1", ["https://d.example"]),
        ("curl http://[2001:db8::1]:8080/x", ["http://2001:db8::1:8080"]),
        ("wget -q -O - http://e.example/x", ["http://e.example"]),
        ("wget -qO- e.example/x", ["http://e.example"]),
        ("wget --post-data a=b https://f.example", ["https://f.example"]),
        ("wget -i list.txt", ["://<list.txt>"]),
        ("ssh -p 2222 -i key ops@g.example uptime", ["ssh://ops@g.example:2222"]),
        ("ssh -o BatchMode=yes g.example", ["ssh://g.example"]),
        ("ssh -V", []),
        ("sftp -b - -i key $USER_@h.example", ["sftp://h.example"]),
        ("sftp -P 22 a@$HOST:/in", ["sftp://a@<a@$HOST:/in>:22"]),
        ("scp -P 2200 x a@i.example:/tmp", ["ssh://a@i.example:2200"]),
        ("scp a b", []),
        ("scp $FROM $TO", ["ssh://<$FROM>"]),
        ("rsync -a /x/ j.example:/y/", ["ssh://j.example"]),
        ("rsync -a /x/ j.example::mod", ["rsync://j.example"]),
        ("rsync -a /x /y", []),
        ("rsync -e ssh --exclude a:b /x rsync://k.example/m", ["rsync://k.example"]),
        ("nc -z l.example 443", ["tcp://l.example:443"]),
        ("nc -l 8080", []),
        ("ftp -n m.example", ["ftp://m.example"]),
        ("telnet n.example 25", ["telnet://n.example:25"]),
        ("psql -h db.example -p 5433 -U app -d x", ["postgresql://app@db.example:5433"]),
        ("psql postgresql://app@db.example/x", ["postgresql://app@db.example"]),
        ("psql 'host=db.example port=5432 user=app dbname=x'", ["postgresql://app@db.example:5432"]),
        ("psql -h /run/postgresql -d x", []),
        ("psql -d x", []),
        ("mysql -h db.example -u root -psecret x", ["mysql://root@db.example"]),
        ("mysql -uroot x", []),
        ("redis-cli -h r.example -p 6380 ping", ["redis://r.example:6380"]),
        ("git clone https://git.example/x.git", ["https://git.example"]),
        ("git clone git@git.example:x.git", ["ssh://git@git.example"]),
        ("git pull", []),
        ("git commit -m x@y", []),
        ("openssl s_client -connect o.example:443", ["tls://o.example:443"]),
        ("echo https://p.example", []),
        ("curl -s https://q.example/a os-amd64", ["https://q.example"]),
        ("curl -s https://{{ host }}/a", ["https://<https://{{>"]),
        (
            "curl -s http://{{ url.split(':')[0] }}:8080/a https://r.example/b",
            ["http://<http://{{>", "https://r.example"],
        ),
        ("curl -s http://{{host}}/a https://r.example/b", ["http://<http://{{host}}/a>", "https://r.example"]),
    ],
)
def test_ends(line: str, expected: list[str]) -> None:
    assert ends(line) == expected
