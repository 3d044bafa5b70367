"""What the file takes the functions take, and the other way round: two pieces of code that may not know each other."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import settings as few_examples
from hypothesis import strategies as st

from cdk.config import vaults
from cdk.config.applications import CONSUMER, HEALTH_URL, LONGEST_TAG_VALUE, NAME
from cdk.config.endpoints import ENDPOINT, host_of
from cdk.config.model import Adopted
from cdk.config.references import SECRET, USER, Home, arn_here
from cdk.config.stores import _PREFIX
from tests.unit import test_consumers, test_health_urls
from vsync_rotation import settings
from vsync_rotation.aws.hosts import is_aws
from vsync_rotation.consumers import CONSUMER as CONSUMER_TAG
from vsync_rotation.consumers import HEALTH as HEALTH_TAG
from vsync_rotation.consumers import ConsumerKind, consumers, health_urls
from vsync_rotation.errors import SettingsError
from vsync_rotation.formats.endpoint import Endpoint
from vsync_rotation.formats.vault_config import _ENV, _prefix_problem

HOME = Home("123456789012", "eu-central-1")
TARGETS = [*test_consumers.ACCEPTED, *test_consumers.REFUSED]
URLS = [url for url, _ in test_health_urls.TAKEN.values()] + list(test_health_urls.REFUSED.values())
NAMES = ["web", "Web.2", "a", "9", "a" * 64, "a" * 65, "", "-web", ".web", "two words", "a/b", "a:b", "wéb", "web\n"]
REPOS = [
    "acme",
    "acme/web",
    "a.b_c-d",
    "..",
    "a/..",
    "a/../b",
    "./a",
    "a/",
    "/a",
    "a//b",
    "",
    "a b",
    "a\n",
    "a:b",
    "ä",
    "..a",
    "a/..b",
]
ENDPOINTS = [
    "https://storage.example", "https://storage.example/", "https://storage.example:9000", "https://storage.example:0",
    "https://storage.example:65536", "https://storage.example:", "https://10.0.0.1:9000", "https://[::1]:9000",
    "https://[::1", "https://[1:2]", "https://[v1.a]", "HTTPS://Storage.Example", "ftp://storage.example", "storage.example",
    "//storage.example", "https://", "https:///x", "https://storage.example/path", "https://storage.example?x",
    "https://storage.example#x", "https://user@storage.example", "https://storage.example\n", "https://störage.example", "",
    "https://a b", "https://storage.example//", "https://sto_rage.example", f"https://{'a' * 2048}", "https://[::ffff:127.0.0.1]",
]  # fmt: skip
PREFIXES = [
    "",
    "a/",
    "a/b/",
    "ä/",
    "a",
    "/",
    "/a/",
    "a\tb/",
    "a\x00/",
    "a\x85/",
    "x" * 511 + "/",
    "x" * 512 + "/",
    "ä" * 256 + "/",
    "\ud800/",
    "a//",
    "a b/",
]


@pytest.fixture(autouse=True, scope="module")
def no_overrides() -> Iterator[None]:
    """The file knows no environment; the functions look whether theirs sends AWS's requests elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            patch.delenv(name, raising=False)
        yield


few = few_examples(max_examples=50)


def takes(read: object, *arguments: object) -> bool:
    """Whether the functions take it."""
    try:
        read(*arguments)  # type: ignore[operator]
    except SettingsError:
        return False
    return True


def mutated(samples: list[str]) -> st.SearchStrategy[str]:
    """Samples with something stuck in, cut off or written over."""
    places, pieces = st.integers(0, 80), st.text(max_size=2) | st.sampled_from(list("/.:-_@?#[]% \n0Aa"))
    return st.tuples(st.sampled_from(samples), places, st.integers(0, 2), pieces).map(
        lambda parts: parts[0][: parts[1]] + parts[3] + parts[0][parts[1] + parts[2] :]
    )


@few
@given(st.sampled_from(TARGETS) | mutated(TARGETS))
def test_any_consumer(target: str) -> None:
    """But for the length: a tag that is too long never comes to be."""
    if len(target) <= LONGEST_TAG_VALUE:
        assert (CONSUMER.wrong(target) is None) is takes(consumers, {f"{CONSUMER_TAG}web": target})


def test_every_sample_of_a_consumer() -> None:
    for target in TARGETS:
        if len(target) <= LONGEST_TAG_VALUE:
            assert (CONSUMER.wrong(target) is None) is takes(consumers, {f"{CONSUMER_TAG}web": target}), target


def test_the_kinds_are_the_functions_own() -> None:
    assert all(str(kind) in CONSUMER.meaning for kind in ConsumerKind)
    assert len(CONSUMER.meaning.partition("one of ")[2].split(", ")) == len(ConsumerKind)


@few
@given(st.sampled_from(URLS) | mutated(URLS))
def test_any_health_url(url: str) -> None:
    """The file takes less: no tilde, of which nobody says that a tag's value may hold it."""
    if len(url) <= LONGEST_TAG_VALUE:
        taken = takes(health_urls, {f"{HEALTH_TAG}web": url}) and "~" not in url
        assert (HEALTH_URL.wrong(url) is None) is taken


def test_every_sample_of_a_health_url() -> None:
    for url in URLS:
        if len(url) <= LONGEST_TAG_VALUE:
            taken = takes(health_urls, {f"{HEALTH_TAG}web": url}) and "~" not in url
            assert (HEALTH_URL.wrong(url) is None) is taken, url


@few
@given(st.sampled_from(NAMES) | mutated(NAMES))
def test_any_name_of_a_consumer(name: str) -> None:
    assert (NAME.wrong(name) is None) is takes(consumers, {f"{CONSUMER_TAG}{name}": "lambda:web"})


@few
@given(st.sampled_from(REPOS) | mutated(REPOS))
def test_any_repo(repo: str) -> None:
    tags = {settings.CONFIG_SECRET: "config", settings.REPO: repo}
    assert (vaults._REPO.wrong(repo) is None) is takes(settings.passphrase_settings, tags)


@few
@given(st.text(max_size=4) | st.sampled_from(["prod", "Prod", "a" * 64, "a" * 65, "-a", "a-", "a.b_c"]))
def test_any_environment(env: str) -> None:
    assert (vaults._ENV.wrong(env) is None) is (re.fullmatch(_ENV, env) is not None)


@few
@given(st.sampled_from(ENDPOINTS) | mutated(ENDPOINTS))
def test_any_endpoint(endpoint: str) -> None:
    """The file takes less: no plain http to loopback, and no host that is none or leads to another place than it says."""
    if ENDPOINT.wrong(endpoint) is None:
        assert takes(Endpoint.parse, endpoint)


def test_every_sample_of_an_endpoint() -> None:
    for endpoint in ENDPOINTS:
        assert (ENDPOINT.wrong(endpoint) is None) is takes(Endpoint.parse, endpoint), endpoint


STRANGE_HOSTS = [
    "s3.eu-central-1.amazonaws.com.", "bucket.s3.eu-central-1.amazonaws.com", "s3-accelerate.amazonaws.com", "abc.lambda-url.eu-central-1.on.aws",
    "vpce-1a.s3.eu-central-1.vpce.amazonaws.com", "s3-control.eu-central-1.amazonaws.com", "storage.example.", "storage..example",
    "-storage.example", "storage-.example", "169.254.169.254", "2852039166", "0xa9fea9fe", "169.254.43518", "[fe80::1]", "[::ffff:a9fe:a9fe]",
]  # fmt: skip


def test_what_the_functions_would_take_for_some_other_host() -> None:
    """They must go on with whatever stands in a blob; a file can still be corrected."""
    for endpoint in (f"https://{host}" for host in STRANGE_HOSTS):
        assert takes(Endpoint.parse, endpoint), endpoint
        assert ENDPOINT.wrong(endpoint), endpoint


HOSTS = [
    "s3.amazonaws.com", "s3.eu-central-1.amazonaws.com", "S3.cn-north-1.amazonaws.com.cn", "s3.dualstack.eu-central-1.amazonaws.com",
    "s3-fips.us-gov-west-1.amazonaws.com", "s3-eu-west-1.amazonaws.com", "s3.eu-central-1.api.aws", "s3-external-1.amazonaws.com",
    "bucket.vpce-0a1b2c-abc.s3.eu-central-1.vpce.amazonaws.com", "abc.execute-api.eu-central-1.amazonaws.com",
    "s3-evil-123.eu-west-1.elb.amazonaws.com", "bucket.s3.eu-central-1.amazonaws.com", "amazonaws.com.evil.example",
    "s3-amazonaws.com", "[::ffff:10.0.0.1]", "[0:0::1]", "s3.eu-central-1.amazonaws.com.evil.example", "storage.example",
]  # fmt: skip


def test_every_sample_of_a_host() -> None:
    for endpoint in (f"https://{host}:9000/" for host in HOSTS):
        assert host_of(endpoint).is_aws is is_aws(Endpoint.parse(endpoint)), endpoint


@few
@given(st.sampled_from(HOSTS) | mutated(HOSTS))
def test_whose_any_host_is(host: str) -> None:
    endpoint = f"https://{host}"
    if ENDPOINT.wrong(endpoint) is None:
        assert host_of(endpoint).is_aws is is_aws(Endpoint.parse(endpoint))


@few
@given(st.sampled_from(PREFIXES) | mutated([prefix for prefix in PREFIXES if len(prefix) < 9]))
def test_any_prefix(prefix: str) -> None:
    """The file takes less: nothing that policies or templates read in their own way, nothing that cannot be printed."""
    ours, theirs = _PREFIX.wrong(prefix) is None, _prefix_problem(prefix) is None
    fit = prefix.isprintable() and max(prefix, default="") <= "ÿ" and not set("*?${}[]") & set(prefix)
    assert ours is (theirs and fit)


@few
@given(mutated(["arn:aws:secretsmanager:eu-central-1:123456789012:secret:acme/prod-AbC123"]))
def test_any_arn_of_a_secret(arn: str) -> None:
    if arn_here(SECRET, HOME).wrong(arn) is None:
        assert takes(settings.passphrase_settings, {settings.CONFIG_SECRET: arn})


@few
@given(mutated(["arn:aws:iam::123456789012:user/vaults/reader"]))
def test_any_name_of_a_user(arn: str) -> None:
    if arn_here(USER, HOME).wrong(arn) is None:
        assert takes(settings.key_settings, {settings.IAM_USER: Adopted(arn).name})
