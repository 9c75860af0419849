"""Commands that run another command on another host or in a container: ssh, docker exec, kubectl exec and their kin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from pkgscan.reason.programs.network_options import SSH
from pkgscan.reason.programs.options import Options, given, options
from pkgscan.values import Value, literal, shown


class Elsewhere(msgspec.Struct, frozen=True):
    """Where a command runs, a phrase, and its words; none where the shell over there is given a text, or asks."""

    where: str
    command: tuple[Value, ...]


_DOCKER = options("Hclw", "--host --context --config --log-level --tlscacert --tlscert --tlskey --url --connection")
_EXEC = options("euw", "--env --env-file --user --workdir --detach-keys --index --latest", first_operand_ends=True)
_RUN = options(
    "aceghlmpuvw",
    "--add-host --annotation --attach --blkio-weight --cap-add --cap-drop --cgroup-parent --cgroupns --cidfile --cpus"
    " --cpu-shares --device --dns --entrypoint --env --env-file --expose --gpus --group-add --health-cmd --hostname"
    " --ip --ipc --label --link --log-driver --log-opt --mac-address --memory --mount --name --net --network --pid"
    " --platform --publish --pull --restart --runtime --security-opt --shm-size --stop-signal --tmpfs"
    " --ulimit --user --userns --volume --volumes-from --workdir",
    first_operand_ends=True,
)
_COMPOSE = options(
    "fpH", "--file --project-name --project-directory --profile --env-file --ansi", first_operand_ends=True
)
_KUBECTL = options("cfn", "--container --filename --namespace --context --kubeconfig --cluster --user")
_ANY = options(first_operand_ends=True)
_CHROOT = options(long="--groups --userspec", first_operand_ends=True)
# Verbs of each that take the name of a container and a command.
RUNS: Mapping[str, Options] = {"exec": _EXEC, "run": _RUN, "create": _RUN}


def elsewhere(name: str, words: Sequence[Value]) -> Elsewhere | None:
    """Where else a command runs something; None where it does not."""
    reader = READERS.get(name)
    return reader(words) if reader else None


def _named(words: Sequence[Value], known: Options, phrase: str, count: int) -> Elsewhere | None:
    found = given(words, known)
    if not found.operands:
        return None
    host = shown(found.operands[0]).rpartition("@")[2]
    return Elsewhere(f"{phrase} {host}", found.operands[count:])


def _docker(words: Sequence[Value]) -> Elsewhere | None:
    at = _verb_at(words, _DOCKER)
    verb = literal(words[at]) if at < len(words) else None
    if verb == "container" and at + 1 < len(words):
        at, verb = at + 1, literal(words[at + 1])
    if verb == "compose":
        return _compose(words[at:])
    return _contained(words[at:], verb) if verb is not None and verb in RUNS else None


def _compose(words: Sequence[Value]) -> Elsewhere | None:
    at = _verb_at(words, _COMPOSE)
    verb = literal(words[at]) if at < len(words) else None
    return _contained(words[at:], verb) if verb in ("exec", "run") else None


def _verb_at(words: Sequence[Value], known: Options) -> int:
    """Where the first operand stands."""
    rest = given(words, msgspec.structs.replace(known, first_operand_ends=True)).operands
    return len(words) - len(rest) if rest else len(words)


def _contained(words: Sequence[Value], verb: str) -> Elsewhere | None:
    found = given(words, RUNS[verb])
    if not found.operands:
        return None
    what = "in container" if verb == "exec" else "in a container of"
    return Elsewhere(f"{what} {shown(found.operands[0])}", found.operands[1:])


def _kubectl(words: Sequence[Value]) -> Elsewhere | None:
    at = _verb_at(words, _KUBECTL)
    if at >= len(words) or literal(words[at]) != "exec":
        return None
    texts = [literal(word) for word in words]
    dashes = texts.index("--") if "--" in texts else len(words)
    pod = given(words[at:dashes], _KUBECTL).operands
    return Elsewhere(f"in pod {shown(pod[0])}", tuple(words[dashes + 1 :])) if pod else None


def _lxc(words: Sequence[Value]) -> Elsewhere | None:
    texts = [literal(word) for word in words]
    if "--" not in texts or (literal(words[0]) != "lxc-attach" and "exec" not in texts[:2]):
        return None
    at = texts.index("--")
    return Elsewhere("in a container", tuple(words[at + 1 :]))


def _ssh(words: Sequence[Value]) -> Elsewhere | None:
    return _named(words, SSH, "on", 1)


def _chroot(words: Sequence[Value]) -> Elsewhere | None:
    return _named(words, _CHROOT, "in the root", 1)


READERS: Mapping[str, Callable[[Sequence[Value]], Elsewhere | None]] = {
    **dict.fromkeys(("docker", "podman", "nerdctl"), _docker),
    **dict.fromkeys(("docker-compose", "podman-compose"), _compose),
    **dict.fromkeys(("kubectl", "oc"), _kubectl),
    **dict.fromkeys(("lxc", "incus", "lxc-attach"), _lxc),
    "ssh": _ssh,
    "chroot": _chroot,
}
