"""Actors take turns at request boundaries and nowhere else, the same way every time, and nothing hangs."""

import contextvars
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from simulator import faults
from simulator.exchange import Request
from simulator.interleaving import (
    Actor,
    ActorFailedError,
    ActorStuckError,
    Ending,
    Play,
    PlayedTurn,
    Schedule,
    Turn,
    UnscheduledRequestError,
    interleave,
)
from simulator.schedules import Commute, NotRepeatableError, apart, explore, never
from simulator.world import World

BUCKET = "some-bucket"
MakeActor = Callable[..., Actor]


@pytest.fixture
def s3(world: World) -> Any:
    client = world.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": world.region})
    return client


@pytest.fixture
def writer(s3: Any) -> MakeActor:
    """An actor that writes its name to each of these keys in turn."""

    def make(name: str, *keys: str) -> Actor:
        def act() -> str:
            for key in keys:
                s3.put_object(Bucket=BUCKET, Key=key, Body=name.encode())
            return name

        return Actor(name, act)

    return make


def order(play: Play) -> str:
    """Whose requests left, in order."""
    return "".join(actor for actor, _ in play.sent)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        pytest.param((), "aaabbb", id="nothing said: the actors in their order"),
        pytest.param((Turn("b"),), "bbbaaa", id="one to its end"),
        pytest.param((Turn("a", 1), Turn("b", 2)), "abbaab", id="then the rest in the order of the actors"),
        pytest.param(tuple(Turn(name, 1) for name in "bababa"), "bababa", id="in turn"),
        pytest.param((Turn("a", 9), Turn("b", 1)), "aaabbb", id="more requests than there are"),
        pytest.param((Turn("a"), Turn("a", 1), Turn("b")), "aaabbb", id="one that has ended is passed over"),
    ],
)
def test_requests_leave_in_the_order_of_the_schedule(
    world: World, writer: MakeActor, schedule: Schedule, expected: str
) -> None:
    play = interleave(world, [writer("a", "1", "2", "3"), writer("b", "4", "5", "6")], schedule)
    assert order(play) == expected
    assert {name: ending.value for name, ending in play.endings.items()} == {"a": "a", "b": "b"}
    assert [request.status for _, request in play.sent] == [200] * 6


def test_who_is_held_up_has_not_sent_its_request_and_sees_what_the_other_did(world: World, s3: Any) -> None:
    def read() -> bytes:
        s3.head_bucket(Bucket=BUCKET)
        body: bytes = s3.get_object(Bucket=BUCKET, Key="k")["Body"].read()
        return body

    def write() -> None:
        s3.put_object(Bucket=BUCKET, Key="k", Body=b"written in between")

    play = interleave(world, [Actor("reader", read), Actor("writer", write)], (Turn("reader", 1), Turn("writer")))
    assert play.endings["reader"].value == b"written in between"


def test_a_turn_may_end_before_a_request_of_some_action(world: World, s3: Any) -> None:
    def act() -> None:
        s3.head_bucket(Bucket=BUCKET)
        s3.head_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="k", Body=b"")

    actors = [Actor(name, act) for name in "ab"]
    put = "s3:PutObject"
    schedule = (Turn("a", before=put), Turn("b", before=put), Turn("a", before=put), Turn("b", 1), Turn("a", 1, put))
    assert order(interleave(world, actors, schedule)) == "aabbba"
    assert order(interleave(world, actors, (Turn("a", 1, before=put), Turn("b", before="s3:GetObject")))) == "abbbaa"


def test_only_one_actor_runs_at_any_moment(world: World, s3: Any) -> None:
    inside: list[str] = []
    overlaps: list[list[str]] = []

    def act(name: str) -> None:
        for _ in range(5):
            inside.append(name)
            sum(range(2000))  # time in which another thread would show up
            if len(inside) > 1:
                overlaps.append(list(inside))
            inside.remove(name)
            s3.head_bucket(Bucket=BUCKET)

    actors = [Actor(name, lambda name=name: act(name)) for name in "abc"]  # type: ignore[misc]
    interleave(world, actors, tuple(Turn(name, 1) for name in "abc" * 5))
    assert overlaps == []


def test_the_same_schedule_gives_the_same_history(world: World, writer: MakeActor) -> None:
    schedule = (Turn("b", 2), Turn("a", 1), Turn("b"))
    first, second = (interleave(world, [writer("a", "1", "2"), writer("b", "1", "2", "3")], schedule) for _ in "12")
    assert first.told() == second.told()
    assert first.told().splitlines()[0] == "b: s3:PutObject /some-bucket/1 -> 200"


def test_functions_in_two_actors_keep_their_requests_and_their_output_apart(world: World, s3: Any) -> None:
    def handler(event: dict[str, str], _context: object) -> None:
        print(f"begun by {event['by']}")
        boto3.client("secretsmanager").list_secrets()
        print(f"ended by {event['by']}")
        boto3.client("secretsmanager").list_secrets()

    world.deploy("f", handler)
    actors = [Actor(name, lambda name=name: world.invoke("f", {"by": name})) for name in "ab"]  # type: ignore[misc]
    interleave(world, actors, tuple(Turn(name, 1) for name in "abab"))
    assert [invocation.output for invocation in world.functions.invocations] == [
        [f"begun by {name}", f"ended by {name}"] for name in "ab"
    ]
    assert [len(invocation.requests) for invocation in world.functions.invocations] == [2, 2]


def test_an_actor_has_a_context_of_its_own(world: World) -> None:
    note: contextvars.ContextVar[str] = contextvars.ContextVar("note", default="the caller's")
    seen: list[str] = []

    def act() -> None:
        seen.append(note.get())
        note.set("an actor's")

    interleave(world, [Actor("a", act), Actor("b", act)], ())
    assert (seen, note.get()) == (["the caller's"] * 2, "the caller's")


def test_faults_strike_a_request_when_its_turn_has_come(world: World, writer: MakeActor) -> None:
    may_fail = [Actor(name, writer(name, "1").act, may_fail=True) for name in "ab"]
    with world.watched_by(faults.deny(faults.nth(2, faults.any_request))):
        play = interleave(world, may_fail, (Turn("b"), Turn("a")))
    assert [(actor, request.status) for actor, request in play.sent] == [("b", 200), ("a", 403)]
    assert [type(play.endings[name].error).__name__ for name in "ba"] == ["NoneType", "AccessDenied"]


def test_requests_before_and_after_a_play_have_no_turns(world: World, s3: Any, writer: MakeActor) -> None:
    s3.head_bucket(Bucket=BUCKET)
    interleave(world, [writer("a", "1")], ())
    s3.head_bucket(Bucket=BUCKET)
    assert world.switchboard.observers == []


# Reports.


def test_an_actor_that_raises_is_reported_by_name_with_its_error_when_the_others_have_ended(
    world: World, s3: Any, writer: MakeActor
) -> None:
    def act() -> None:
        s3.head_bucket(Bucket=BUCKET)
        raise LookupError("nothing there")

    with pytest.raises(ActorFailedError, match="failing raised LookupError behind 1 requests") as failure:
        interleave(world, [Actor("failing", act), writer("b", "1", "2")], (Turn("failing"),))
    assert isinstance(failure.value.__cause__, LookupError)
    assert len(s3.list_objects_v2(Bucket=BUCKET)["Contents"]) == 2


def test_what_an_actor_raises_that_may_fail_is_its_ending(world: World) -> None:
    error = faults.FunctionCrashed("died")

    def act() -> None:
        raise error

    assert interleave(world, [Actor("a", act, may_fail=True)], ()).endings["a"].error is error


def test_a_deadlock_is_reported_with_everybodys_place_and_leaves_nobody_behind(world: World, s3: Any) -> None:
    lock = threading.Lock()

    def holds() -> None:
        with lock:
            s3.head_bucket(Bucket=BUCKET)
            s3.get_bucket_location(Bucket=BUCKET)

    def waits() -> None:
        s3.head_bucket(Bucket=BUCKET)
        with lock:
            s3.head_bucket(Bucket=BUCKET)

    actors = [Actor("holder", holds), Actor("waiter", waits)]
    with pytest.raises(ActorStuckError) as stuck:
        interleave(world, actors, (Turn("holder", 1), Turn("waiter")), limit_seconds=0.2)
    assert "waiter had the turn" in str(stuck.value)
    assert "waiter is behind s3:HeadBucket" in str(stuck.value)
    assert "test_interleaving.py" in str(stuck.value)
    assert "holder waits before request 2, s3:GetBucketLocation" in str(stuck.value)
    assert {thread.name for thread in threading.enumerate()} & {"holder", "waiter"} == set()
    assert world.switchboard.observers == []


def test_a_thread_that_stays_stuck_does_not_hang_the_caller_and_sends_nothing_more(world: World, s3: Any) -> None:
    never_set, tried = threading.Event(), threading.Event()

    def act() -> None:
        never_set.wait()
        try:
            s3.put_object(Bucket=BUCKET, Key="late", Body=b"")
        finally:
            tried.set()

    with pytest.raises(ActorStuckError, match="stuck has not begun"):
        interleave(world, [Actor("stuck", act)], (), limit_seconds=0.2)
    never_set.set()
    assert tried.wait(20)
    assert [request.status for request in world.requests if request.operation == "PutObject"] == [None]


def test_a_request_from_a_thread_that_an_actor_started_is_refused_and_reported(world: World, s3: Any) -> None:
    def act() -> None:
        thread = threading.Thread(target=refused)
        thread.start()
        thread.join()

    def refused() -> None:
        with pytest.raises(UnscheduledRequestError):
            s3.head_bucket(Bucket=BUCKET)

    with pytest.raises(UnscheduledRequestError, match=r"a thread that an actor started sent s3:HeadBucket"):
        interleave(world, [Actor("a", act)], ())


@pytest.mark.parametrize("schedule", [(Turn("nobody"),), (Turn("a", 0),), (Turn("a", -1),)])
def test_a_turn_for_nobody_or_for_no_request_is_refused(world: World, writer: MakeActor, schedule: Schedule) -> None:
    with pytest.raises(ValueError, match="no turn for any of"):
        interleave(world, [writer("a", "1")], schedule)


def test_actors_need_names_of_their_own(world: World, writer: MakeActor) -> None:
    with pytest.raises(ValueError, match="a name of its own"):
        interleave(world, [writer("a", "1"), writer("a", "2")], ())


# The search. Its plays are on paper but for one test: thousands of histories of nothing but names.


def on_paper(keys: dict[str, tuple[str, ...]], schedule: Schedule) -> Play:
    """What `interleave` makes of actors that write these keys, without a world."""
    left = {name: [written(key) for key in of] for name, of in keys.items()}
    ended: set[str] = set()
    turns: list[PlayedTurn] = []
    for turn in (*schedule, *map(Turn, keys)):
        if turn.actor not in ended:
            requests = tuple(left[turn.actor][: turn.requests])
            del left[turn.actor][: turn.requests]
            if not left[turn.actor]:
                ended.add(turn.actor)
            turns.append(PlayedTurn(turn.actor, requests))
    return Play(schedule, tuple(turns), dict.fromkeys(keys, Ending()))


def written(key: str) -> Request:
    return Request(1, "s3", "PutObject", "PUT", "host", f"/{BUCKET}/{key}", "", "s3", "")


def search(keys: dict[str, tuple[str, ...]], bound: int | None, commute: Commute = never) -> list[Play]:
    """Every play of these actors."""
    return list(explore(lambda schedule: on_paper(keys, schedule), tuple(keys), preemptions=bound, commute=commute))


def interleavings(counts: dict[str, int]) -> set[str]:
    """Every order in which so many letters of each can stand."""
    return {"".join(letters) for letters in itertools.permutations("".join(n * count for n, count in counts.items()))}


def test_a_world_is_searched_as_paper_is(world: World, writer: MakeActor) -> None:
    keys = {"a": ("1", "2", "3"), "b": ("2", "4")}

    def play(schedule: Schedule) -> Play:
        return interleave(world, [writer(name, *of) for name, of in keys.items()], schedule)

    played = list(explore(play, ("a", "b"), preemptions=None))
    assert [order(found) for found in played] == [order(found) for found in search(keys, None, apart)]
    assert [found.schedule for found in played] == [found.schedule for found in search(keys, None, apart)]


@pytest.mark.parametrize("counts", [{"a": 3, "b": 3}, {"a": 2, "b": 1, "c": 2}, {"a": 4, "b": 1}])
def test_without_a_bound_every_interleaving_is_played_once(counts: dict[str, int]) -> None:
    orders = [order(play) for play in search({name: ("k",) * count for name, count in counts.items()}, None)]
    assert sorted(orders) == sorted(interleavings(counts))


def preemptions(letters: str) -> int:
    """How often somebody was interrupted that had more to do."""
    pairs = enumerate(itertools.pairwise(letters), 1)
    return sum(one != other and one in letters[place:] for place, (one, other) in pairs)


@pytest.mark.parametrize("bound", [0, 1, 2, 3])
@pytest.mark.parametrize("counts", [{"a": 4, "b": 3}, {"a": 2, "b": 2, "c": 2}])
def test_with_a_bound_exactly_the_interleavings_within_it_are_played(counts: dict[str, int], bound: int) -> None:
    orders = [order(play) for play in search({name: ("k",) * count for name, count in counts.items()}, bound)]
    assert sorted(orders) == sorted(found for found in interleavings(counts) if preemptions(found) <= bound)


def swapped(history: tuple[tuple[str, str], ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    """This history with two neighbours of different actors swapped that write different keys."""
    for place, (first, second) in enumerate(itertools.pairwise(history)):
        if first[0] != second[0] and first[1] != second[1]:
            yield (*history[:place], second, first, *history[place + 2 :])


def classes(histories: set[tuple[tuple[str, str], ...]], of: set[tuple[tuple[str, str], ...]]) -> set[int]:
    """Which classes of equal histories occur, each named by one of its members."""
    named: dict[tuple[tuple[str, str], ...], int] = {}
    for number, start in enumerate(sorted(of)):
        todo = [start]
        while todo:
            history = todo.pop()
            if history not in named:
                named[history] = number
                todo += [other for other in swapped(history) if other in of]
    return {named[history] for history in histories}


@pytest.mark.parametrize("bound", [1, 2, None])
@pytest.mark.parametrize(
    "keys",
    [
        {"a": ("1", "2", "3", "4"), "b": ("3", "5", "1")},
        {"a": ("1", "1", "2"), "b": ("2", "3", "1")},
        {"a": ("1", "2", "3"), "b": ("4", "5", "6")},
    ],
)
def test_preemptions_that_cannot_matter_are_left_out_and_no_other_history_is_missed(
    keys: dict[str, tuple[str, ...]], bound: int | None
) -> None:
    def played(commute: Commute, limit: int | None) -> list[tuple[tuple[str, str], ...]]:
        return [tuple((actor, request.path) for actor, request in play.sent) for play in search(keys, limit, commute)]

    everything = set(played(never, None))
    full, reduced = played(never, bound), played(apart, bound)
    assert len(reduced) < len(full)
    assert set(reduced) <= set(full)
    assert classes(set(reduced), everything) == classes(set(full), everything)


def test_a_beginning_that_goes_another_way_is_noticed() -> None:
    lengths = itertools.count(4, -2)

    def play(schedule: Schedule) -> Play:
        return on_paper({"a": ("k",) * next(lengths), "b": ("k",)}, schedule)

    with pytest.raises(NotRepeatableError):
        list(explore(play, ("a", "b"), preemptions=1, commute=never))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("get k", "get k", True, id="two reads of one object"),
        pytest.param("get k", "put k", False, id="a read and a write of one object"),
        pytest.param("put k", "put other", True, id="writes of two objects"),
        pytest.param("list", "put k", False, id="a listing and a write"),
        pytest.param("list", "get k", True, id="a listing and a read"),
        pytest.param("put k", "describe secret", True, id="an object and a secret"),
        pytest.param("describe secret", "put secret", False, id="a read and a write of secrets"),
        pytest.param("put secret", "put secret", False, id="two writes of secrets"),
        pytest.param("put k", "make key", True, id="an object written by the operator and a key"),
        pytest.param("get k as a user", "make key", False, id="a read with a user's key, and a key"),
        pytest.param("who as a user", "list keys", False, id="a user's key in use, and what IAM tells of it"),
        pytest.param("make key", "list keys", False, id="a user's keys, made and listed"),
        pytest.param("make key", "tag", True, id="a user's keys and its tags"),
        pytest.param("tag", "tag", False, id="a user's tags, twice"),
        pytest.param("tell", "tell", True, id="two events"),
    ],
)
def test_what_may_swap_places(world: World, s3: Any, one: str, other: str, expected: bool) -> None:
    sm, iam, events = (world.client(name) for name in ("secretsmanager", "iam", "events"))
    sm.create_secret(Name="secret", SecretString="some value")
    iam.create_user(UserName="user")
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"")
    pair = iam.create_access_key(UserName="user")["AccessKey"]
    own = {"aws_access_key_id": pair["AccessKeyId"], "aws_secret_access_key": pair["SecretAccessKey"]}
    acts: dict[str, Callable[[], object]] = {
        "get k": lambda: s3.get_object(Bucket=BUCKET, Key="k"),
        "put k": lambda: s3.put_object(Bucket=BUCKET, Key="k", Body=b""),
        "put other": lambda: s3.put_object(Bucket=BUCKET, Key="other", Body=b""),
        "list": lambda: s3.list_objects_v2(Bucket=BUCKET),
        "describe secret": lambda: sm.describe_secret(SecretId="secret"),
        "put secret": lambda: sm.put_secret_value(SecretId="secret", SecretString="some value"),
        "make key": lambda: iam.create_access_key(UserName="user"),
        "tag": lambda: iam.tag_user(UserName="user", Tags=[{"Key": "k", "Value": "v"}]),
        "list keys": lambda: iam.list_access_keys(UserName="user"),
        "get k as a user": lambda: world.client("s3", **own).get_object(Bucket=BUCKET, Key="k"),
        "who as a user": lambda: world.client("sts", **own).get_caller_identity(),
        "tell": lambda: events.put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}]),
    }
    acts[one]()
    first = world.requests[-1]
    acts[other]()
    second = world.requests[-1]
    assert apart(first, second) is apart(second, first) is expected
