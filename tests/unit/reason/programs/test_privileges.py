import pytest

from pkgscan.reason.layers import layers
from pkgscan.reason.programs.privileges import privilege_call
from pkgscan.values import literal, shown
from shell_words import words


@pytest.mark.parametrize(
    ("line", "user", "command"),
    [
        ("sudo -n -u app A=1 ls /x", "app", "ls /x"),
        ("sudo -E ls", "root", "ls"),
        ("sudo --user=app ls", "app", "ls"),
        ("sudo -uapp -- ls", "app", "ls"),
        ("sudo -s", "root", ""),
        ("su - postgres -c 'psql -l'", "postgres", ""),
        ("su -s /bin/sh -c x app", "app", ""),
        ("su", "root", ""),
        ("runuser -u app -- ls", "app", "ls"),
        ("runuser -l app -c ls", "app", ""),
        ("doas -u app ls", "app", "ls"),
        ("pkexec --user app ls", "app", "ls"),
        ("pkexec ls", "root", "ls"),
        ("setpriv --reuid app --clear-groups ls", "app", "ls"),
        ("gosu app ls -l", "app", "ls -l"),
    ],
)
def test_who_runs_what(line: str, user: str, command: str) -> None:
    found = words(line)
    call = privilege_call(literal(found[0]) or "", found)
    assert call is not None
    assert literal(call.user) == user
    assert " ".join(map(shown, call.command)) == command


@pytest.mark.parametrize("line", ["setpriv --no-new-privs ls", "ls", "gosu"])
def test_none(line: str) -> None:
    found = words(line)
    assert privilege_call(literal(found[0]) or "", found) is None


@pytest.mark.parametrize("line", ["sudo -v", "sudo -k", "sudo -l"])
def test_only_asks(line: str) -> None:
    call = privilege_call("sudo", words(line))
    assert call is not None
    assert call.queries


@pytest.mark.parametrize(
    ("line", "names", "where"),
    [
        ("sudo -u app nice -n 5 curl x", ["sudo", "nice", "curl"], ""),
        ("docker exec -it -u root app systemctl stop x", ["docker", "systemctl"], "in container app"),
        ("docker compose -f x.yml exec -T db psql -c x", ["docker", "psql"], "in container db"),
        ("docker-compose exec db psql", ["docker-compose", "psql"], "in container db"),
        ("podman run --rm -e A=1 img:1 curl x", ["podman", "curl"], "in a container of img:1"),
        ("kubectl -n ns exec pod-1 -c app -- curl x", ["kubectl", "curl"], "in pod pod-1"),
        ("ssh -p 22 ops@web1 sudo systemctl restart x", ["ssh", "sudo", "systemctl"], "on web1"),
        ("chroot /mnt systemctl enable x", ["chroot", "systemctl"], "in the root /mnt"),
        ("nsenter -t 1 -m systemctl restart x", ["nsenter", "systemctl"], ""),
        ("quietly wget x", ["quietly", "wget"], ""),
        ("docker ps", ["docker"], ""),
        ("find . -exec curl x", ["find"], ""),
    ],
)
def test_layers(line: str, names: list[str], where: str) -> None:
    found = list(layers(words(line), {"quietly": 0}))
    assert [layer.name for layer in found] == names
    assert found[-1].where == where
