"""`vsync-rotation decode`: the fields of a VSYNC_CONFIG value, but for the secret access key."""
