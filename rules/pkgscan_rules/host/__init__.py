"""Rules about the package and the host that it is meant for."""
