"""A vault on a store that is not AWS: a writer secret, no user, no key rotation, no S3 statement."""

import json
from typing import Any, Final

from cdk.names import SERVED_BY
from tests.infrastructure.assemblies import Assembled

STACK: Final = "everything-vault-edge-prod"


def own(assembly: Assembled) -> dict[str, Any]:
    [template] = [template for name, template in assembly.templates.items() if name.startswith(STACK)]
    resources: dict[str, Any] = template["Resources"]
    return resources


def test_it_has_a_writer_secret_and_no_user(assembly: Assembled) -> None:
    kinds = {logical_id: resource["Type"] for logical_id, resource in own(assembly).items()}
    assert {name for name, kind in kinds.items() if kind == "AWS::SecretsManager::Secret"} == {
        "ConfigSecret",
        "PassphraseSecret",
        "WriterSecret",
    }
    assert "AWS::IAM::User" not in kinds.values()


def test_its_config_secret_is_no_rotating_one(assembly: Assembled) -> None:
    assert not own(assembly)["ConfigSecret"]["Properties"].get("Tags")


def test_its_passphrase_rotates_with_the_writer_secret(assembly: Assembled) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in own(assembly)["PassphraseSecret"]["Properties"]["Tags"]}
    assert tags["vsync-rotation:writer-secret"] == "edge/prod/VSYNC_WRITER"
    assert tags[SERVED_BY].startswith("everything-rotation-")


def test_no_role_has_an_s3_statement_for_its_bucket(assembly: Assembled) -> None:
    for role in assembly.rendering.resources("AWS::IAM::Role"):
        assert ":s3:::vaults" not in json.dumps(role.properties)


def test_only_the_two_functions_that_write_the_vault_read_its_writer_secret(assembly: Assembled) -> None:
    readers = {
        role.properties["RoleName"].rpartition("-")[2]
        for role in assembly.rendering.resources("AWS::IAM::Role")
        if "edge/prod/VSYNC_WRITER" in json.dumps(role.properties)
    }
    assert readers == {"rotate_vault_passphrase", "check_vaults"}
