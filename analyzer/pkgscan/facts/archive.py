"""Facts about the archive itself: where two unpackers of the same bytes would see different files."""

from typing import Literal

from pkgscan.model import Fact

DisagreementKind = Literal[
    "local-only",  # an entry only in local headers: readers of the directory do not see it
    "directory-only",  # an entry of the directory with no local header where it points
    "shared-header",  # two entries of the directory on one local header
    "overlap",  # the data of two entries overlap
    "name-differs",
    "size-differs",
    "type-differs",  # a directory, a device or a link by its attributes, with data that makes it a file to some
    "mode-differs",
    "link-differs",
    "method-differs",
    "crc-differs",  # directory and local header name different checksums
    "encryption-differs",  # one says encrypted, the other not
    "count-differs",  # the end record counts other entries than the directory holds
    "duplicate-name",
    "duplicate-copy",  # the same name twice with the same checksum and size
    "nul-in-name",
    "data-after-end",
    "second-directory",  # the end record names two directories, of which readers choose one
    "second-archive",  # another whole zip before or after this one
    "archive-in-comment",
    "unicode-name-differs",  # the Unicode path extra field names another file
]


class Disagreement(Fact, frozen=True):
    """One place where readers of an archive differ. `span` is the entry concerned, or the archive.

    `text` says it in a phrase ("local header says evil.ps1, directory says good.txt"). The readings are those of
    a zip's directory and of its local headers, or of the two ways in which another archive says the same.
    """

    disagreement: DisagreementKind
    one_reading: str = ""
    other_reading: str = ""


class FileCapabilities(Fact, frozen=True):
    """A file that is unpacked or installed with capabilities, which whoever runs it then has.

    `member` is its name in the archive, `capabilities` are as getcap(8) shows them.
    """

    member: str
    capabilities: str


Difference = Literal["case", "composition", "ending"]  # the last: dots and spaces at the end


class NameCollision(Fact, frozen=True):
    """Names of one directory that are one name on some file systems, and how they differ on others.

    `span` is the last of the first two; `names` are those two, `more` counts the rest of that directory.
    """

    names: tuple[str, str]
    differ_by: Difference
    more: int = 0
