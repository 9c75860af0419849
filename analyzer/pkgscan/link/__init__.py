"""Joins the facts of all entries once: where each entry would lie on the host, and what starts which."""

from pkgscan.link.joined import link

__all__ = ["link"]
