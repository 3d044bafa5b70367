"""`vsync-rotation adopt`: tags for secrets that were there before, which the stacks cannot tag."""
