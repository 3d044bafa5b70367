"""Constructs, named for what they are: each makes one thing whole, with what protects it."""
