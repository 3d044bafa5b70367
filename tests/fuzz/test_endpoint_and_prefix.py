"""Where requests and credentials go is decided by two texts of the config; neither can be bent to point elsewhere."""

from functools import partial
from itertools import product
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.vaults import Layout
from simulator.world import World
from tests.contract.passphrase_rotation import key_of, rotate_once, succeeded, vault_at_noon
from tests.contract.secret_versions import encoded
from tests.fuzz.config_values import FIELDS
from tests.fuzz.effort import share
from tests.fuzz.mutations import ODD_CHARACTERS, damaged_text, odd_text
from tests.fuzz.refusals import CANARY, assert_refused, read
from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.hosts import is_aws
from vsync_rotation.aws.s3 import Bucket
from vsync_rotation.aws.stores import VaultStores
from vsync_rotation.errors import BlobError, SettingsError
from vsync_rotation.formats.config_blob import ConfigBlob, parse_config_blob
from vsync_rotation.formats.endpoint import Endpoint
from vsync_rotation.redacted import SecretText

S3 = "s3.eu-central-1.amazonaws.com"

parts = st.sampled_from(
    [
        "https", "http", "HTTPS", "ftp", "file", "://", ":/", "//", "/", "\\", "@", ":", "?", "#", ".", "..", "-", "_", "%2e",
        "%00", "0", "80", "65536", S3, "localhost", "127.0.0.1", "[::1]", "[::ffff:7f00:1]", "[127.0.0.1]", "[v1.x]", "[::1%25lo]",
        "xn--80ak6aa92e", "user", CANARY, "a" * 64, "a." * 128, "evil.example", ".amazonaws.com",
    ]
)  # fmt: skip
endpoints = st.one_of(
    damaged_text(f"https://{S3}"),
    damaged_text("http://127.0.0.1:9000/"),
    st.lists(parts, max_size=7).map("".join),
    st.lists(parts, max_size=5).map(lambda found: "https://" + "".join(found)),
    st.text(st.sampled_from("aZ0-_.:"), max_size=12).map("https://{}".format),
)


@given(endpoints)
def test_an_endpoint_is_refused_or_means_to_the_sdk_what_it_means_to_us(text: str) -> None:
    endpoint = read(lambda: Endpoint.parse(text), SettingsError)
    if endpoint is None:
        return
    url = urlsplit(endpoint.url)
    assert (url.scheme, url.hostname, url.port) == (endpoint.scheme, endpoint.host, endpoint.port)
    assert (url.username, url.password, url.query, url.fragment) == (None, None, "", "")
    assert url.path in {"", "/"}
    assert Endpoint.parse(endpoint.url) == endpoint


def store_at(endpoint: str, region: str) -> Bucket:
    """From a config's two texts to the client that requests would go through; nothing is sent."""
    config = parse_config_blob(SecretText(encoded({**FIELDS, "endpoint": endpoint, "region": region})))
    return VaultStores(Clients()).as_writer(config.credentials, config.config)


@share(0.1)
@given(endpoints, st.just("eu-central-1") | st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,8}\Z"))
def test_a_place_is_refused_by_the_family_also_where_only_the_sdk_finds_it_malformed(
    endpoint: str, region: str
) -> None:
    read(lambda: store_at(endpoint, region), SettingsError, BlobError)


@pytest.mark.parametrize(
    "host",
    [".", "-", "_", "a..b", ".a", "-a.b", "a-.b", "a_b.example", "a" * 64, "a." * 127 + "abc"],
    ids=lambda h: h[:9],
)
def test_a_host_that_the_sdk_makes_no_client_for_is_a_malformed_setting(host: str) -> None:
    """The SDK raises ValueError, which the last boundary can only report as a bug of ours."""
    assert_refused(lambda: store_at(f"https://{host}", "eu-central-1"), SettingsError)


@pytest.mark.parametrize("region", ["eu_central-1", "eu.central.1", "123", "eu-central-1-", "a" * 64])
def test_a_region_that_the_sdk_makes_no_client_for_is_a_malformed_setting(region: str) -> None:
    assert_refused(lambda: store_at(f"https://{S3}", region), SettingsError, BlobError)


@pytest.mark.parametrize("host", ["[1.2.3.4]", "[127.0.0.1]", "[::1", "::1", "[::1]x", "[]", "[::1%lo]"])
def test_brackets_hold_an_ipv6_address_and_nothing_else(host: str) -> None:
    assert_refused(lambda: Endpoint.parse(f"https://{host}"), SettingsError)


@given(endpoints)
def test_only_https_to_a_host_of_s3_is_taken_for_aws(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # The hosts of these count as AWS too, and a world that runs in this process sets one.
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            patch.delenv(name, raising=False)
        endpoint = read(lambda: Endpoint.parse(text), SettingsError)
        taken_for_aws = endpoint is not None and is_aws(endpoint)
    if endpoint is not None and taken_for_aws:
        assert endpoint.scheme == "https"
        assert endpoint.host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))
        assert endpoint.host.startswith(("s3", "bucket.vpce-"))


def test_no_odd_character_anywhere_makes_an_endpoint_of_a_name_that_looks_like_awss() -> None:
    sound = f"https://{S3}"
    for odd, at in product(set(ODD_CHARACTERS) - set("-.:_/"), (0, 2, 8, 10, len(sound))):
        bent = sound[:at] + odd + sound[at:]
        assert read(partial(Endpoint.parse, bent), SettingsError) is None, ascii(bent)


@pytest.mark.parametrize(
    "text",
    [
        "https://ѕ3.amazonaws.com", "https://s3.аmazonaws.com", "https://s3。amazonaws.com", "https://s3.amazonaws.com．",
        "https://ｓ3.amazonaws.com", "https://s3.amazonaw\u017f.com", "https://s3.ama\u200bzonaws.com", "ｈttps://s3.amazonaws.com",
        f"https://{CANARY}@{S3}", f"https://user:{CANARY}@{S3}", f"https://{S3}?{CANARY}", f"https://{S3}#{CANARY}", f"{CANARY}",
        f"javascript://{S3}", f"ftp://{S3}", f"s3://{S3}", f"//{S3}", S3, f"https:{S3}", f"https:///{S3}", f"https:\\\\{S3}", f" https://{S3}",
    ],
    ids=ascii,
)  # fmt: skip
def test_an_endpoint_that_would_lead_elsewhere_is_refused_and_not_shown(text: str) -> None:
    assert_refused(lambda: Endpoint.parse(text), SettingsError)


def config_with(prefix: str) -> ConfigBlob:
    return parse_config_blob(SecretText(encoded({**FIELDS, "prefix": prefix})))


@given(damaged_text("acme_web/prod/") | odd_text.map("{}/".format) | st.text(max_size=200))
def test_a_prefix_is_refused_or_ends_at_a_slash_and_breaks_no_line(prefix: str) -> None:
    value = read(lambda: config_with(prefix), SettingsError, BlobError)  # an endless one makes the blob too long
    if value is None:
        return
    assert value.config.prefix == prefix
    assert prefix == "" or (prefix.endswith("/") and not prefix.startswith("/"))
    assert len(prefix.encode()) <= 512
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in prefix)


@pytest.mark.parametrize(
    "prefix",
    [
        "web",
        "acme/prod",
        "/",
        "//",
        "/acme/",
        "..",
        "a/..",
        "acme\n/",
        "\x00/",
        "\x85/",
        "\ud800/",
        "é" * 256 + "/",
        CANARY,
    ],
    ids=ascii,
)
def test_a_prefix_that_would_name_its_neighbours_is_refused(prefix: str) -> None:
    assert_refused(lambda: config_with(prefix), SettingsError)


@pytest.mark.parametrize("prefix", ["x/../../other-bucket/", "./", "a//b/", "a/%2e%2e/b/", "?x=1#é/"], ids=ascii)
def test_dots_and_escapes_in_a_prefix_are_letters_of_a_key_and_lead_nowhere(
    world: World, passphrase_function: str, prefix: str
) -> None:
    neighbour = world.client("s3")
    neighbour.create_bucket(Bucket="other-bucket", CreateBucketConfiguration={"LocationConstraint": world.region})
    vault = vault_at_noon(world, Layout.RUNTIME, prefix=prefix)
    succeeded(rotate_once(vault, passphrase_function))
    asked = [request for request in world.requests if request.function is not None and request.service == "s3"]
    assert {request.path.split("/")[1] for request in asked} == {vault.bucket}
    home = f"{vault.repo}/{vault.env}/"
    assert {key for key in map(key_of, asked) if not key.startswith((prefix, home))} == set()
    assert neighbour.list_objects_v2(Bucket="other-bucket").get("KeyCount") == 0
    assert vault.boot().timestamp == "20260301-120000"
