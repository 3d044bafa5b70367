"""An IAM user as an operator sees it: its access keys with their statuses, and its tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from simulator.world import KeyPair, World
from tests.contract.operator_clients import operator

TAG: Final = "vsync-rotation:"


@dataclass(frozen=True, slots=True)
class IamAccount:
    """One user of the embedded AWS."""

    world: World
    user: str

    @property
    def iam(self) -> Any:
        return operator(self.world, "iam")

    def statuses(self) -> dict[str, str]:
        """Key id to status."""
        found = self.iam.list_access_keys(UserName=self.user)["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in found}

    def tags(self) -> dict[str, str]:
        """Every tag of the user."""
        return {tag["Key"]: tag["Value"] for tag in self.iam.list_user_tags(UserName=self.user)["Tags"]}

    def tag(self, name: str, value: str) -> None:
        """Set one of this software's tags; `name` without its prefix."""
        self.iam.tag_user(UserName=self.user, Tags=[{"Key": TAG + name, "Value": value}])

    def untag(self, name: str) -> None:
        self.iam.untag_user(UserName=self.user, TagKeys=[TAG + name])

    def add_key(self) -> KeyPair:
        """A key somebody made, as IAM shows it once."""
        key = self.iam.create_access_key(UserName=self.user)["AccessKey"]
        return KeyPair(key["AccessKeyId"], key["SecretAccessKey"])

    def delete_key(self, key_id: str) -> None:
        self.iam.delete_access_key(UserName=self.user, AccessKeyId=key_id)

    def set_status(self, key_id: str, status: Literal["Active", "Inactive"]) -> None:
        self.iam.update_access_key(UserName=self.user, AccessKeyId=key_id, Status=status)

    def deactivated(self, key_id: str) -> None:
        """What retiring leaves behind: the key Inactive and the moment on record."""
        self.set_status(key_id, "Inactive")
        self.tag(f"deactivated-at:{key_id}", instant(self.world))

    def intend(self, recorded: tuple[str, ...], version_id: str = "0" * 8 + "-dead-4000-8000-" + "0" * 12) -> None:
        """What a rotation notes before it makes a key: the version, the moment, the keys that exist."""
        self.tag("minting", " ".join((version_id, instant(self.world), *recorded)))


def instant(world: World, *, hours: float = 0) -> str:
    """The world's present moment (or that many hours from it) as ISO 8601 UTC with `Z`, whole seconds."""
    at: datetime = world.clock.now() + timedelta(hours=hours)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def other_user(world: World, name: str = "somebody-else") -> IamAccount:
    """Another user of the account, without keys."""
    world.client("iam").create_user(UserName=name, Path="/vsync/")
    return IamAccount(world, name)


def without(tags: Mapping[str, str], *names: str) -> dict[str, str]:
    """The tags but those named (without prefix)."""
    return {key: value for key, value in tags.items() if key not in {TAG + name for name in names}}
