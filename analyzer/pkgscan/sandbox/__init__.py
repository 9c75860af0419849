"""Children that read untrusted bytes: how they are started, what they may touch, and how they speak to the parent."""
