"""The package ships a unit or cron file of a name that the target already has from elsewhere.

Of two units of one name systemd takes the one in /etc and never looks at the other; two files of one place overwrite
each other. Either what ran on the host before runs no more, or what the package brings never runs, and no tool says so.
Where the profile lists the package as installed, its files are those of the release before, and no problem. Where it
does not say what is installed, only units that a package of the host's distribution brings are known to be others.
"""

from collections.abc import Iterator

from pkgscan.model import MEMBER, Entry, Related
from pkgscan.reason.part_name import part_name
from pkgscan.rule import CONTRADICTION, MEDIUM, Problem, Scan, rule

UNIT_FOLDERS = frozenset(("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"))
CRON_FOLDER = "/etc/cron.d"
SORTS = (".automount", ".mount", ".path", ".service", ".slice", ".socket", ".swap", ".target", ".timer")


@rule(
    title="Unit or cron file that the host has already",
    category=CONTRADICTION,
    severity=MEDIUM,
    looks_at=Entry,
    since="0.1",
    stage="stable",
    remedy="Find out whose the file on the host is, and have the vendor take another name if it is to stay.",
)
def check(entry: Entry, scan: Scan) -> Iterator[Problem]:
    if entry.type not in {"file", "symlink"} or not scan.profile.path or scan.images_of(entry.path):
        return
    for place in scan.install_paths(entry.path):
        folder, _, name = place.path.rpartition("/")
        known = _known(folder, name, scan)
        if known is not None and not _may_be_its_own(entry, name, scan):
            yield Problem(
                entry.span,
                f"{place.path} has the name of {known.message}",
                evidence=(place.path,),
                related=(Related(known.span, "the host's own"),),
                confidence="high" if place.certainty == "must" else "medium",
            )
            return


def _known(folder: str, name: str, scan: Scan) -> Related | None:
    """What the host has of this name."""
    if folder in UNIT_FOLDERS and name.endswith(SORTS):
        found = scan.profile.systemd.units.find(name)
        return Related(found.span, f"a unit that the host has{_whose(name, scan)}") if found else None
    if folder == CRON_FOLDER:
        end = f"/cron.d/{name}"
        jobs = (job for job in scan.profile.jobs if job.span.path.endswith(end))
        return next((Related(job.span, "a crontab that the host has") for job in jobs), None)
    return None


def _whose(name: str, scan: Scan) -> str:
    """Whose package of the release brings it, if that is known."""
    package = scan.target.unit_package(name)
    return f" from {package}" if package else ""


def _may_be_its_own(entry: Entry, name: str, scan: Scan) -> bool:
    """Whether the host may have the file from a release of the package that the entry is of."""
    holders = {part_name(part.rpartition("/")[2]) for part in entry.path.split(MEMBER)[:-1]}
    package = scan.target.unit_package(name)
    if package:
        return package in holders
    return not scan.profile.installed or any(map(scan.target.installed, holders))
