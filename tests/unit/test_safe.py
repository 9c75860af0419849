"""What safe() and redact() must take away, and what they must leave."""

import pytest

from pkgscan.safe import redact, redact_pair, redact_words, safe, shown

SECRETS = [
    ("https://bob:hunter2@host/x", "https://bob:[redacted]@host/x"),
    ("ftp://bob:p@hunter2@host", "ftp://bob:[redacted]@host"),
    ("postgres://:hunter2@db/x", "postgres://:[redacted]@db/x"),
    ("password=hunter2", "password=[redacted]"),
    ("DB_PASSWORD='hun ter2' next", "DB_PASSWORD=[redacted] next"),
    ('"api_key": "hunter2",', '"api_key": [redacted],'),
    ("secret_key_base := hunter2", "secret_key_base := [redacted]"),
    ("PGPASSWORD=hunter2 psql -h db", "PGPASSWORD=[redacted] psql -h db"),
    ("aws_secret_access_key = hunter2/x+y", "aws_secret_access_key = [redacted]"),
    ("?token=hunter2&page=2", "?token=[redacted]&page=2"),
    ("Authorization: Basic aHVudGVyMg==", "Authorization: Basic [redacted]"),
    ('-H "Authorization: Bearer hunter2" https://h', '-H "Authorization: Bearer [redacted]" https://h'),
    ("X-Api-Key: hunter2", "X-Api-Key: [redacted]"),
    ("tool --password hunter2 go", "tool --password [redacted] go"),
    ("tool --db-password=hunter2 go", "tool --db-password=[redacted] go"),
    ("mysql -u root -phunter2 app", "mysql -u root -p[redacted] app"),
    ("mysqldump --opt -p'hunter2' app", "mysqldump --opt -p[redacted] app"),
    ("sshpass -p hunter2 ssh h", "sshpass -p [redacted] ssh h"),
    ("sshpass -p'hunter2' ssh h", "sshpass -p[redacted] ssh h"),
    ("curl -sS -u bob:hunter2 https://h", "curl -sS -u bob:[redacted] https://h"),
    ("curl --user 'bob:hunter2' https://h", "curl --user 'bob:[redacted]' https://h"),
    ("mysql -phunter2 db", "mysql -p[redacted] db"),
    ("mysqldump -phunter2 x", "mysqldump -p[redacted] x"),
    ("/usr/bin/mariadb -Nphunter2 x", "/usr/bin/mariadb -Np[redacted] x"),
    ("mysqladmin -u root password hunter2", "mysqladmin -u root password [redacted]"),
    ('sh -c "mysql -phunter2" >> "a b"', 'sh -c "mysql -p[redacted]" >> "a b"'),
    ('sh -c "mysql -p\\"hunter2 x\\" db"', 'sh -c "mysql -p[redacted] db"'),
    (
        "mysql 2>/dev/null -h `hostname` -u $(id -un) -phunter2",
        "mysql 2>/dev/null -h `hostname` -u $(id -un) -p[redacted]",
    ),
    ('sshpass -p hunter2 ssh h "mysql -phunter2 db"', 'sshpass -p [redacted] ssh h "mysql -p[redacted] db"'),
    ("curl -su bob:hunter2 https://h", "curl -su bob:[redacted] https://h"),
    ("curl -o x -ubob:hunter2 https://h", "curl -o x -ubob:[redacted] https://h"),
    ("lftp -u bob,hunter2 h", "lftp -u bob,[redacted] h"),
    ("redis-cli -h h -a hunter2 ping", "redis-cli -h h -a [redacted] ping"),
    ("ldapsearch -w hunter2 -x", "ldapsearch -w [redacted] -x"),
    ("ldapmodify -xw hunter2", "ldapmodify -xw [redacted]"),
    ("openssl enc -k hunter2 -pass pass:hunter2", "openssl enc -k [redacted] -pass pass:[redacted]"),
    ("keytool -list -storepass hunter2", "keytool -list -storepass [redacted]"),
    ("sqlplus -s scott/hunter2@db @x/y.sql", "sqlplus -s scott/[redacted]@db @x/y.sql"),
    ("smbclient -U bob%hunter2 //h/s", "smbclient -U bob%[redacted] //h/s"),
    ("smbclient -U 'bob%hunter2' //h/s", "smbclient -U 'bob%[redacted]' //h/s"),
    ("htpasswd -b f bob hunter2", "htpasswd -b f bob [redacted]"),
    ("htpasswd -nb bob hunter2", "htpasswd -nb bob [redacted]"),
    ("DB_PASS=hunter2 x", "DB_PASS=[redacted] x"),
    ("ALTER ROLE app PASSWORD 'hunter2';", "ALTER ROLE app PASSWORD [redacted];"),
    ("IDENTIFIED BY 'hunter2'", "IDENTIFIED BY [redacted]"),
    ("key AKIAIOSFODNN7EXAMPLE", "key AKIA[redacted]"),
    ("ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_[redacted]"),
    ("xoxb-123456789012-abcdefghijkl", "xoxb-[redacted]"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJ[redacted]"),
    ("https://hooks.slack.com/services/T0/B0/hunter2", "https://hooks.slack.com/services/[redacted]"),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\nnext",
        "-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----\nnext",
    ),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2", "-----BEGIN OPENSSH PRIVATE KEY-----[redacted]"),
    ("MIIEpAIBAAKCAQEA1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL", "[redacted]"),
]

LEFT_ALONE = [
    "opt/app/import.sh",
    "password=$DB_PASSWORD",
    'password="${DB_PASSWORD}"',
    "password_file=/etc/app/pw",
    "--token-url https://host/token",
    "PasswordAuthentication no",
    "password: true",
    "https://host:8080/path",
    "mysql -p app",
    "user@host:/path",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "monkey: a keyboard",
    "curl -u $USER:$PASS https://h",
    "curl -u bob https://h:1/x",
    "mysql -P 3306 -h h < /opt/x-p1.sql",
    'mysql -p"$PW" app',
    "htpasswd -c f bob",
    "openssl rsa -passin env:X -pass file:/x -in k",
    "sqlplus / as sysdba @/opt/x/y.sql",
    "smbclient -U bob //h/s",
    "sshpass -f /etc/pw ssh -p 22 h",
    "sshpass -e ssh -p 22 h",
    "gpg --passphrase-fd 0 x",
    "adduser --disabled-password \\\n x",
    "mysql app && ssh -p22 h",
]

WORDS = [
    (["curl", "-su", "bob:hunter2", "x"], ["curl", "-su", "bob:[redacted]", "x"]),
    (["sudo", "/usr/bin/mysql", "-u", "root", "-phunter2 x", "db"],
     ["sudo", "/usr/bin/mysql", "-u", "root", "-p[redacted]", "db"]),
    (["/opt/x", "--token", "hunter2", "go"], ["/opt/x", "--token", "[redacted]", "go"]),
    (["x", "--db-password", "hun ter2"], ["x", "--db-password", "[redacted]"]),
    (["sh", "-c", "mysql -phunter2 db"], ["sh", "-c", "mysql -p[redacted] db"]),
    (["x", "--password", "--quiet"], ["x", "--password", "--quiet"]),
    (["x", "--password", "$PW"], ["x", "--password", "$PW"]),
    (["x", "--password-file", "/etc/pw"], ["x", "--password-file", "/etc/pw"]),
    (["mysql", "-p", "db"], ["mysql", "-p", "db"]),
    ([], []),
]  # fmt: skip
PAIRS = [
    ("PASSWORD", "hun ter2", "[redacted]"),
    ("MYSQL_PWD", "hunter2", "[redacted]"),
    ("SMTP_PASS", "hunter2", "[redacted]"),
    ("URL", "https://bob:hunter2@h", "https://bob:[redacted]@h"),
    ("PASSWORD", "$(cat /etc/pw)", "$(cat /etc/pw)"),
    ("PASSWORD", "", ""),
    ("PASSWORD_FILE", "/etc/pw", "/etc/pw"),
    ("PATH", "/usr/bin", "/usr/bin"),
]


@pytest.mark.parametrize(("text", "expected"), SECRETS)
def test_a_secret_goes_and_its_name_stays(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected


@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_a_word_is_a_secret_by_its_place(words: list[str], expected: list[str]) -> None:
    assert redact_words(words) == expected
    assert redact_words(expected) == expected


@pytest.mark.parametrize(("name", "value", "expected"), PAIRS)
def test_a_value_is_a_secret_by_its_name(name: str, value: str, expected: str) -> None:
    assert redact_pair(name, value) == expected
    assert redact_pair(name, expected) == expected


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("caf\u00e9 \u65e5\u672c", "caf\u00e9 \u65e5\u672c"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc\rd\x07\x7f", "a\\x0ab\\x09c\\x0dd\\x07\\x7f"),
        ("\x9b0m", "\\x9b0m"),
        ("\u202etxt.sh", "\\u202etxt.sh"),
        ("a\u200bb\u2066c\u2028d\ufeff", "a\\u200bb\\u2066c\\u2028d\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\udce9", "\\udce9"),
        ("\ue000 \uffff \u0378", "\\ue000 \\uffff \\u0378"),
        ("a\u3164b", "a\\u3164b"),
        ("a\u00a0b", "a\\xa0b"),
    ],
)
def test_what_does_not_print_is_written_out(text: str, expected: str) -> None:
    assert safe(text) == expected


def test_shown_does_both() -> None:
    assert shown("\x1b password=hunter2") == "\\x1b password=[redacted]"


@pytest.mark.parametrize("text", ["API_TOKEN==daily", "password === x", "secret=>x", "token:=x"])
def test_what_was_redacted_stays_as_it_is(text: str) -> None:
    once = redact(text)
    assert "[redacted]" in once
    assert redact(once) == once
