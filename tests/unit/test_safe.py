"""What safe() and redact() must take away, and what they must leave."""

import pytest

from pkgscan.safe import redact, safe, shown

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
]


@pytest.mark.parametrize(("text", "expected"), SECRETS)
def test_a_secret_goes_and_its_name_stays(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected


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
