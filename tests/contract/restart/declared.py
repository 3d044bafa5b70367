"""Consumers as a secret's tags declare them."""

from vsync_rotation.consumers import Consumer, consumers


def declared(target: str, name: str = "web") -> Consumer:
    """The consumer of one tag."""
    (consumer,) = consumers({f"vsync-rotation:consumer:{name}": target})
    return consumer
