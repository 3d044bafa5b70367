"""A secret shows nothing by any road that ends in text or bytes."""

import copy
import dataclasses
import json
import logging
import pickle
import traceback

import pytest

from vsync_rotation.errors import BlobError
from vsync_rotation.formats.credentials import Credentials
from vsync_rotation.redacted import SecretBytes, SecretText

MARKER = "marker-that-must-not-be-seen"
SECRETS = [SecretText(MARKER), SecretBytes(MARKER.encode())]

both = pytest.mark.parametrize("secret", SECRETS, ids=["text", "bytes"])


@both
def test_every_way_to_print_a_secret_shows_the_same_placeholder(secret: SecretText | SecretBytes) -> None:
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        f"{secret!s:>40}",
        format(secret, "x"),
        "%s" % secret,  # noqa: UP031 - a road of its own
    ]
    assert {text.strip() for text in shown} == {"<redacted>"}


@both
def test_containers_and_dataclasses_show_the_placeholder(secret: SecretText | SecretBytes) -> None:
    assert str([secret]) == "[<redacted>]"
    assert str({"key": secret}) == "{'key': <redacted>}"


def test_credentials_show_the_id_and_not_the_secret_half() -> None:
    assert repr(Credentials("EXAMPLE-KEY-ID", SecretText(MARKER))) == "Credentials(access_key_id='EXAMPLE-KEY-ID')"


@both
def test_a_secret_is_neither_pickled_nor_copied(secret: SecretText | SecretBytes) -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"^a secret is not pickled$"):
            attempt(secret)
    with pytest.raises(TypeError, match=r"^a secret is not pickled$"):
        dataclasses.asdict(Credentials("EXAMPLE-KEY-ID", SecretText(MARKER)))


@both
def test_a_secret_has_no_json_form_and_no_attributes_to_dump(secret: SecretText | SecretBytes) -> None:
    with pytest.raises(TypeError) as caught:
        json.dumps(secret)
    assert MARKER not in str(caught.value)
    assert not hasattr(secret, "__dict__")


@both
def test_a_secret_is_unhashable_so_that_no_cache_keeps_it(secret: SecretText | SecretBytes) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(secret)


def test_secrets_are_equal_by_value_and_never_to_what_they_hold() -> None:
    assert SecretText("a") == SecretText("a")
    assert SecretText("a") != SecretText("b")
    assert SecretText("a") != "a"
    assert SecretText("\ud800") == SecretText("\ud800")
    assert SecretBytes(b"a") == SecretBytes(b"a")
    assert SecretBytes(b"a") != SecretBytes(b"b")
    assert SecretBytes(b"a") != b"a"
    assert SecretText("a") != SecretBytes(b"a")


def test_an_error_and_its_traceback_that_mention_a_secret_show_the_placeholder() -> None:
    secret = SecretText(MARKER)
    error = BlobError(f"the value {secret} is wrong", remedy=f"replace {secret!r}")
    text = "".join(traceback.format_exception(error)) + repr(error) + repr(error.args)
    assert MARKER not in text
    assert text.count("<redacted>") == 4


def test_a_log_line_with_a_secret_as_argument_shows_the_placeholder(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("value %s of %r", *SECRETS)
    assert caplog.messages == ["value <redacted> of <redacted>"]


def test_reveal_is_the_way_in() -> None:
    assert (SecretText("a").reveal(), SecretBytes(b"b").reveal()) == ("a", b"b")
