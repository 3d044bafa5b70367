"""The stacks: they compose. What must survive stands apart from what may be replaced."""
