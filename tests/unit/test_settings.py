"""Tags become settings strictly; every default stands once."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.errors import SettingsError
from vsync_rotation.settings import Repair, is_paused, key_settings, passphrase_settings, unknown_tags

USER = {"vsync-rotation:iam-user": "reader"}
CONFIG = {"vsync-rotation:config-secret": "acme/prod/VSYNC_CONFIG"}


def test_without_consumers_the_overlap_is_a_week_and_the_longest_two() -> None:
    settings = key_settings(USER)
    assert (settings.overlap_hours, settings.max_overlap_hours, settings.inactive_hours) == (168, 336, 24)
    assert settings.consumers == ()
    assert settings.deletion_alarm is None


def test_with_consumers_the_overlap_is_a_day() -> None:
    settings = key_settings(USER | {"vsync-rotation:consumer:web": "ecs:cluster/web"})
    assert (settings.overlap_hours, settings.max_overlap_hours) == (24, 192)
    assert [str(consumer) for consumer in settings.consumers] == ["ecs:cluster/web"]


@pytest.mark.parametrize(("text", "hours"), [("0.5", 0.5), (".5", 0.5), ("0", 0), ("48", 48), ("87600", 87600)])
def test_durations_accept_fractions(text: str, hours: float) -> None:
    assert key_settings(USER | {"vsync-rotation:overlap-hours": text}).overlap_hours == hours


@pytest.mark.parametrize("text", ["", " ", "-1", "nan", "inf", "1e3", "24h", "87601", "٤", "1_0", "0x1", "9" * 20])
def test_a_malformed_duration_names_its_tag(text: str) -> None:
    with pytest.raises(SettingsError, match="vsync-rotation:inactive-hours"):
        key_settings(USER | {"vsync-rotation:inactive-hours": text})


def test_a_longest_overlap_shorter_than_the_overlap_is_refused() -> None:
    with pytest.raises(SettingsError, match="shorter"):
        key_settings(USER | {"vsync-rotation:overlap-hours": "48", "vsync-rotation:max-overlap-hours": "47"})


@pytest.mark.parametrize("name", ["", "a/b", "arn:aws:iam::123456789012:user/reader", "a b", "x" * 65, "reader\n"])
def test_an_iam_user_is_a_name_without_path(name: str) -> None:
    with pytest.raises(SettingsError, match="vsync-rotation:iam-user"):
        key_settings({"vsync-rotation:iam-user": name})


@pytest.mark.parametrize(
    "reference",
    ["name", "acme/prod/VSYNC_CONFIG", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme/prod/X-AbC123"],
)
def test_a_secret_is_referred_to_by_name_or_full_arn(reference: str) -> None:
    assert passphrase_settings({"vsync-rotation:config-secret": reference}).config_secret == reference


@pytest.mark.parametrize(
    "reference",
    ["", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme", "arn:aws:s3:::bucket", "a b", "a:b"],
)
def test_a_partial_arn_or_another_resource_is_refused(reference: str) -> None:
    with pytest.raises(SettingsError, match="vsync-rotation:config-secret"):
        passphrase_settings({"vsync-rotation:config-secret": reference})


def test_an_empty_writer_secret_is_malformed_not_absent() -> None:
    with pytest.raises(SettingsError, match="vsync-rotation:writer-secret"):
        passphrase_settings(CONFIG | {"vsync-rotation:writer-secret": ""})


@pytest.mark.parametrize("repo", ["", "/acme", "acme/", "a//b", "..", "a/../b", "a b", "a\nb"])
def test_a_repo_that_would_bend_a_key_is_refused(repo: str) -> None:
    with pytest.raises(SettingsError, match="vsync-rotation:repo"):
        passphrase_settings(CONFIG | {"vsync-rotation:repo": repo})


def test_repair_is_seal_or_nothing() -> None:
    assert passphrase_settings(CONFIG).repair is Repair.NOTHING
    assert passphrase_settings(CONFIG | {"vsync-rotation:repair": "seal"}).repair is Repair.SEAL
    with pytest.raises(SettingsError, match="vsync-rotation:repair"):
        passphrase_settings(CONFIG | {"vsync-rotation:repair": "nothing"})


@pytest.mark.parametrize(("value", "paused"), [("on", True), ("", True), ("OFF", True), ("off", False)])
def test_any_value_but_off_pauses(value: str, *, paused: bool) -> None:
    assert is_paused({"vsync-rotation:paused": value}) is paused


def test_no_tag_does_not_pause() -> None:
    assert not is_paused({})


def test_tags_of_ours_that_nobody_knows_are_listed() -> None:
    tags = {"vsync-rotation:overlap-hour": "1", "vsync-rotation:consumer:web": "x:y", "team": "a", **USER}
    assert unknown_tags(tags) == ("vsync-rotation:overlap-hour",)


def test_who_serves_a_secret_is_a_tag_of_ours_and_no_setting_of_its_rotation() -> None:
    served = {"vsync-rotation:served-by": "vsync-rotation-1"}
    assert unknown_tags(USER | served) == ()
    assert key_settings(USER | served) == key_settings(USER)
    assert passphrase_settings(CONFIG | served) == passphrase_settings(CONFIG)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *USER,
                *CONFIG,
                "vsync-rotation:overlap-hours",
                "vsync-rotation:repo",
                "vsync-rotation:max-overlap-hours",
                "vsync-rotation:repair",
            ]
        ),
        st.text(),
    )
)
def test_arbitrary_tags_raise_only_the_family(tags: dict[str, str]) -> None:
    for read in (key_settings, passphrase_settings):
        with suppress(SettingsError):
            read(tags)
