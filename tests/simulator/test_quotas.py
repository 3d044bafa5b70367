"""Token buckets in virtual time: what they admit at once and in the long run, and what a client sees beyond that."""

from collections.abc import Callable

import pytest

from simulator.quotas import Meter, Quota, Throttle, TokenBucket
from simulator.world import World

PUT = "secretsmanager:PutSecretValue"
GET = "secretsmanager:GetSecretValue"


def quota(per_second: float = 2, burst: float = 3, *actions: str, name: str = "writes") -> Quota:
    return Quota(name, frozenset(actions or (PUT,)), per_second, burst)


def admitted(meter: Meter, action: str, times: list[float]) -> list[bool]:
    return [meter.admits(action, at) for at in times]


def test_a_full_bucket_admits_its_burst_at_once_and_no_more() -> None:
    assert admitted(Meter([quota(2, 3)]), PUT, [0.0] * 5) == [True, True, True, False, False]


def test_an_empty_bucket_admits_again_after_the_time_one_token_takes() -> None:
    meter = Meter([quota(2, 1)])
    assert admitted(meter, PUT, [0.0, 0.49, 0.5, 0.99, 1.0]) == [True, False, True, False, True]


def test_a_quiet_time_never_saves_up_more_than_the_burst() -> None:
    meter = Meter([quota(2, 3)])
    meter.admits(PUT, 0.0)
    assert admitted(meter, PUT, [1000.0] * 4) == [True, True, True, False]


@pytest.mark.parametrize("per_second", [0.1, 3.0, 50.0])
def test_in_the_long_run_as_many_are_admitted_as_the_rate_says(per_second: float) -> None:
    # A burst of two: with one, what is gained between two questions would overflow and be lost.
    bucket, count = TokenBucket(per_second, 2), 0
    for tick in range(10_000):
        if bucket.has_one(tick / 100):
            bucket.take()
            count += 1
    assert count == pytest.approx(100 * per_second, abs=2)


def test_refused_requests_take_no_token() -> None:
    meter = Meter([quota(1, 1)])
    assert admitted(meter, PUT, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]) == [True, False, False, False, False, True]


def test_operations_of_one_quota_share_it_and_others_are_free() -> None:
    meter = Meter([quota(1, 1, PUT, GET)])
    assert [meter.admits(action, 0.0) for action in (PUT, GET, "iam:TagUser")] == [True, False, True]


def test_a_star_covers_every_operation_of_the_service() -> None:
    meter = Meter([quota(1, 1, "iam:*")])
    assert [meter.admits(action, 0.0) for action in ("iam:TagUser", "iam:ListUserTags", PUT)] == [True, False, True]


def test_a_request_that_one_quota_refuses_takes_nothing_from_another() -> None:
    meter = Meter([quota(1, 2, name="wide"), quota(1, 1, name="narrow")])
    assert admitted(meter, PUT, [0.0, 0.0, 1.0]) == [True, False, True]
    assert (meter.admitted, meter.refused) == ({"wide": 2, "narrow": 2}, {"narrow": 1})


def test_a_divided_quota_keeps_at_least_one_request_of_burst() -> None:
    assert quota(50, 50).divided_by(10) == quota(5, 5)
    assert quota(50, 50).divided_by(100) == quota(0.5, 1)


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0.5)])
def test_a_quota_that_admits_nothing_is_refused(per_second: float, burst: float) -> None:
    with pytest.raises(ValueError, match="a rate is above 0"):
        quota(per_second, burst)


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("secretsmanager", lambda client: client.list_secrets(), "ThrottlingException"),
        ("iam", lambda client: client.list_users(), "Throttling"),
        ("s3", lambda client: client.list_buckets(), "SlowDown"),
    ],
)
def test_beyond_its_quota_a_client_is_told_in_the_services_own_words(
    world: World,
    code_of: Callable[[Callable[[], object]], str],
    service: str,
    call: Callable[[object], object],
    code: str,
) -> None:
    world.clock.stand_still()
    client = world.client(service)
    throttle = Throttle([quota(1, 1, f"{service}:*")], world.clock.monotonic)
    with world.watched_by(throttle):
        assert code_of(lambda: call(client)) == "none"
        assert code_of(lambda: call(client)) == code
        world.clock.advance(1)
        assert code_of(lambda: call(client)) == "none"
    assert [request.service for request in throttle.refused] == [service]
