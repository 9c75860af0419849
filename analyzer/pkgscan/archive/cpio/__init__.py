"""What libarchive does not do for a cpio: hard links that share one content, and sums."""
