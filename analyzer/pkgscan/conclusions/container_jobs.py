"""Jobs that lie in container images: they start in a container, if what runs them runs there, and not on the host."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pkgscan.facts.container import Image
from pkgscan.facts.schedule import ScheduledJob
from pkgscan.graph import Graph
from pkgscan.kinds import is_script
from pkgscan.model import MEMBER
from pkgscan.reason.containers import PLACES, condition, main_process, runner_places, starts_by_itself
from pkgscan.reason.jobs import references_at
from pkgscan.reason.overlay import in_image

Placed = Callable[[ScheduledJob], ScheduledJob | None]


def placing(graph: Graph) -> Placed:
    """A function that says of a job where it runs: as it is on the host, None where nothing would ever start it."""
    if not graph.facts(Image):
        return lambda job: job
    programs = _programs(graph)

    def placed(job: ScheduledJob) -> ScheduledJob | None:
        images = graph.images_of(job.span.path)
        if not images:
            return job
        able = [image for image in images if _may_start(image, job, programs, graph)]
        if not able or _starts_nothing(job, graph):
            return None
        more = f" and {len(able) - 1} more" if len(able) > 1 else ""
        where = condition(able[0], job.kind) + more
        return msgspec.structs.replace(job, condition=", ".join(filter(None, (job.condition, where))), container=True)

    return placed


def _programs(graph: Graph) -> frozenset[tuple[str, str]]:
    """(layer, path in its image) of each program that runs jobs."""
    return frozenset(
        (entry.archive, path)
        for entry in graph.entries()
        if (path := in_image(entry.member)) in PLACES and graph.removal(entry.path) is None
    )


def _may_start(image: Image, job: ScheduledJob, programs: frozenset[tuple[str, str]], graph: Graph) -> bool:
    if starts_by_itself(image, job.kind) or not image.laid:
        return True
    places = runner_places(job.kind)
    if not any((layer, place) in programs for layer in image.layers for place in places):
        return False
    return job.kind != "timer" or _may_become_systemd(image, graph)


def _may_become_systemd(image: Image, graph: Graph) -> bool:
    """Whether the main process, which systemd has to be, is a script that may hand over to it, or is not stated."""
    main = main_process(image)
    if not main:
        return True
    places = (f"{layer}{MEMBER}{in_image(main[0])}" for layer in reversed(image.layers))
    entry = next((found for place in places if (found := graph.entry(place))), None)
    return entry is not None and is_script(entry.kind)


def _starts_nothing(job: ScheduledJob, graph: Graph) -> bool:
    """Whether all it does is to run what lies in directories that its image leaves empty, as Alpine's stock jobs do."""
    found = references_at(job.commands_at, job.span, graph)
    return not job.starts and bool(found) and all(reference.use == "directory" for reference in found)
