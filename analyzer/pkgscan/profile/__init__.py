"""The target profile: the host that a package is meant for, as a file. Rules ask it, nothing in it is ever run."""
