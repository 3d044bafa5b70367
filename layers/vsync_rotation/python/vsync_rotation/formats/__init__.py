"""Bytes and text to values and back: no cryptography, no input or output. The rules are numbered in SPEC.md."""
