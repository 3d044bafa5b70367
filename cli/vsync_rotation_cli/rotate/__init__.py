"""`vsync-rotation rotate`: start the rotation of a secret and follow it to its end."""
