"""Places as SARIF locations, and the archives in each other as its artifacts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from pkgscan.model import Span
from pkgscan.report import ArtifactInfo, Report, Snippet
from pkgscan.reporters.sarif.paths import Paths, quote_path
from pkgscan.safe import shown

Json = dict[str, Any]

SNIPPET_LINES = 10  # of a place that spans many; viewers fold after six
SNIPPET_WIDTH = 500  # characters of one line; minified files have lines of megabytes


class Places:
    """Turns the places of one report into locations."""

    def __init__(self, report: Report, stem: str) -> None:
        self.paths = Paths(report.package.path, stem)
        self._snippets: dict[str, list[Snippet]] = {}
        for snippet in report.snippets:
            self._snippets.setdefault(snippet.path, []).append(snippet)

    def location(self, span: Span | None, *, context: bool = True) -> Json:
        """A location with the path, all four numbers of the region, and the path once more for people."""
        place = span or Span(self.paths.package)
        return {
            "physicalLocation": self._physical(place, context=context),
            "logicalLocations": [{"name": _last(place.path), "fullyQualifiedName": _written(place)}],
        }

    def related(self, number: int, span: Span, message: str) -> Json:
        """A related location: `number` is what the message links to."""
        return {"id": number, "message": {"text": message}, **self.location(span, context=False)}

    def _physical(self, span: Span, *, context: bool) -> Json:
        snippet = self._snippet(span)
        physical: Json = {
            "artifactLocation": {"uri": self.paths.uri(span.path), "description": {"text": shown(span.path)}},
            "region": _region(span, _own_lines(span, snippet)),
        }
        if context and snippet is not None and len(snippet.lines) > 1:
            lines = _fit(snippet.lines)
            last = snippet.first_line + len(lines) - 1
            around = {"startLine": snippet.first_line, "endLine": last, "snippet": {"text": "\n".join(lines)}}
            if span.last_line <= last:
                physical["contextRegion"] = around
        return physical

    def _snippet(self, span: Span) -> Snippet | None:
        for snippet in self._snippets.get(span.path, ()):
            if snippet.first_line <= span.first_line < snippet.first_line + len(snippet.lines):
                return snippet
        return None


def _own_lines(span: Span, snippet: Snippet | None) -> list[str]:
    if snippet is None:
        return []
    at = span.first_line - snippet.first_line
    count = max(1, min(span.last_line - span.first_line + 1, SNIPPET_LINES))
    return _fit(snippet.lines[at : at + count])


def _fit(lines: Iterable[str]) -> list[str]:
    return [shown(line)[:SNIPPET_WIDTH] for line in lines]


def _region(span: Span, lines: list[str]) -> Json:
    # Consumers want all four numbers, with the last column exclusive; what is unknown is the start of the file.
    first_line, last_line = max(span.first_line, 1), max(span.first_line, span.last_line, 1)
    first_column = max(span.first_column, 1)
    after = span.last_column + 1 if span.last_column else (len(lines[-1]) + 1 if lines else 1)
    region: Json = {
        "startLine": first_line,
        "startColumn": first_column,
        "endLine": last_line,
        "endColumn": max(after, first_column) if first_line == last_line else max(after, 1),
    }
    if span.first_byte >= 0:
        region |= {"byteOffset": span.first_byte, "byteLength": max(span.last_byte - span.first_byte + 1, 0)}
    if lines:
        region["snippet"] = {"text": "\n".join(lines)}
    return region


def _written(span: Span) -> str:
    line = f":{span.first_line}" if span.first_line else ""
    return shown(span.path) + line


def _last(path: str) -> str:
    return shown(path.rstrip("/").rpartition("/")[2] or path)


def artifacts(report: Report, stem: str) -> list[Json]:
    """The entries the report speaks of, each below the archive that holds it, in the order of the report."""
    numbers = {artifact.path: number for number, artifact in enumerate(report.artifacts)}
    paths = Paths(report.package.path, stem)
    return [_artifact(artifact, numbers.get(artifact.archive), paths) for artifact in report.artifacts]


def _artifact(artifact: ArtifactInfo, parent: int | None, paths: Paths) -> Json:
    inner = artifact.path[len(artifact.archive) + 2 :] if parent is not None else ""
    location: Json = {"uri": quote_path(inner) if inner else paths.uri(artifact.path)}
    location["description"] = {"text": shown(artifact.path)}
    built: Json = {"location": location, "length": max(artifact.size, -1)}
    if parent is None:
        built["roles"] = ["analysisTarget"]
    else:
        built["parentIndex"] = parent
    if artifact.sha256:
        built["hashes"] = {"sha-256": artifact.sha256}
    if artifact.name and not _is_utf8(artifact.name):
        built["properties"] = {"nameBytes": b64encode(artifact.name).decode()}
    return built


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
