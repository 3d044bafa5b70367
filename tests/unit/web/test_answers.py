"""What counts as an answer, and that any bytes at all come out as an answer or as one of our reasons."""

import gzip
import io
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.gates import HealthAnswer, NoAnswer
from vsync_rotation.web.answers import read_answer

MAX_BYTES = 65_536
NOTHING_SAID = HealthAnswer(None, None)


class Source:
    """An answer that lies ready."""

    def __init__(self, content: bytes) -> None:
        self.stream = io.BytesIO(content)

    def makefile(self, mode: str, /) -> IO[bytes]:
        assert mode == "rb"
        return self.stream


def response(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "")
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + body


BODIES = {
    "both": (b'{"status": "fresh", "gen": 4}', HealthAnswer("fresh", 4)),
    "more than both": (b' {"gen":4,"x":[{}],"status":"fresh"}\n', HealthAnswer("fresh", 4)),
    "the largest gen": (b'{"gen": 9007199254740990}', HealthAnswer(None, 2**53 - 2)),
    "no gen yet": (b'{"status": "stale", "gen": 0}', HealthAnswer("stale", 0)),
    "only a status": (b'{"status": "stale"}', HealthAnswer("stale", None)),
    "neither": (b"{}", NOTHING_SAID),
    "a gen above all": (b'{"gen": 9007199254740991}', NOTHING_SAID),
    "a huge gen": (b'{"gen": 1' + b"0" * 30 + b"}", NOTHING_SAID),
    "a gen with an exponent": (b'{"gen": 1e3}', NOTHING_SAID),
    "a negative gen": (b'{"gen": -1}', NOTHING_SAID),
    "a boolean gen": (b'{"gen": true}', NOTHING_SAID),
    "a fraction": (b'{"gen": 4.0}', NOTHING_SAID),
    "a gen in quotes": (b'{"gen": "4"}', NOTHING_SAID),
    "null": (b'{"gen": null, "status": null}', NOTHING_SAID),
    "a status that is no text": (b'{"status": ["fresh"]}', NOTHING_SAID),
    "an empty status": (b'{"status": ""}', NOTHING_SAID),
    "the longest status": (b'{"status": "' + b"x" * 32 + b'"}', HealthAnswer("x" * 32, None)),
    "a status that is too long": (b'{"status": "' + b"x" * 33 + b'"}', NOTHING_SAID),
    "a status with a line end": (b'{"status": "fresh\\n"}', NOTHING_SAID),
    "a status with a control character": (b'{"status": "fresh\\u001b[31m"}', NOTHING_SAID),
    "a status with a space": (b'{"status": "fresh enough"}', NOTHING_SAID),
    "a status of other letters": ('{"status": "frésh"}'.encode(), NOTHING_SAID),
    "half a character": (b'{"status": "\\ud800"}', NOTHING_SAID),
    "a number of too many digits": (b'{"gen": ' + b"9" * 5_000 + b"}", NoAnswer.NOT_AN_OBJECT),
    "nested too deep": (b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}", NoAnswer.NOT_AN_OBJECT),
    "said twice": (b'{"status": "stale", "status": "fresh"}', NoAnswer.NOT_AN_OBJECT),
    "a list": (b'[{"status": "fresh"}]', NoAnswer.NOT_AN_OBJECT),
    "a text": (b'"fresh"', NoAnswer.NOT_AN_OBJECT),
    "a page": (b"<html>fresh</html>", NoAnswer.NOT_AN_OBJECT),
    "nothing": (b"", NoAnswer.NOT_AN_OBJECT),
    "half of it": (b'{"status": "fr', NoAnswer.NOT_AN_OBJECT),
    "something behind it": (b'{"status": "fresh"} {}', NoAnswer.NOT_AN_OBJECT),
    "not UTF-8": (b'{"status": "fr\xffsh"}', NoAnswer.NOT_AN_OBJECT),
    "another encoding": ('{"status": "fresh"}'.encode("utf-16"), NoAnswer.NOT_AN_OBJECT),
    "no JSON constant": (b'{"gen": NaN}', NoAnswer.NOT_AN_OBJECT),
    "compressed": (gzip.compress(b'{"status": "fresh"}'), NoAnswer.NOT_AN_OBJECT),
}


@pytest.mark.parametrize(("body", "said"), [pytest.param(body, said, id=name) for name, (body, said) in BODIES.items()])
def test_of_a_body_only_status_and_gen_of_the_right_form_count(body: bytes, said: HealthAnswer | NoAnswer) -> None:
    assert read_answer(Source(response(body)), MAX_BYTES) == said


@pytest.mark.parametrize(
    "status",
    ["204 No Content", "201 Created", "301 Moved", "302 Found", "304 Not Modified", "307 Over There", "401 Who", "404 No",
     "429 Later", "500 Oh", "503 Soon", "101 Switching", "999 What"],
)  # fmt: skip
def test_only_200_is_an_answer(status: str) -> None:
    content = response(b'{"status": "fresh"}', status, "Location: https://other.example/")
    assert read_answer(Source(content), MAX_BYTES) is NoAnswer.NOT_OK


def test_a_compressed_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b'{"status": "fresh", "x": "' + b" " * 10_000_000 + b'"}')
    assert len(bomb) < MAX_BYTES
    content = response(bomb, "200 OK", "Content-Encoding: gzip")
    assert read_answer(Source(content), MAX_BYTES) is NoAnswer.NOT_AN_OBJECT


def test_an_announced_length_sets_no_memory_aside() -> None:
    content = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\n{}"
    assert read_answer(Source(content), MAX_BYTES) == NOTHING_SAID


def test_an_answer_in_chunks_is_one() -> None:
    content = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"gen": \r\n2\r\n4}\r\n0\r\n\r\n'
    assert read_answer(Source(content), MAX_BYTES) == HealthAnswer(None, 4)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 twohundred OK\r\n\r\n{}",
        b"HTTP/9.9 200 OK\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 1_000 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}",
    ],
    ids=["nothing", "empty lines", "another protocol", "TLS", "no status", "no version we speak",
         "a long header", "many headers", "a chunk of no size", "a chunk that ends early"],
)  # fmt: skip
def test_what_is_not_http_is_no_answer(content: bytes) -> None:
    assert read_answer(Source(content), MAX_BYTES) is NoAnswer.NOT_HTTP


HEADS = (b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: ",
         b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b'HTTP/1.1 200 OK\r\n\r\n{"status": ', b"HTTP/1.1 100 C\r\n\r\n",
         b'HTTP/1.1 200 OK\r\n\r\n{"gen": ')  # fmt: skip


@given(st.sampled_from(HEADS), st.binary() | st.text(st.sampled_from('0123456789{}[]":,-eE.\r\n')).map(str.encode))
def test_any_bytes_are_an_answer_or_no_answer(head: bytes, rest: bytes) -> None:
    health = read_answer(Source(head + rest), MAX_BYTES)
    assert isinstance(health, HealthAnswer | NoAnswer)
    if isinstance(health, HealthAnswer):
        assert health == HealthAnswer.of(health.status, health.gen)
