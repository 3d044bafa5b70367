"""Why nothing was packaged."""


class PackagingError(Exception):
    """One line: what is wrong, that nothing was replaced, and what to do."""
