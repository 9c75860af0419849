"""Rules about the units that scripts act on."""
