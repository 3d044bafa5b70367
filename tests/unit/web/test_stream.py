"""Bytes from a peer are counted, and the whole of them has one deadline."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.unit.engine.fakes import FakeClock
from vsync_rotation.engine.deadline import Deadline
from vsync_rotation.web.stream import BoundedStream, TooLongError


@pytest.fixture
def peers() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        yield ours, theirs


def within(clock: FakeClock) -> Deadline:
    return Deadline(clock, clock.monotonic() + 5)


def test_as_many_bytes_as_allowed_are_read(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    theirs.sendall(b"x" * 100)
    theirs.close()
    assert BoundedStream(ours, within(FakeClock()), 100).makefile("rb").read() == b"x" * 100


def test_one_byte_more_is_too_many(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    theirs.sendall(b"x" * 101)
    theirs.close()
    with pytest.raises(TooLongError):
        BoundedStream(ours, within(FakeClock()), 100).makefile("rb").read()


def test_bytes_that_come_one_by_one_are_counted_together(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    stream, buffer = BoundedStream(ours, within(FakeClock()), 3), bytearray(1)
    theirs.sendall(b"wxyz")
    for _ in range(3):
        assert stream.readinto(buffer) == 1
    with pytest.raises(TooLongError):
        stream.readinto(buffer)


@pytest.mark.parametrize("elapsed", [5.0, 5.1])
def test_what_has_arrived_is_not_read_after_the_deadline(
    elapsed: float, peers: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = peers
    clock = FakeClock()
    stream = BoundedStream(ours, within(clock), 100)
    theirs.sendall(b"x")
    clock.elapsed = elapsed
    with pytest.raises(TimeoutError):
        stream.readinto(bytearray(1))


def test_each_read_waits_no_longer_than_what_is_left(peers: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = peers
    clock = FakeClock()
    stream = BoundedStream(ours, within(clock), 100)
    theirs.sendall(b"xyz")
    waits = []
    for elapsed in (0.0, 2.0, 4.5):
        clock.elapsed = elapsed
        stream.readinto(bytearray(1))
        waits.append(ours.gettimeout())
    assert waits == [5.0, 3.0, 0.5]
