"""Where a connection goes: URLs, `user@host:path`, and `host:port`, any part of which may not be known."""

from __future__ import annotations

import msgspec

from pkgscan.patterns import pattern
from pkgscan.reason.words import HOLE, holed
from pkgscan.values import Value, shown

PORT_DIGITS = 5
# Names of hosts and addresses, with the underscores and percent signs that some have.
HOST = pattern(r"[a-z0-9\u0080-\uffff_][a-z0-9\u0080-\uffff_.:%-]{0,252}\Z")


class Endpoint(msgspec.Struct, frozen=True):
    """The other end of a connection. Parts are empty where they are not given or not known.

    `unresolved` is how the host is written where it is not known: `$HOST`, `<output of a command>`.
    """

    scheme: str = ""
    host: str = ""
    port: str = ""
    user: str = ""
    unresolved: str = ""


def from_url(value: Value, scheme: str) -> Endpoint | None:
    """The end a URL names, `scheme` where it names none; None for a file of the host itself."""
    text = holed(value)
    named, separator, rest = text.partition("://")
    if not separator:
        named, rest = scheme, text
    if HOLE in named and not separator:
        named = scheme
    if named.lower() == "file":
        return None
    return _authority("" if HOLE in named else named.lower(), _until(rest, "/?#"), value)


def from_remote(value: Value, scheme: str) -> Endpoint | None:
    """The end of `user@host:path`, `host::module` or a URL, as scp and rsync take them; None for a path."""
    text = holed(value)
    if "://" in text:
        return from_url(value, scheme)
    place, colon, _ = _host_part(text)
    if not colon or "/" in place:
        return None
    return _authority(scheme, place, value, with_port=False)


def from_host(value: Value, scheme: str) -> Endpoint | None:
    """The end of `user@host`, `user@host:path` or a URL."""
    text = holed(value)
    if "://" in text:
        return from_url(value, scheme)
    return _authority(scheme, _host_part(text)[0], value, with_port=False)


def _host_part(text: str) -> tuple[str, str, str]:
    """Up to the colon that ends a host: not one inside the brackets of an IPv6 address."""
    at = text.find("]") if "[" in text[: text.find(":") + 1] else 0
    colon = text.find(":", max(at, 0))
    return (text, "", "") if colon < 0 else (text[:colon], ":", text[colon + 1 :])


def _until(text: str, stops: str) -> str:
    ends = (at for stop in stops if (at := text.find(stop)) >= 0)
    return text[: min(ends, default=len(text))]


def _authority(scheme: str, text: str, value: Value, *, with_port: bool = True) -> Endpoint:
    user, _, place = text.rpartition("@")
    host, _, port = _host_part(place) if with_port else (place, "", "")
    port = port if port.isdigit() and len(port) <= PORT_DIGITS else ""
    user = user.partition(":")[0]
    host = host.strip("[]").rstrip(".").lower()
    if not host or not HOST.match(host):  # a hole is in it, or what a template is filled with
        return Endpoint(scheme, "", port, "" if HOLE in user else user, shown(value))
    return Endpoint(scheme, host, port, "" if HOLE in user else user)
