"""What moto does inside, told to whoever listens: the rotation service, the leak register, the record of a run."""

from collections.abc import Callable
from typing import Any

Listener = Callable[..., None]


class Announcement:
    """A list of listeners, told in the order they came."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def forget(self, listener: Listener) -> None:
        self._listeners.remove(listener)

    def tell(self, *facts: Any) -> None:
        for listener in list(self._listeners):
            listener(*facts)


#: (text): a secret value or a secret access key that came into being
secret_born = Announcement()
#: (secret, version id): AWSCURRENT went to this version
current_moved = Announcement()
#: (secret, label, version id or None): any label moved
label_moved = Announcement()
#: (region, entry): an event was accepted on a bus
event_put = Announcement()
#: (function ARN, event envelope): a rule on a bus matched and has this function as its target
function_targeted = Announcement()
