"""What is found out once is what would be found out each time; and the bare applications answer as moto's own do."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.auth
import botocore.utils
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.hooks import EventAliaser
from moto.iam.responses import IamResponse
from moto.moto_api._internal.moto_random import MotoRandom
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.responses import S3Response
from moto.secretsmanager.responses import SecretsManagerResponse

from simulator.corrections.correction import Replacement
from simulator.memoised import MEMOISED
from simulator.service_application import ServiceApplication
from simulator.wire import InProcess
from simulator.world import World

SECRET_KEYS = ("a-secret-access-key-of-a-test", "another-secret-access-key-of-a-test", "with/a slash+é")
BODIES = (None, b"", b"bytes", "text with é", {"Action": "ListUsers", "Version": "2010-05-08", "Path": "/ä b/"})


def replacement(name: str) -> Replacement:
    (found,) = (item for item in MEMOISED.replacements if item.name == name)
    return found


def both(name: str) -> tuple[Any, Any]:
    """What stands there without a world, and what a world puts in its place."""
    item = replacement(name)
    before = vars(item.owner)[name]
    return before, item.make(before)


@pytest.fixture(autouse=True)
def no_world_runs(running_world: World) -> Iterator[None]:
    """These look at moto and the SDK as they are without one."""
    running_world.stop()
    yield
    running_world.start()


def test_signatures_are_the_sdk_s_for_any_key_day_region_and_service() -> None:
    before, instead = both("signature")
    seen = set()
    for secret in SECRET_KEYS:
        for day in ("20260301", "20260302"):
            for region in ("eu-central-1", "us-east-1"):
                for service, kind in (("s3", S3SigV4Auth), ("iam", SigV4Auth)):
                    auth = kind(Credentials("AKIA0000000000000000", secret), service, region)
                    request = AWSRequest("GET", "http://127.0.0.1/")
                    request.context["timestamp"] = f"{day}T120000Z"
                    for text in ("one", "two"):
                        assert instead(auth, text, request) == before(auth, text, request)
                        seen.add(before(auth, text, request))
    assert len(seen) == 3 * 2 * 2 * 2 * 2


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("body", BODIES)
def test_a_request_s_body_is_what_preparing_all_of_it_gives(method: str, body: Any) -> None:
    before, instead = both("body")
    request = AWSRequest(method, "http://127.0.0.1/a?b=c", {"X-A": "b"}, body, {"q": "1"})
    assert instead.fget(request) == before.fget(request)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:5000/a/b",
        "https://example.com:443/",
        "http://example.com:80",
        "https://user@EXAMPLE.com:8443/",
        "http://[::1]:5000/",
    ],
)
def test_a_host_is_read_out_of_an_address_as_the_sdk_does(url: str) -> None:
    before, instead = both("_host_from_url")
    assert instead(url) == instead(url) == before(url)


@pytest.mark.parametrize("value", [0, 1772366400.4, 1772366400, "1772366400", "2026-03-01T12:00:00.400Z", "2026-03-01T12:00:00+02:00", "Sun, 01 Mar 2026 12:00:00 GMT"])  # fmt: skip
def test_an_instant_in_an_answer_is_read_as_the_sdk_does(value: Any) -> None:
    before, instead = both("_parse_timestamp_with_tzinfo")
    (*_, zone) = botocore.utils.get_tzinfo_options()
    for _ in range(2):
        found, expected = instead(value, zone), before(value, zone)
        assert (found, found.utcoffset()) == (expected, expected.utcoffset())


def test_what_is_no_instant_is_refused_every_time() -> None:
    _, instead = both("_parse_timestamp_with_tzinfo")
    (*_, zone) = botocore.utils.get_tzinfo_options()
    for _ in range(2):
        with pytest.raises(ValueError, match="Invalid timestamp"):
            instead("yesterday", zone)


@pytest.mark.parametrize("service", [SecretsManagerResponse, IamResponse, S3Response])
def test_a_service_has_the_operations_that_its_class_has(service: type) -> None:
    before, instead = both("method_names_from_class")
    assert instead(service) == set(before(service))


@pytest.mark.parametrize("region", ["eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1", "aws", "nowhere-9"])
def test_a_region_is_in_the_partition_that_moto_says(region: str) -> None:
    before, instead = both("get_partition")
    assert instead(region) == before(region)


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost:80", "xn--bcher-kva.example"])
def test_an_address_is_put_together_as_the_web_framework_does(host: str) -> None:
    before, instead = both("get_current_url")
    for details in ((), ("",), ("/root", "/a b/é"), ("", "/a", b"q=%C3%A9")):
        assert instead("http", host, *details) == before("http", host, *details)


def test_a_client_s_events_have_its_session_s_aliases() -> None:
    before, instead = both("__copy__")
    names = [f"before-call.{service}.Do" for service in ("s3", "secretsmanager", "cloudwatch", "ecs", "events")]
    names += ["before-parameter-build.lex-runtime-service.Post", "provide-client-params.api.gateway.X", ""]
    session: Any = boto3.Session(region_name="eu-central-1")._session.get_component("event_emitter")
    assert isinstance(session, EventAliaser)
    one, other = instead(session), before(session)
    for name in names:
        assert one._alias_event_name(name) == other._alias_event_name(name) == one._alias_event_name(name)


@pytest.mark.parametrize("digits", [True, False])
@pytest.mark.parametrize("lower", [True, False])
def test_random_texts_are_as_long_as_moto_s_of_the_same_letters_and_follow_the_seed(digits: bool, lower: bool) -> None:
    before, instead = both("get_random_string")
    texts = {}
    for draw in (before, instead):
        random = MotoRandom()
        random.seed(7)
        texts[draw] = [draw(random, 500, digits, lower) for _ in range(20)]
        random.seed(7)
        assert texts[draw] == [draw(random, 500, digits, lower) for _ in range(20)]
    assert {len(text) for text in texts[instead]} == {500}
    assert len(set(texts[instead])) == 20
    assert set("".join(texts[instead])) == set("".join(texts[before]))


# Several by each client, and of several services: what one has found out must not mislead the next.
CALLS: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "secretsmanager": (lambda client: client.list_secrets(),),
    "iam": (lambda client: client.list_users(), lambda client: client.list_roles()),
    "sts": (lambda client: client.get_caller_identity(),),
    "ssm": (lambda client: client.get_parameter(Name="/a"),),
    "s3": (
        lambda client: client.list_buckets(),
        lambda client: client.list_objects_v2(Bucket="bucket-a", Prefix="x"),
        lambda client: client.head_object(Bucket="bucket-b", Key="a b/é"),
        lambda client: client.head_object(Bucket="Not.A.Host", Key="a"),
        lambda client: client.write_get_object_response(RequestRoute="route", RequestToken="token"),
    ),
    "events": (lambda client: client.list_rules(), lambda client: client.list_event_buses()),
}


def asked() -> list[str]:
    """The addresses that the SDK asks; they are answered by nobody."""
    addresses: list[str] = []

    class AskedError(Exception):
        pass

    def stop(request: Any, **_: Any) -> None:
        addresses.append(request.url)
        raise AskedError

    make: Any = boto3.client
    for service, calls in CALLS.items():
        client = make(service, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
        client.meta.events.register("before-send", stop)
        for call in calls * 2:
            with pytest.raises(AskedError):
                call(client)
    return addresses


def test_a_request_goes_where_the_sdk_sends_it(running_world: World) -> None:
    without = asked()
    running_world._applied.apply(MEMOISED)
    try:
        assert asked() == without
    finally:
        running_world._applied.undo()
    assert len(set(without)) >= len(CALLS) + 4


HERE = b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"
REQUESTS: list[tuple[str, str, str, dict[str, str], bytes]] = [
    ("secretsmanager", "POST", "/", {"X-Amz-Target": "secretsmanager.ListSecrets"}, b"{}"),
    ("secretsmanager", "POST", "/", {"X-Amz-Target": "secretsmanager.DescribeSecret"}, b'{"SecretId":"absent"}'),
    ("secretsmanager", "GET", "/nowhere?a=b", {}, b""),
    ("secretsmanager", "POST", "//nowhere//else?a=b", {}, b"{}"),
    ("iam", "POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=ListUsers&Version=2010-05-08"),
    ("iam", "POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=GetUser&UserName=absent"),
    ("s3", "PUT", "/bucket-of-this-test", {}, HERE),
    ("s3", "PUT", "/bucket-of-this-test/a%20b/%C3%A9?x-id=PutObject", {"x-amz-meta-a_b": "c"}, b"some bytes"),
    ("s3", "GET", "/bucket-of-this-test/a%20b/%C3%A9", {"Range": "bytes=0-3"}, b""),
    ("s3", "HEAD", "/bucket-of-this-test/a%20b/%C3%A9", {}, b""),
    ("s3", "GET", "/bucket-of-this-test/absent", {"If-None-Match": "*"}, b""),
    ("s3", "GET", "/bucket-of-this-test?list-type=2&prefix=a", {}, b""),
    ("s3", "PUT", "/bucket-of-this-test//a//b", {}, b"x"),
    ("s3", "GET", "/bucket-of-this-test//a//b?x=1", {}, b""),
    ("s3", "DELETE", "/bucket-of-this-test//a//b", {}, b""),
    ("s3", "DELETE", "/no-such-bucket/key", {}, b""),
]
# Headers that Flask's own extensions add for browsers, and what differs from answer to answer.
_OF_NOBODY = {"access-control-allow-origin", "vary", "x-amzn-requestid", "x-amz-request-id", "x-amz-id-2"}


def answers(application: Any, service: str) -> list[Any]:
    from moto.moto_api._internal import mock_random
    from moto.moto_api._internal.models import moto_api_backend

    moto_api_backend.reset()
    mock_random.seed(1)
    found = []
    for name, method, path, headers, body in REQUESTS:
        if name != service:
            continue
        signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential=AKIA/20260301/eu-central-1/{name}/aws4_request, "}
        request: Any = AWSRequest(method, f"http://127.0.0.1:5000{path}", {**signed, **headers}, body).prepare()
        answer = InProcess(application).send(request)
        kept = {key.lower(): text for key, text in answer.headers.items() if key.lower() not in _OF_NOBODY}
        found.append((path, answer.status_code, kept, answer.content))
    return found


@pytest.mark.parametrize("service", ["secretsmanager", "iam", "s3"])
def test_a_bare_application_answers_as_moto_s_own_does(service: Any) -> None:
    application = create_backend_app(service)
    expected = answers(application, service)
    assert answers(ServiceApplication(application), service) == expected
    assert {200, 404} <= {status for _, status, _, _ in expected}
