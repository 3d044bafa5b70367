"""The SDK's descriptions of services, parsed once instead of once per session.

Each deployed function makes an SDK session of its own, as each would in an environment of its own; the megabytes of
JSON they read are the same. For whoever runs several functions once, that is much of what a run costs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader


class ServiceModels:
    """What has been parsed so far."""

    def __init__(self) -> None:
        loader = JSONFileLoader()
        self._load = cache(loader.load_file)
        self._exists = cache(loader.exists)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Inside the block sessions share what was parsed; all they change in it is to merge in the same again."""
        owner: Any = JSONFileLoader
        before = owner.load_file, owner.exists
        owner.load_file = lambda _self, path: self._load(path)
        owner.exists = lambda _self, path: self._exists(path)
        try:
            yield
        finally:
            owner.load_file, owner.exists = before
