"""Whether something that waits for its time would start in a container at all, and how that is put."""

from __future__ import annotations

from pkgscan.facts.container import Image
from pkgscan.facts.schedule import JobKind
from pkgscan.patterns import pattern

# Where the programs lie in an image that run crontabs and timers; busybox has the first as a link to itself.
_FOLDERS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin")
CRON_PLACES = frozenset(
    f"{folder}/{name}" for folder in _FOLDERS for name in ("cron", "crond", "anacron", "fcron", "supercronic")
)
SYSTEMD_PLACES = frozenset({"lib/systemd/systemd", "usr/lib/systemd/systemd", "bin/systemd", "usr/bin/systemd"})
PLACES = CRON_PLACES | SYSTEMD_PLACES
_CRON_WORD = pattern(r"(?:^|[\s/;&|(])(?:crond?|anacron|fcron|supercronic)(?=$|[\s;&|)])")
_SYSTEMD_WORD = pattern(r"(?:^|/)(?:systemd|init)$")


def starts_by_itself(image: Image, kind: JobKind) -> bool:
    """Whether the image's main process is what runs jobs of a kind, or names it: `crond -f`, `sh -c 'cron && ...'`."""
    words = main_process(image)
    if kind == "timer":
        return bool(words) and _SYSTEMD_WORD.search(words[0]) is not None
    return any(_CRON_WORD.search(word) for word in words)


def runner(kind: JobKind) -> str:
    """What has to run in a container for jobs of a kind."""
    return "systemd" if kind == "timer" else "cron"


def runner_places(kind: JobKind) -> frozenset[str]:
    """The paths in an image at which that lies."""
    return SYSTEMD_PLACES if kind == "timer" else CRON_PLACES


def condition(image: Image, kind: JobKind) -> str:
    """On what a job in an image depends, as a phrase behind its time."""
    sure = "" if starts_by_itself(image, kind) else f" if {runner(kind)} runs there"
    return f"in a container of {image.name}{sure}"


def main_process(image: Image) -> tuple[str, ...]:
    """The words of the command that a container of the image starts; none if it states none."""
    return (*image.config.entrypoint, *image.config.command) if image.config else ()
