"""Names of parameters: what Systems Manager takes, and a different one for every secret."""

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.memory.ports import parameter_name

# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
LEVELS: Final = 15
FORM: Final = re.compile(r"(/[A-Za-z0-9_.-]+)+")
# Secrets Manager: what a secret's name is made of.
names = st.text("abzABZ019/_+=.@-", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("secret", "name"),
    [
        ("acme/prod/VSYNC_CONFIG", "/vsync-rotation/restarted/acme/prod/VSYNC_CONFIG"),
        ("plain", "/vsync-rotation/restarted/plain"),
        ("a+b=c@d.e", "/vsync-rotation/restarted/a.2bb.3dc.40d.2ee"),
        ("/leading", "/vsync-rotation/restarted/.2fleading"),
        ("trailing/", "/vsync-rotation/restarted/trailing.2f"),
        ("two//at/once", "/vsync-rotation/restarted/two.2f.2fat.2fonce"),
        ("a/" * 12 + "z", "/vsync-rotation/restarted/" + "a/" * 12 + "z"),
        ("a/" * 13 + "z", "/vsync-rotation/restarted/" + "a.2f" * 13 + "z"),
    ],
)
def test_a_name_shows_whose_it_is(secret: str, name: str) -> None:
    assert parameter_name("restarted", secret) == name


def test_writers_have_parameters_of_their_own() -> None:
    assert parameter_name("checked", "a/b") != parameter_name("restarted", "a/b")


@given(names)
def test_every_secret_gets_a_name_that_the_service_takes(secret: str) -> None:
    name = parameter_name("restarted", secret)
    assert FORM.fullmatch(name)
    assert name.count("/") <= LEVELS


@given(names, names)
def test_no_two_secrets_share_a_name(one: str, other: str) -> None:
    assert (parameter_name("restarted", one) == parameter_name("restarted", other)) is (one == other)


@pytest.mark.parametrize(("one", "other"), [("a/b", "a.2fb"), ("a//b", "a.2f.2fb"), ("/a", ".2fa"), ("a+", "a.2b")])
def test_a_secret_that_is_named_like_an_escape_is_another(one: str, other: str) -> None:
    assert parameter_name("restarted", one) != parameter_name("restarted", other)
