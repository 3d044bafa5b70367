"""The SDK's descriptions of services, parsed once per process instead of once per function.

Each deployed function makes an SDK session of its own, as each would in an environment of its own; the megabytes of
JSON they read are the same. For whoever runs several functions once, that is much of what a run costs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader


@contextmanager
def models_read_once() -> Iterator[None]:
    """Inside the block sessions share what they have parsed; all they change in it is to merge in the same again."""
    owner: Any = JSONFileLoader
    load, exists, loader = owner.load_file, owner.exists, JSONFileLoader()
    loaded = cache(lambda path: load(loader, path))
    existing = cache(lambda path: exists(loader, path))
    owner.load_file = lambda _self, path: loaded(path)
    owner.exists = lambda _self, path: existing(path)
    try:
        yield
    finally:
        owner.load_file, owner.exists = load, exists
