"""Words that templates and functions share are the same on both sides, which never import each other."""

import pytest

from cdk import names, secret_tags
from tests.infrastructure.assemblies import Assembled
from vsync_rotation import consumers, events, invocation, settings, telemetry
from vsync_rotation.memory import ports as memory
from vsync_rotation.settings import key_settings, passphrase_settings, unknown_tags
from vsync_rotation.web import addresses


@pytest.mark.parametrize(
    "name",
    [
        "KIND",
        "IAM_USER",
        "REPO",
        "CONFIG_SECRET",
        "WRITER_SECRET",
        "OVERLAP",
        "MAX_OVERLAP",
        "INACTIVE",
        "DELETION_ALARM",
        "REPAIR",
        "HEAL",
        "KEEP_BUNDLES",
        "SERVED_BY",
    ],
)
def test_a_tag_is_called_the_same(name: str) -> None:
    assert getattr(names, name) == getattr(settings, name)


def test_kinds_prefixes_source_and_namespace_are_the_same() -> None:
    assert tuple(settings.Kind) == (names.KEY_KIND, names.PASSPHRASE_KIND)
    assert (names.CONSUMER, names.HEALTH) == (consumers.CONSUMER, consumers.HEALTH)
    assert names.EVENT_SOURCE == events.SOURCE
    assert names.METRIC_NAMESPACE == telemetry.NAMESPACE
    assert memory.parameter_name("checked", "x").startswith(f"/{names.PARAMETERS}/checked/")


def test_variables_of_the_environment_are_called_the_same() -> None:
    assert names.SERVES == invocation.SERVES
    assert names.PER_VAULT_METRICS == invocation.PER_VAULT_METRICS
    assert names.PRIVATE_HEALTH_HOSTS == addresses.PRIVATE_HOSTS


def test_the_functions_read_every_tag_that_a_secret_gets(assembly: Assembled) -> None:
    for secret in assembly.rendering.resources("AWS::SecretsManager::Secret"):
        tags = {tag["Key"]: tag["Value"] for tag in secret.properties.get("Tags", [])}
        assert unknown_tags(tags) == ()
        if tags.get(names.KIND) == names.KEY_KIND:
            key_settings(tags)
        elif tags.get(names.KIND) == names.PASSPHRASE_KIND:
            passphrase_settings(tags)
        else:
            assert tags == {}, secret.logical_id


def test_adopted_secrets_get_tags_that_the_functions_read(assembly: Assembled) -> None:
    adopted = next(vault for vault in assembly.deployment.vaults if vault.repo == "adopted")
    key = secret_tags.config_secret_tags(adopted, "everything-rotation-1")
    passphrase = secret_tags.passphrase_secret_tags(adopted, "everything-rotation-1")
    assert key_settings(key).iam_user == "adopted-reader"
    assert passphrase_settings(passphrase).config_secret == adopted.config_secret.arn  # type: ignore[union-attr]
    assert unknown_tags({**key, **passphrase}) == ()
