"""A vsync vault in a bucket: its layouts, its bundles, and the rotation of its passphrase. Knows no SDK."""
