"""`vsync-rotation deploy`: from a reviewed deployment file to rotating secrets, in an order that loses nothing."""
