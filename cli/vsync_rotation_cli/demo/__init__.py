"""`vsync-rotation demo`: both rotations of a real vault on the embedded AWS, watched and judged."""
