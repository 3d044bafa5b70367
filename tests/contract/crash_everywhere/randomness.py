"""The same random numbers in every history, so that histories which do the same end in the same bytes."""

import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from unittest.mock import patch

from moto.moto_api._internal import mock_random


@contextmanager
def the_same_each_time() -> Iterator[None]:
    """Everybody in this process draws the same numbers in the same order; afterwards as before.

    The operating system's generator gives passphrases, initialisation vectors and version ids, moto's own gives access
    keys, and `random` spreads the SDK's pauses.
    """
    drawn = count()

    def urandom(size: int) -> bytes:
        return hashlib.shake_256(str(next(drawn)).encode()).digest(size)

    # The one behind the functions of `random` has no public name.
    generators: tuple[random.Random, random.Random] = (mock_random, random._inst)
    states = [generator.getstate() for generator in generators]
    for generator in generators:
        generator.seed(0)
    try:
        with patch.object(os, "urandom", urandom):
            yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.setstate(state)
