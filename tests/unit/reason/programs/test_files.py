import pytest

from pkgscan.reason.programs.cron import crontab_call, is_cron_place
from pkgscan.reason.programs.files import file_calls, opens_to_all
from pkgscan.reason.programs.packages import package_call
from pkgscan.reason.programs.prompts import prompt
from pkgscan.values import Literal, literal, shown
from shell_words import words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cp -f a /etc/x.conf", ["replaces /etc/x.conf"]),
        ("cp a b /etc/x/", ["replaces /etc/x/a", "replaces /etc/x/b"]),
        ("cp -t /etc/x a", ["replaces /etc/x/a"]),
        ("cp -b a /etc/x.conf", ["replaces /etc/x.conf kept"]),
        ("mv a /etc/x.conf", ["replaces /etc/x.conf", "deletes a"]),
        ("install -m 666 a /etc/x.conf", ["replaces /etc/x.conf 666"]),
        ("install -d -m 0777 /var/x", ["mode /var/x 0777"]),
        ("tee -a /etc/hosts", ["adds /etc/hosts"]),
        ("tee /etc/a /etc/b", ["replaces /etc/a", "replaces /etc/b"]),
        ("sed -i s/a/b/ /etc/x.conf", ["adds /etc/x.conf"]),
        ("sed -i.bak s/a/b/ /etc/x.conf", ["adds /etc/x.conf kept"]),
        ("sed -i -e s/a/b/ -e s/c/d/ /etc/x.conf", ["adds /etc/x.conf"]),
        ("sed s/a/b/ /etc/x.conf", []),
        ("rm -rf $X/", ["deletes $X/ tree"]),
        ("rm -f /etc/x", ["deletes /etc/x"]),
        ("chmod -R 777 /var/x", ["mode /var/x 777 tree"]),
        ("chmod o+w /var/x", ["mode /var/x o+w"]),
        ("dd if=/dev/zero of=/swap bs=1M", ["replaces /swap"]),
        ("ln -sf /a /etc/b", ["replaces /etc/b"]),
        ("ln -s /a /etc/b", ["replaces /etc/b kept"]),
    ],
)
def test_files(line: str, expected: list[str]) -> None:
    found = words(line)
    read = []
    for call in file_calls(literal(found[0]) or "", found):
        parts = [call.way, shown(call.path), call.mode, "kept" if call.keeps else "", "tree" if call.is_tree else ""]
        read.append(" ".join(part for part in parts if part))
    assert read == expected


@pytest.mark.parametrize("mode", ["777", "666", "0777", "o+w", "a+rw", "ugo=rwx", "o=w", "2777"])
def test_open_to_all(mode: str) -> None:
    assert opens_to_all(mode)


@pytest.mark.parametrize("mode", ["755", "1777", "u+w", "g+w", "o-w", "+x", "", "a+rx", "664"])
def test_not_open_to_all(mode: str) -> None:
    assert not opens_to_all(mode)


@pytest.mark.parametrize(
    "path", ["/etc/cron.d/x", "/etc/crontab", "/var/spool/cron/crontabs/root", "$D/etc/cron.daily/x"]
)
def test_cron_places(path: str) -> None:
    assert is_cron_place(words(path)[0])


@pytest.mark.parametrize("path", ["/etc/cron.d/", "/etc/cronx", "/opt/etc/cron.d/x", "etc/cron.d/x"])
def test_other_places(path: str) -> None:
    assert not is_cron_place(words(path)[0])


def test_crontab() -> None:
    read = crontab_call(words("crontab -u app /opt/x/cron"), has_input=False)
    assert read is not None
    assert (read.way, read.user, read.source) == ("installs", Literal("app"), Literal("/opt/x/cron"))
    piped = crontab_call(words("crontab -"), has_input=True)
    assert piped is not None
    assert piped.source is None
    assert crontab_call(words("crontab"), has_input=False) is None
    removed = crontab_call(words("crontab -r -u app"), has_input=False)
    assert removed is not None
    assert removed.way == "removes"


@pytest.mark.parametrize(
    ("line", "verb", "fetches", "asks"),
    [
        ("apt-get -y install a b", "install", True, False),
        ("apt-get install ./a.deb", "install", False, True),
        ("apt-get -qq -o Dpkg::Options::=x update", "update", True, False),
        ("yum install -y a", "install", True, False),
        ("dpkg -i a.deb", "-i", False, False),
        ("pip install -r x", "install", True, False),
    ],
)
def test_packages(line: str, verb: str, fetches: bool, asks: bool) -> None:  # noqa: FBT001
    found = words(line)
    call = package_call(literal(found[0]) or "", found)
    assert call is not None
    assert (call.verb, call.fetches, call.may_ask) == (verb, fetches, asks)


@pytest.mark.parametrize("line", ["apt-get --version", "dpkg -s x", "rpm -q x", "npm run build", "ls"])
def test_no_packages(line: str) -> None:
    found = words(line)
    assert package_call(literal(found[0]) or "", found) is None


@pytest.mark.parametrize(
    ("line", "has_input", "what"),
    [
        ("read -p 'Go on? ' answer", False, '"Go on?"'),
        ("read answer", False, "$answer"),
        ("read line", True, ""),
        ("read -t 5 x", False, ""),
        ("whiptail --yesno x 1 2", False, "an answer to a dialog"),
        ("dialog --infobox x 1 2", False, ""),
        ("passwd app", False, "a password"),
        ("passwd -l app", False, ""),
        ("vi /etc/x", False, "an edit"),
        ("ls", False, ""),
    ],
)
def test_prompts(line: str, has_input: bool, what: str) -> None:  # noqa: FBT001
    found = words(line)
    assert prompt(literal(found[0]) or "", found, has_input=has_input) == what
