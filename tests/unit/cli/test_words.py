"""Words that were given are shown again, unless they may be secret."""

from pathlib import Path

import pytest

from vsync_rotation_cli.words import shown, shown_path

PASSPHRASE = "kX3/q9vTz0pYwLr8sJmN+4cUe7aGhB2dFoVi/1xRtQk="
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-long-company-name/production/KEY-Ab12Cd"


@pytest.mark.parametrize("word", ["acme_web/prod", "a-long-company-name/production/VSYNC_PASSPHRASE", ARN, "a" * 32])
def test_a_name_is_shown(word: str) -> None:
    assert shown(word) == word


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (PASSPHRASE, "<44 characters>"),
        ("vsync-cfg-v1:short", "<18 characters>"),
        ("VSYNC_PASSPHRASE=" + "a" * 20, "<37 characters>"),
    ],
)
def test_what_may_be_a_value_is_told_by_its_length(word: str, told: str) -> None:
    assert shown(word) == told


def test_a_path_is_shown_as_far_as_its_folder_is_there(tmp_path: Path) -> None:
    there = tmp_path / ("a-deployment-with-a-long-name-of-its-own.toml")
    there.touch()
    assert shown_path(there) == str(there)
    assert shown_path(tmp_path / "none.toml") == str(tmp_path / "none.toml")
    assert shown_path(tmp_path / f"{PASSPHRASE.replace('/', '+')}.toml") == str(tmp_path / "<49 characters>")
    assert shown_path(tmp_path / f"{'a' * 25}.{'b' * 25}") == str(tmp_path / "<51 characters>")
    assert shown_path(tmp_path / PASSPHRASE) == f"<{len(str(tmp_path)) + 45} characters>"
    assert shown_path(Path(PASSPHRASE)) == "<44 characters>"
    assert shown_path(tmp_path / ("a" * 400)) == str(tmp_path / "<400 characters>")
