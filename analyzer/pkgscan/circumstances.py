"""What a package is judged by beside itself: the instant, and the host it is meant for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:  # most scans have no profile, and its types take their time to be made
    from pkgscan.profile.model import Profile
    from pkgscan.profile.target import Target


class Circumstances(msgspec.Struct, frozen=True):
    """The same for all conclusions and rules of a scan. `now` has a time zone; it is given, never the clock."""

    now: datetime
    stated: Profile | None = None  # the profile that was named, if one was

    @property
    def profile(self) -> Profile:
        """The host; one of which nothing is known where no profile was named."""
        if self.stated is not None:
            return self.stated
        from pkgscan.profile.model import Profile  # noqa: PLC0415  # see above

        return Profile(path="")

    @property
    def target(self) -> Target:
        """The host, to be asked questions."""
        from pkgscan.profile.target import Target  # noqa: PLC0415  # see above

        return Target(self.profile)
