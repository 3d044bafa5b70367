"""No derivation is ever begun with parameters from outside the accepted range, wherever in a rotation they turn up."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.vaults import Vault
from simulator.world import World
from tests.contract.passphrase_rotation import operator, picture, rotate_once, succeeded, vault_at_noon
from tests.contract.secret_versions import blob_of, blob_text
from tests.fuzz.config_values import FIELDS, LOCATION, with_value
from tests.fuzz.mutations import odd_text
from tests.fuzz.refusals import assert_refused, read
from vsync_rotation.crypto import key_derivation
from vsync_rotation.errors import BlobError, SettingsError
from vsync_rotation.formats.config_blob import ConfigBlob, Location
from vsync_rotation.formats.key_secret import KeySecret, parse_key_secret
from vsync_rotation.formats.vault_config import MAX_ITERATIONS, MIN_ITERATIONS
from vsync_rotation.redacted import SecretText

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
OUT_OF_RANGE = ("0", "-0", "-1", "-600000", "1", "999", "10000001", "1000000000000", "9" * 4_300)
NO_INTEGERS = (
    "NaN", "Infinity", "-Infinity", "1e400", "600000.0", "6e5", "600000.5", "1e-400", '"600000"', "true", "false", "null", "[]",
    "{}", "[600000]", '{"iterations":600000}', "0600000", "+600000", "6_00000", "0x927c0", "٦٠٠٠٠٠", "9" * 4_301, "9" * 60_000,
    "", "600000,600000", '600000,"iterations":600000',
)  # fmt: skip
SALTS = (
    '""',
    '"short"',
    '"' + "\\u0000" * 24 + '"',
    '"' + "\\ud800" * 24 + '"',
    '"' + "x" * 1_025 + '"',
    "600000",
    "null",
    "[]",
)


def parsed(text: str) -> KeySecret:
    return parse_key_secret(SecretText(text))


@pytest.mark.parametrize("spelled", OUT_OF_RANGE + NO_INTEGERS, ids=lambda text: text[:24])
def test_an_iteration_count_that_is_not_in_range_is_refused_where_it_is_read(spelled: str) -> None:
    blob, location = blob_of(with_value(spelled)), with_value(spelled, fields=LOCATION)
    in_a_blob, in_a_location = (SettingsError, SettingsError) if spelled in OUT_OF_RANGE else (BlobError, SettingsError)
    assert_refused(lambda: parsed(blob), in_a_blob)
    assert_refused(lambda: parsed(location), in_a_location, BlobError)


@pytest.mark.parametrize("spelled", SALTS, ids=lambda text: text[:24])
def test_a_salt_that_no_vault_has_is_refused_where_it_is_read(spelled: str) -> None:
    assert_refused(lambda: parsed(blob_of(with_value(spelled, "salt"))), BlobError)
    assert_refused(lambda: parsed(with_value(spelled, "salt", LOCATION)), SettingsError)


@given(
    st.integers()
    | st.integers(MIN_ITERATIONS - 2, MIN_ITERATIONS + 2)
    | st.integers(MAX_ITERATIONS - 2, MAX_ITERATIONS + 2)
    | st.floats()
    | st.booleans()
    | odd_text
)
def test_only_an_integer_from_a_thousand_to_ten_million_is_taken_as_a_count(value: object) -> None:
    found = read(lambda: parsed(blob_of(json.dumps({**FIELDS, "iterations": value}))), BlobError, SettingsError)
    taken = type(value) is int and MIN_ITERATIONS <= value <= MAX_ITERATIONS
    assert (found is not None) is taken
    if isinstance(found, ConfigBlob | Location):
        assert found.config.iterations == value


class Derivations:
    """Takes the place of PBKDF2 in the runtime and counts what is begun; it derives as before."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self._real: Any = vars(key_derivation)["PBKDF2HMAC"]

    def __call__(self, **details: Any) -> Any:
        self.begun.append(details["iterations"])
        return self._real(**details)


@pytest.fixture
def derivations(monkeypatch: pytest.MonkeyPatch) -> Derivations:
    spy = Derivations()
    monkeypatch.setattr(key_derivation, "PBKDF2HMAC", spy)
    return spy


def set_iterations(vault: Vault, spelled: str) -> None:
    """Somebody stores the vault's blob with another count. The register would look for secrets inside of it."""
    vault.world.secrets.expanders.clear()
    fields = json.loads(blob_text(vault.config()))
    value = blob_of(with_value(spelled, fields=fields))
    operator("secretsmanager", vault.world).put_secret_value(SecretId=vault.config_secret, SecretString=value)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("spelled", ["0", "1000000000000"])
def test_a_count_that_turns_hostile_before_any_step_stops_it_before_a_derivation_and_changes_nothing(
    world: World, passphrase_function: str, derivations: Derivations, step: str, spelled: str
) -> None:
    vault = vault_at_noon(world)
    before: list[Any] = []

    def turn_hostile(next_step: str, _attempt: int) -> None:
        if next_step == step:
            set_iterations(vault, spelled)
            derivations.begun.clear()
            before.append(picture(vault))

    world.rotation_service.before_step = turn_hostile
    record = rotate_once(vault, passphrase_function)
    assert (record.steps[-1].step, record.error) in {(step, "SettingsError"), (step, "BlobError")}
    assert derivations.begun == []
    assert [picture(vault)] == before


def test_a_sound_count_is_what_the_derivations_of_a_rotation_run_with(
    world: World, passphrase_function: str, derivations: Derivations
) -> None:
    """The counterpart: the spy sees the derivations there are."""
    vault = vault_at_noon(world)
    succeeded(rotate_once(vault, passphrase_function))
    assert set(derivations.begun) == {1_000}
