"""The members of a 7z by libarchive, and the items in its header that delete files where it is unpacked.

Archives that bring an older one up to date have such anti-items; libarchive lists them as empty files.
"""

from __future__ import annotations

from collections.abc import Iterator

from pkgscan.archive.libarchive.reader import members_alone
from pkgscan.archive.member import Charge, Damage, Member, Window
from pkgscan.archive.names import member_path, name_text
from pkgscan.archive.sevenzip.header import anti_items
from pkgscan.facts.archive import Disagreement
from pkgscan.model import Fact, Span

_MOST = 100  # anti-items told one by one


def read_7z(window: Window, path: str, charge: Charge) -> Iterator[Member | Fact | Damage]:
    """Members of the 7z that `window` holds. Raises `Damage`; `charge` counts the bytes of its header."""
    failure: Damage | None = None
    try:
        yield from members_alone("7z", window=window)
    except Damage as damage:
        failure = damage
    names = anti_items(window, charge)
    for name in names[:_MOST]:
        text = f"7-Zip deletes {name_text(name)} where it unpacks this archive, others write an empty file"
        yield Disagreement(span=Span(member_path(path, name)), text=text, disagreement="type-differs")
    if len(names) > _MOST:
        text = f"7-Zip deletes {len(names) - _MOST} more files where it unpacks this archive"
        yield Disagreement(span=Span(path), text=text, disagreement="type-differs")
    if failure is not None:
        raise failure
