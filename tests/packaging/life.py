"""What is deployed, in use: both rotations and what follows, every function a process of its own.

The embedded AWS is the test's process; the functions reach it over HTTP, as they would reach AWS.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from moto.iam.models import iam_backends
from moto.sns.models import sns_backends

from cdk import names
from simulator.application import Booted
from simulator.event_record import EventRecord
from simulator.rotation_records import RotationRecord
from simulator.run import FUNCTION
from simulator.vaults import Layout, Vault, make_vault
from simulator.world import ACCOUNT_ID, World
from tests.packaging.packaged_function import ColdStart, PackagedFunction, Surroundings
from tests.packaging.unpacked import Unpacked

TOPIC: Final = "rotated"
# The superseded key's time is over at once, where nothing holds it.
_TAGS: Final = {
    "vsync-rotation:consumer:web": f"sns:{TOPIC}",
    "vsync-rotation:overlap-hours": "0.0001",
    "vsync-rotation:max-overlap-hours": "0.0001",
}
_LATER_PUSH: Final = "20990101-000000"


@dataclass(frozen=True, slots=True)
class Life:
    """What became of one vault; plain values, so that they outlast the embedded AWS.

    Attributes:
        first, booted: what an application had at first, and after both rotations with the new pair.
        retired, checked, restarted, refused: what the functions returned, and the class of what one raised.
        keys: state of the access keys before and at the end, by id.
        told: messages that consumers got.
        changed: files below the package's folders that came or changed while it ran.
        leaks, strangers: secret material outside its secret; hosts that somebody tried to reach.
    """

    key: RotationRecord
    passphrase: RotationRecord
    first: Booted
    booted: Booted
    values_before: tuple[str, str]
    values_after: tuple[str, str]
    keys: tuple[Mapping[str, str], Mapping[str, str]]
    restarted: Any
    retired: Any
    checked: Any
    refused: str
    told: list[str]
    events: list[EventRecord]
    log_lines: list[str]
    cold_starts: Mapping[str, ColdStart]
    changed: set[str]
    leaks: list[Any]
    strangers: list[str]


def lived(world: World, unpacked: Unpacked, surroundings: Surroundings) -> Life:
    """Live it, in a clean world."""
    world.reset()
    before = unpacked.contents()
    with deployed(world, unpacked, surroundings) as functions:
        world.client("sns").create_topic(Name=TOPIC)
        vault = make_vault(world, Layout.BOTH, key_tags=_TAGS)
        first, values_before, keys_before = vault.boot(), _values(vault), _keys(vault)
        key = rotated(world, vault.config_secret, names.ROTATE_KEY)
        passphrase = rotated(world, vault.passphrase_secret, names.ROTATE_PASSPHRASE)
        booted, values_after = vault.boot(), _values(vault)
        restarted = world.invoke(names.RESTART, delivery(world.events[0]))
        retired = world.invoke(names.RETIRE, {})
        vault.laptop.publish(_LATER_PUSH, {"GREETING": "from a laptop that knows the first passphrase"})
        checked = world.invoke(names.CHECK, {})
        refused = _refusal(world)
        return Life(
            key=key,
            passphrase=passphrase,
            first=first,
            booted=booted,
            values_before=values_before,
            values_after=values_after,
            keys=(keys_before, _keys(vault)),
            restarted=restarted,
            retired=retired,
            checked=checked,
            refused=refused,
            told=_messages(world),
            events=list(world.events),
            log_lines=world.log_lines,
            cold_starts={name: _known(function.cold_start) for name, function in functions.items()},
            changed={name for name, digest in unpacked.contents().items() if before.get(name) != digest},
            leaks=world.leaks(),
            strangers=list(world.refused_hosts),
        )


@contextmanager
def deployed(world: World, unpacked: Unpacked, surroundings: Surroundings) -> Iterator[Mapping[str, PackagedFunction]]:
    """The five functions, each ready to be started in a process of its own."""
    with ExitStack() as running:
        functions = {
            name: running.enter_context(
                PackagedFunction(
                    name,
                    f"{name}.handler.lambda_handler",
                    unpacked.task(name),
                    unpacked.imported_from_layer,
                    surroundings,
                )
            )
            for name in names.FUNCTIONS
        }
        for name, function in functions.items():
            world.deploy(name, function)
        yield functions


def environment_of(world: World) -> dict[str, str]:
    """Where the embedded AWS is, and who the functions are."""
    return {
        "AWS_ENDPOINT_URL": world.endpoint_url,
        "AWS_ACCESS_KEY_ID": FUNCTION.access_key_id,
        "AWS_SECRET_ACCESS_KEY": FUNCTION.secret_access_key,
        "AWS_REGION": world.region,
        "AWS_DEFAULT_REGION": world.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def rotated(world: World, secret: str, function: str) -> RotationRecord:
    """One rotation by the function, to its end."""
    arn = f"{world.functions.arn_prefix}{function}"
    world.client("secretsmanager").rotate_secret(SecretId=secret, RotationLambdaARN=arn)
    (record,) = world.rotation_service.run()
    return record


def delivery(event: EventRecord) -> dict[str, Any]:
    """As EventBridge hands it over."""
    return {"version": "0", "source": event.source, "detail-type": event.detail_type, "detail": dict(event.detail)}


def _refusal(world: World) -> str:
    try:
        world.invoke(names.RETIRE, {"revoke": True})
    except Exception as error:  # noqa: BLE001 - judged by the class's name
        return type(error).__name__
    raise AssertionError("an order to revoke that names no secret was taken")


def _values(vault: Vault) -> tuple[str, str]:
    return vault.config(), vault.passphrase()


def _keys(vault: Vault) -> dict[str, str]:
    user = iam_backends[ACCOUNT_ID]["aws"].users[vault.iam_user]
    return {key.access_key_id: key.status for key in user.access_keys}


def _messages(world: World) -> list[str]:
    (topic,) = sns_backends[ACCOUNT_ID][world.region].topics.values()
    return [message for _, message, *_ in topic.sent_notifications]


def _known(cold_start: ColdStart | None) -> ColdStart:
    assert cold_start is not None, "a function was never invoked"
    return cold_start
