"""Follows the headers of a tar beside libarchive, for what readers of one would disagree on."""
