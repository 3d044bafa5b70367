"""Health URLs in tags: https, a host, perhaps a port, a plain path. Everything else is refused by its tag's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.consumers import HealthUrl, health_urls
from vsync_rotation.errors import SettingsError

TAG = "vsync-rotation:health:web"
LONGEST_HOST = "a." * 126 + "a"
LONGEST_LABEL = "a" * 63

TAKEN = {
    "a host": ("https://health.example", ("health.example", 443, "/")),
    "a host and a slash": ("https://health.example/", ("health.example", 443, "/")),
    "a path": ("https://health.example/api/v1/health.json", ("health.example", 443, "/api/v1/health.json")),
    "a port": ("https://health.example:8443/x", ("health.example", 8443, "/x")),
    "the usual port": ("https://health.example:443/x", ("health.example", 443, "/x")),
    "the first port": ("https://health.example:1/", ("health.example", 1, "/")),
    "the last port": ("https://health.example:65535/", ("health.example", 65535, "/")),
    "capitals in the host": ("https://Health.EXAMPLE/X", ("health.example", 443, "/X")),
    "a name of one part": ("https://web/health", ("web", 443, "/health")),
    "a name of a service in a cluster": ("https://web.prod.svc.cluster.local/", ("web.prod.svc.cluster.local", 443, "/")),
    "an encoded international name": ("https://xn--mnchen-3ya.example/", ("xn--mnchen-3ya.example", 443, "/")),
    "a name of digits and letters": ("https://7.0x7g.1a/", ("7.0x7g.1a", 443, "/")),
    "a name that begins with a digit": ("https://1password.example/", ("1password.example", 443, "/")),
    "the longest host": (f"https://{LONGEST_HOST}/", (LONGEST_HOST, 443, "/")),
    "the longest label": (f"https://{LONGEST_LABEL}.example/", (f"{LONGEST_LABEL}.example", 443, "/")),
    "an at sign in the path": ("https://health.example/@web", ("health.example", 443, "/@web")),
    "a colon in the path": ("https://health.example/a:b", ("health.example", 443, "/a:b")),
}  # fmt: skip

REFUSED = {
    "nothing": "",
    "plain http": "http://health.example/",
    "another scheme": "ftp://health.example/",
    "a file": "file:///etc/passwd",
    "a scheme in capitals": "HTTPS://health.example/",
    "no scheme": "health.example/health",
    "no scheme but slashes": "//health.example/health",
    "no slashes": "https:health.example/",
    "one slash": "https:/health.example/",
    "three slashes": "https:///health.example/",
    "no host": "https://",
    "a user": "https://user@health.example/",
    "a user and a password": "https://user:password@health.example/",
    "an empty user": "https://@health.example/",
    "a host that is a user": "https://health.example@other.example/",
    "a backslash for a slash": "https://health.example\\@other.example/",
    "backslashes": "https:\\\\health.example\\",
    "a backslash in the path": "https://health.example/a\\b",
    "a query": "https://health.example/?a=b",
    "an empty query": "https://health.example/?",
    "a query without a path": "https://health.example?a",
    "a fragment": "https://health.example/#a",
    "an empty fragment": "https://health.example/#",
    "a fragment without a path": "https://health.example#@other.example",
    "parameters": "https://health.example/a;b",
    "IPv6": "https://[2600:1f18::1]/",
    "IPv6 loopback": "https://[::1]:8443/",
    "mapped IPv6": "https://[::ffff:169.254.169.254]/",
    "IPv6 on an interface": "https://[fe80::1%25eth0]/",
    "brackets around a name": "https://[health.example]/",
    "half a bracket": "https://[::1/",
    "an address with a future": "https://[v1.a]/",
    "IPv4": "https://11.0.0.1/",
    "IPv4 loopback": "https://127.0.0.1:8443/",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "a short address": "https://127.1/",
    "an address in one number": "https://2130706433/",
    "an octal address": "https://0177.0.0.1/",
    "an octal number": "https://017700000001/",
    "a hexadecimal address": "https://0x7f.0.0.1/",
    "a hexadecimal number": "https://0x7f000001/",
    "a hexadecimal last part": "https://127.0.0.0X1/",
    "a name whose last part is a number": "https://health.example.7/",
    "port 0": "https://health.example:0/",
    "port 65536": "https://health.example:65536/",
    "an empty port": "https://health.example:/",
    "a port with a zero before it": "https://health.example:0443/",
    "a port with a sign": "https://health.example:+443/",
    "a negative port": "https://health.example:-1/",
    "a port in letters": "https://health.example:https/",
    "a port in other digits": "https://health.example:٤٤٣/",
    "a port with white space": "https://health.example: 443/",
    "a very long port": "https://health.example:" + "4" * 200 + "/",
    "two ports": "https://health.example:443:443/",
    "white space before": " https://health.example/",
    "white space behind": "https://health.example/ ",
    "white space in the host": "https://health .example/",
    "white space in the path": "https://health.example/a b",
    "a line end behind": "https://health.example/\n",
    "a line end in the path": "https://health.example/a\r\nX-Injected:1",
    "a line end in the host": "https://health\r\n.example/",
    "a tab in the scheme": "ht\ttps://health.example/",
    "a tab in the host": "https://hea\tlth.example/",
    "a control character before": "\x01https://health.example/",
    "a control character in the path": "https://health.example/\x1b[31m",
    "a null": "https://health.example/\x00",
    "delete": "https://health.example/\x7f",
    "encoded dots": "https://health.example/%2e%2e/secret",
    "an encoded line end": "https://health.example/%0d%0a",
    "an encoded host": "https://health%2eexample/",
    "a dot at the end": "https://health.example./",
    "only a dot": "https://./",
    "a dot first": "https://.example/",
    "two dots": "https://health..example/",
    "a dash first": "https://-health.example/",
    "a dash last": "https://health-.example/",
    "an underscore": "https://health_web.example/",
    "a star": "https://*.example/",
    "an international name": "https://münchen.example/",
    "an ideographic full stop": "https://health。example/",
    "wide letters": "https://ｈealth.example/",
    "an invisible character": "https://health\u200b.example/",
    "a letter that becomes another": "https://\u212aafka.example/",
    "a letter that becomes two": "https://healthß.example/",
    "a dotted capital": "https://HEALTH\u0130.example/",
    "other letters in the path": "https://health.example/ü",
    "a path without a slash": "https://health.example:443x",
    "254 characters of host": f"https://{LONGEST_HOST}a/",
    "64 characters of label": f"https://{LONGEST_LABEL}a.example/",
    "a list": "https://a.example/,https://b.example/",
    "quotes": '"https://health.example/"',
    "braces": "https://health.example/{id}",
}


@pytest.mark.parametrize(("value", "parts"), [pytest.param(*case, id=name) for name, case in TAKEN.items()])
def test_a_plain_https_url_is_taken_apart(value: str, parts: tuple[str, int, str]) -> None:
    assert health_urls({TAG: value}) == (HealthUrl("web", *parts),)


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in REFUSED.items()])
def test_everything_else_is_refused_by_its_tags_name_without_being_repeated(value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        health_urls({TAG: value})
    assert TAG in str(refused.value)
    assert refused.value.__cause__ is None
    # The remedy begins like a URL as well, so what stands behind the scheme is looked for.
    echo = value.strip().removeprefix("https://")
    assert not echo or echo not in str(refused.value)


@pytest.mark.parametrize("name", ["", "-web", ".web", "a/b", "a b", "web\n", "wéb", "x" * 65])
def test_a_name_that_could_not_stand_in_an_event_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="has no name that can be used") as refused:
        health_urls({"vsync-rotation:health:" + name: "https://health.example/"})
    assert str(refused.value).isprintable()


def test_urls_are_told_in_the_order_of_their_names() -> None:
    tags = {f"vsync-rotation:health:{name}": f"https://{name}.example/" for name in ("web", "api", "Batch")}
    assert [url.name for url in health_urls(tags)] == ["Batch", "api", "web"]


def test_other_tags_are_no_health_urls() -> None:
    assert health_urls({"vsync-rotation:healthy": "x", "vsync-rotation:consumer:web": "x", "health:web": "x"}) == ()


@given(st.text() | st.from_regex(r"https://[a-zA-Z0-9.@:\[\]\\/?#%ſ_-]*", fullmatch=True))
def test_whatever_is_taken_holds_nothing_that_a_request_could_stumble_on(value: str) -> None:
    try:
        (url,) = health_urls({TAG: value})
    except SettingsError:
        return
    assert url.host.isascii()
    assert set(url.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert url.path.isascii()
    assert url.path.startswith("/")
    assert not set(url.path) & set(' \\?#%"<>\r\n\t')
    assert 1 <= url.port <= 65_535
