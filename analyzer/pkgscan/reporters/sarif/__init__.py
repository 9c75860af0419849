"""The report for code-scanning servers and IDE viewers: SARIF 2.1.0.

The layout is a hybrid. Places of results carry one composite, relative path (`LABEL!/inner.tar.gz!/etc/cron.d/x`) with
a line and no index, because viewers look at nothing else; `artifacts` holds the archives in each other as the standard
has it, with digests. Contents are never embedded.
"""

from __future__ import annotations

from pkgscan.report import Report
from pkgscan.reporters.base import Options, ascii_json
from pkgscan.reporters.sarif.log import build_log, build_results
from pkgscan.reporters.sarif.paths import label

__all__ = ["label", "render"]

INDENT = 1  # space

_EMPTY = '"results": []'


def render(report: Report, options: Options) -> str:
    """The report as one run of a SARIF log, ASCII, ending with a newline; one line a result."""
    stem = options.label or label(report.package.path)
    log = ascii_json(build_log(report, stem), INDENT)
    # The results are the last thing in the log, and never stand in memory as a tree: there may be 25,000.
    before, _, after = log.rpartition(_EMPTY)
    results = ",\n".join(ascii_json(result) for result in build_results(report, stem))
    return f"{before}{_EMPTY[:-1]}\n{results}\n]{after}\n"
