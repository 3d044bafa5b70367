"""`vsync-rotation seed`: the first value of every secret the stacks made; never over another."""
