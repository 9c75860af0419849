"""safe() always prints, redact() always settles, and neither takes long on what was written to make it."""

import resource
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pkgscan.redaction import REDACTED
from pkgscan.safe import redact, safe, shown

# The categories that DESIGN names, and any text at all, unpaired surrogates included.
HOSTILE = st.text(st.characters(categories=("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")))
ANY = st.text(st.characters(categories=None))
WORDS = st.sampled_from(
    ["password", "=", ":", " ", "'", '"', "token", "--", "-p", "mysql", "curl", "-u", "://", "@", "a", "$", "\\", "\n",
     "Authorization", "Basic", REDACTED, "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "eyJ", ".",
     "htpasswd", "-b", "sqlplus", "/", "smbclient", "-U", "%", "openssl", "-pass", "pass:", "`", "$(", ")", ";",
     "<", ">"]
)  # fmt: skip
SECRET = st.text(st.characters(categories=("Ll", "Lu", "Nd"), max_codepoint=0x7F), min_size=8, max_size=40)


@given(HOSTILE | ANY)
@example("\x1b]0;title\x07\x9b31m\u202e\u2066\u200b\ufeff\U000e0041\udce9\ue000\uffff\u0378\u2028\x7f")
def test_the_result_prints(text: str) -> None:
    assert safe(text).isprintable()
    assert not [char for char in safe(text) if unicodedata.category(char)[0] == "C"]


@given(HOSTILE | ANY)
def test_a_safe_text_stays(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@given(st.text(st.characters(categories=("Ll", "Lu", "Nd", "Po", "Sm"))))
def test_what_prints_as_itself_is_left_alone(text: str) -> None:
    assert safe(text.replace("\u2800", "")).replace("\\", "") == text.replace("\\", "")


@given(st.lists(WORDS).map("".join))
def test_redacting_twice_tells_nothing_new(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(
    SECRET,
    st.sampled_from(
        [
            "password={}",
            "token: {}",
            "x://u:{}@h",
            "--secret {}",
            "sshpass -p {}",
            "curl -u u:{} h",
            "mysql -p{}",
            "curl -su u:{}",
            "sh -c 'redis-cli -a {}'",
            "htpasswd -b f u {}",
            "ldapadd -xw {}",
        ]
    ),
)
def test_a_planted_secret_goes(secret: str, form: str) -> None:
    assert secret not in redact(form.format("Z" + secret))


@given(ANY)
def test_shown_prints(text: str) -> None:
    assert shown(text).isprintable()


CPU = 20  # seconds for all of them; linear patterns need about three, quadratic ones minutes
SIZE = 100_000  # characters

ATTACKS = (
    "password", "password=", "password ", "password=' ", 'password="\\', "passpass-", "a://", "://a:", "://:", "://a:b",
    "-----BEGIN ", "-----BEGIN RSA PRIVATE KEY-----", "-----END", "eyJ", "eyJ-", "eyJaaaaaaaa.", "eyJaaaaaaaa.eyJ ",
    "mysql ", "mysql -", "mysql  -p ", "curl ", "curl -u ", "curl -u a", "sshpass -p", "authorization:",
    "authorization: a ", "--token ", "--a-", "identified by ", "gh", "ghp_", "ghp_aaaaaaaa-", "AKIA",
    "A" * 63 + "\n", "aA1/" * 18 + "\n", " ", "\t", "hooks.slack.com/services/", "token_file", "secret.", "secret-",
    "\u202e", "mysql -p", "mysql '", 'mysql "\\', 'mysql \\"', "mysql `", "mysql $(", "curl \\\n", "mysql \"a 'b ",
    "mysql <", "mysql &> ", "curl -" + "s" * 16, "htpasswd -b ", "sqlplus a/", "mysql" + "-a" * 12, "mysql '\"' \"'\"",
)  # fmt: skip


def test_hostile_text_takes_linear_time() -> None:
    code = (
        "import sys, ast; from pkgscan.safe import shown\n"
        "for attack in ast.literal_eval(sys.stdin.read()): shown('token ' + attack)\n"
    )
    attacks = [(piece * (SIZE // len(piece) + 1))[:SIZE] for piece in ATTACKS]
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=repr(attacks).encode(),
        check=False,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU)),
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("piece", ATTACKS)
def test_attacks_stay_printable(piece: str) -> None:
    assert shown(piece * 50).isprintable()
