"""What lies beside the vaults' own: names that differ in one part, and belong to somebody else."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from tests.infrastructure.privilege.served import Served, bucket, folders

_SEPARATOR: Final = re.compile(r"([:/])")
_SOMETHING_INSIDE: Final = "x"


def of(whole: str) -> Iterator[str]:
    """Each part replaced, longer by a letter, or left out with its slash: another account, user, folder, half.

    What ends in a slash is a folder; its neighbours are told by something inside.
    """
    parts = _SEPARATOR.split(whole)
    for number in range(0, len(parts), 2):
        before, part, after = parts[:number], parts[number], parts[number + 1 :]
        if part:
            changed = [[*before, "another", *after], [*before, f"{part}{_SOMETHING_INSIDE}", *after]]
            changed += [[*before, *after[1:]]] if after[:1] == ["/"] else []
            yield from (_inside("".join(other)) for other in changed)


def strangers(wholes: Collection[str]) -> set[str]:
    """The names themselves, each of which is a stranger to whoever is not given it, and all their neighbours."""
    return {other for whole in wholes for other in (_inside(whole), *of(whole))}


def resources(served: Served) -> set[str]:
    """Everything that is these vaults' own, and what the functions keep of them, by ARN; folders end in a slash."""
    memory = [served.arn("ssm", f"parameter/vsync-rotation/{writer}/") for writer in ("checked", "restarted")]
    consumers = [
        *(served.arn("ecs", f"service/{target}") for _, target in served.consumers("ecs")),
        *(served.arn("lambda", f"function:{name}") for _, name in served.consumers("lambda")),
        *(served.arn("eks", f"cluster/{target.partition('/')[0]}") for _, target in served.consumers("eks")),
        *(served.arn("apprunner", f"service/{name}/") for _, name in served.consumers("apprunner")),
        *(served.arn("ssm", f"document/{name}") for _, name in served.consumers("ssm")),
        *(served.arn("sns", name) for _, name in served.consumers("sns")),
    ]
    return {*_secrets(served), *served.users, *_keys(served), *_in_buckets(served), *memory, *consumers}


def values(served: Served) -> Mapping[str, set[str]]:
    """By condition key, the values that requests about these vaults have."""
    return {
        "kms:EncryptionContext:SecretARN": set(_secrets(served)),
        "kms:EncryptionContext:aws:s3:arn": _in_buckets(served),
        "s3:prefix": {folder for vault in served.in_aws for folder in folders(vault)},
        "aws:TagKeys": {"vsync-rotation:minting"},
        "events:source": {"vsync.rotation"},
        "ssm:resourceTag/vsync-rotation:consumer": {name for name, _ in served.consumers("ssm")},
        "lambda:SourceFunctionArn": {served.function("check_vaults")},
    }


def _inside(name: str) -> str:
    return f"{name}{_SOMETHING_INSIDE}" if name.endswith("/") else name


def _secrets(served: Served) -> list[str]:
    return served.secrets([*served.configs, *served.passphrases, *served.writers])


def _keys(served: Served) -> set[str]:
    buckets = {vault.store.kms_key for vault in served.vaults if vault.store.kms_key is not None}
    return buckets | served.by_key([*served.configs, *served.passphrases, *served.writers]).keys()


def _in_buckets(served: Served) -> set[str]:
    """The buckets and the vaults' folders in them."""
    wholes = {bucket(vault) for vault in served.in_aws}
    return wholes | {f"{bucket(vault)}/{folder}" for vault in served.in_aws for folder in folders(vault)}
