"""What a rotation asks of AWS, step by step, recorded from the real handlers in a calm account."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from rotate_iam_access_key.handler import lambda_handler as rotate_iam_access_key
from rotate_vault_passphrase.handler import lambda_handler as rotate_vault_passphrase
from simulator.choices import operation
from simulator.exchange import Answer, Request
from simulator.faults import throttle
from simulator.run import FUNCTION
from simulator.vaults import Layout, Vault, make_vault
from simulator.world import World
from vsync_rotation.errors import RotationError

KEY: Final = "key"
PASSPHRASE: Final = "passphrase"
STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `by_new_key`: signed with the key under test and not by the function."""

    action: str
    by_new_key: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """A rotation's requests by step.

    Attributes:
        first: at the first time.
        again: when the step was done before and is entered again.
        torn: when finishSecret could not move the label, and the service begins anew.
    """

    first: dict[str, tuple[Call, ...]]
    again: dict[str, tuple[Call, ...]]
    torn: dict[str, tuple[Call, ...]]

    def count(self, matches: Callable[[str], bool], step: str | None = None) -> int:
        """How many requests of an undisturbed rotation (or of one step) have an action that matches."""
        steps = STEPS if step is None else (step,)
        return sum(matches(call.action) for name in steps for call in self.first[name])

    def by_action(self) -> Counter[str]:
        return Counter(call.action for calls in self.first.values() for call in calls)


@dataclass(slots=True)
class _Recorder:
    calls: list[Call] = field(default_factory=list)

    def before(self, request: Request) -> Answer | None:
        self.calls.append(Call(request.action, request.principal != FUNCTION.access_key_id))
        return None

    def after(self, request: Request) -> None: ...


def record_traces(world: World, layout: Layout = Layout.RUNTIME) -> dict[str, Trace]:
    """Both rotations of vaults that were just made, in a world that is reset before and left to the caller after."""
    world.reset()
    world.clock.stand_still()
    calm, torn = (make_vault(world, layout, repo=name, bucket="recorded") for name in ("calm", "torn"))
    return {kind: _record(world, calm, torn, kind) for kind in (KEY, PASSPHRASE)}


def _record(world: World, calm: Vault, torn: Vault, kind: str) -> Trace:
    rotation = _Recorded(world, calm, kind)
    first: dict[str, tuple[Call, ...]] = {}
    again: dict[str, tuple[Call, ...]] = {}
    for step in STEPS:
        first[step] = rotation.calls(step)
        again[step] = rotation.calls(step)
    # Once the label has moved, finishSecret only completes; a storm's repetition comes before that.
    again["finishSecret"] = first["finishSecret"]
    return Trace(first, again, _record_torn(_Recorded(world, torn, kind)))


def _record_torn(rotation: "_Recorded") -> dict[str, tuple[Call, ...]]:
    for step in STEPS[:-1]:
        rotation.calls(step)
    label_move = throttle(operation("secretsmanager:UpdateSecretVersionStage"))
    with rotation.world.watched_by(label_move), suppress(RotationError):
        rotation.calls("finishSecret")
    if not label_move.hits:
        raise AssertionError("finishSecret moved no label")
    return {step: rotation.calls(step) for step in STEPS}


class _Recorded:
    """A rotation whose steps are carried out one by one."""

    def __init__(self, world: World, vault: Vault, kind: str) -> None:
        self.world = world
        handler = rotate_iam_access_key if kind == KEY else rotate_vault_passphrase
        secret = vault.config_secret if kind == KEY else vault.passphrase_secret
        self._function = world.deploy(f"recorded_{kind}", handler)
        arn = world.client("secretsmanager").describe_secret(SecretId=secret)["ARN"]
        self._event = {"SecretId": arn, "ClientRequestToken": world.begin_rotation(secret)}

    def calls(self, step: str) -> tuple[Call, ...]:
        recorder = _Recorder()
        with self.world.watched_by(recorder):
            self.world.invoke(self._function, {**self._event, "Step": step})
        return tuple(recorder.calls)
