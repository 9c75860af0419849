"""Rules about archives themselves: what unpackers would see differently, and members that are dangerous to unpack."""
