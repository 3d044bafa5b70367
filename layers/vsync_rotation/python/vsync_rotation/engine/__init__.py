"""The four-step contract of Secrets Manager, with every guard, independent of what is rotated.

A further kind of secret is one class derived from `rotation.Rotation` and one folder with a handler, its kind and
settings beside the others in `settings`.
"""
