"""The tags that a deployment file makes, as the functions read them."""

from dataclasses import replace

import pytest

from cdk import secret_tags
from cdk.config.model import Adopted, Consumer, KeyRotation, PassphraseRotation, Vault
from cdk.secret_tags import config_secret_tags, is_managed, passphrase_secret_tags
from tests.unit.cli.deployments import ELSEWHERE, VAULT
from vsync_rotation import settings
from vsync_rotation.settings import Repair, key_settings, passphrase_settings, unknown_tags

FULL = replace(
    VAULT,
    key=KeyRotation(
        schedule=None, overlap_hours=12.5, max_overlap_hours=200.0, inactive_hours=0.0, deletion_alarm="web-errors"
    ),
    passphrase=PassphraseRotation(schedule=None, heal=True, keep_bundles=0, repair_seal=True),
    consumers=(Consumer("web", "ecs", "main/web"), Consumer("job", "lambda", "nightly")),
    health=(("web", "https://web.example.com/health"),),
)
CONFIG_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:api/prod/config-Ab12Cd"


def key_tags(vault: Vault) -> dict[str, str]:
    return config_secret_tags(vault, "rota-rotation-1")


def passphrase_tags(vault: Vault) -> dict[str, str]:
    return passphrase_secret_tags(vault, "rota-rotation-1")


def test_the_functions_read_back_what_the_file_says_of_the_key() -> None:
    tags = key_tags(FULL)
    read = key_settings(tags)
    assert (read.iam_user, read.repo, read.deletion_alarm) == ("vsync-acme_web-prod-reader", "acme_web", "web-errors")
    assert (read.overlap_hours, read.max_overlap_hours, read.inactive_hours) == (12.5, 200.0, 0.0)
    assert {str(consumer) for consumer in read.consumers} == {"ecs:main/web", "lambda:nightly"}
    assert [(url.name, url.host, url.path) for url in read.health_urls] == [("web", "web.example.com", "/health")]
    assert (tags[settings.KIND], tags[settings.SERVED_BY]) == ("iam-access-key", "rota-rotation-1")
    assert unknown_tags(tags) == ()


def test_the_functions_read_back_what_the_file_says_of_the_passphrase() -> None:
    tags = passphrase_tags(FULL)
    read = passphrase_settings(tags)
    assert (read.config_secret, read.repo, read.writer_secret) == ("acme_web/prod/VSYNC_CONFIG", "acme_web", None)
    assert (read.heal, read.keep_bundles, read.repair) == (True, 0, Repair.SEAL)
    assert len(read.consumers) == 2
    assert (tags[settings.KIND], tags[settings.SERVED_BY]) == ("vault-passphrase", "rota-rotation-1")
    assert unknown_tags(tags) == ()


def test_what_the_file_does_not_say_is_left_to_the_functions_defaults() -> None:
    assert set(key_tags(VAULT)) == {settings.KIND, settings.IAM_USER, settings.REPO, settings.SERVED_BY}
    assert set(passphrase_tags(VAULT)) == {settings.KIND, settings.CONFIG_SECRET, settings.REPO, settings.SERVED_BY}


def test_a_vault_on_another_store_has_a_writer_and_a_config_secret_that_nobody_rotates() -> None:
    assert key_tags(ELSEWHERE) == {}
    assert passphrase_settings(passphrase_tags(ELSEWHERE)).writer_secret == "acme_web/prod/VSYNC_WRITER"


def test_an_adopted_secret_is_named_by_its_arn_and_an_adopted_user_by_its_name() -> None:
    user = "arn:aws:iam::123456789012:user/people/api-reader"
    adopted = replace(VAULT, config_secret=Adopted(CONFIG_ARN), reader=Adopted(user))
    assert passphrase_settings(passphrase_tags(adopted)).config_secret == CONFIG_ARN
    assert key_settings(key_tags(adopted)).iam_user == "api-reader"


@pytest.mark.parametrize(
    ("hours", "text"), [(24.0, "24"), (0.5, "0.5"), (0.0, "0"), (87_600.0, "87600"), (0.000_01, "0.00001")]
)
def test_hours_are_spelled_as_the_functions_read_them(hours: float, text: str) -> None:
    key = KeyRotation(
        schedule=None, overlap_hours=hours, max_overlap_hours=None, inactive_hours=None, deletion_alarm=None
    )
    tags = key_tags(replace(VAULT, key=key))
    assert tags[settings.OVERLAP] == text
    assert key_settings(tags).overlap_hours == hours


def test_every_tag_that_is_made_is_managed_and_a_pause_is_not() -> None:
    made = {**key_tags(FULL), **passphrase_tags(FULL), **passphrase_tags(ELSEWHERE)}
    assert [tag for tag in made if not is_managed(tag)] == []
    assert not is_managed(settings.PAUSED)
    assert secret_tags.PAUSED == settings.PAUSED
    assert not is_managed("team")
    assert not is_managed("vsync-rotation:from-a-newer-release")


def test_every_setting_of_the_functions_but_the_pause_is_managed() -> None:
    assert {tag for tag in settings._KNOWN if not is_managed(tag)} == {settings.PAUSED}
