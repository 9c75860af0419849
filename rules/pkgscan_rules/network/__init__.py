"""Rules about the hosts that commands talk to."""
