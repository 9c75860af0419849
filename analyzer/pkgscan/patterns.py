"""Regular expressions that are compiled when they are first asked something: most packages need few of them, and to
compile them all is a thirtieth of a small scan.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Pattern:
    def __init__(self, source: Any, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._source, self._flags), name)  # which keeps what it compiled of late
        setattr(self, name, value)  # the next time it is found at once
        return value


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A pattern as `re.compile` makes it, made when its first method is called; what is wrong with it shows then."""
    return cast("re.Pattern[AnyStr]", _Pattern(source, flags))
