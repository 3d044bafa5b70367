"""Where a vault's objects are, from its prefix, env and repo."""

import pytest

from vsync_rotation.formats.endpoint import Endpoint
from vsync_rotation.formats.timestamp import Timestamp
from vsync_rotation.formats.vault_config import VaultConfig
from vsync_rotation.vault.layouts import cli_layout, default_repo, runtime_layout, site_of


def config(prefix: str, env: str = "prod") -> VaultConfig:
    return VaultConfig(Endpoint.parse("https://s3.example"), "eu-central-1", "bucket", prefix, env, "s" * 24, 1000)


@pytest.mark.parametrize(
    ("prefix", "repo"),
    [("acme/prod/", "acme"), ("acme/web/prod/", "acme/web"), ("prod/", None), ("", None), ("a/b/c/d/", "a/b/c")],
)
def test_a_prefix_without_its_last_part_is_the_repo(prefix: str, repo: str | None) -> None:
    assert default_repo(prefix) == repo


@pytest.mark.parametrize(
    ("prefix", "env", "repo", "pointers", "audit_key"),
    [
        pytest.param("acme/prod/", "prod", None, ["acme/prod/latest", "acme/prod/manifest"], "acme/prod/audit.csv", id="the usual one"),
        pytest.param("acme/prod/", "prod", "acme", ["acme/prod/latest", "acme/prod/manifest"], "acme/prod/audit.csv", id="repo tagged"),
        pytest.param("", "prod", None, ["latest", "manifest"], "audit.csv", id="no prefix, no repo"),
        pytest.param("prod/", "prod", None, ["prod/latest", "prod/manifest"], "prod/audit.csv", id="no repo in the prefix"),
        pytest.param("x/", "Prod", "acme", ["x/latest", "acme/prod/latest", "x/manifest", "acme/prod/manifest"], "acme/prod/audit.csv", id="elsewhere, env in capitals"),
    ],
)  # fmt: skip
def test_a_site_follows_from_prefix_env_and_repo(
    prefix: str, env: str, repo: str | None, pointers: list[str], audit_key: str
) -> None:
    site = site_of(config(prefix, env), repo)
    assert [layout.pointer_key for layout in site.layouts] == pointers
    assert site.audit_key == audit_key
    assert site.env == env


def test_the_keys_of_the_two_layouts() -> None:
    timestamp = Timestamp.parse("20260501-091500")
    runtime, cli = runtime_layout("acme/prod/"), cli_layout("acme/prod/")
    assert (runtime.bundle_key(timestamp), runtime.generation_key) == (
        "acme/prod/v=20260501-091500",
        "acme/prod/latest.meta",
    )
    assert (cli.bundle_key(timestamp), cli.generation_key) == (
        "acme/prod/versions/20260501-091500.enc",
        "acme/prod/latest.manifest",
    )
