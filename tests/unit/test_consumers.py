"""The grammar of consumers' tags: what each kind takes, and that nothing else passes."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vsync_rotation.consumers import (
    CONSUMER,
    Consumer,
    ConsumerKind,
    MalformedConsumer,
    consumers,
    each_consumer,
)
from vsync_rotation.errors import SettingsError

LABEL: Final = "a" * 63
ACCEPTED: Final = {
    "ecs:main/web": (ConsumerKind.ECS, ("main", "web")),
    "ecs:Main_1/web-api": (ConsumerKind.ECS, ("Main_1", "web-api")),
    "lambda:shop-api_2": (ConsumerKind.LAMBDA, ("shop-api_2",)),
    f"lambda:{'f' * 64}": (ConsumerKind.LAMBDA, ("f" * 64,)),
    "eks:Main_1/shop/web": (ConsumerKind.EKS, ("Main_1", "shop", "web")),
    "eks:main/shop/web.v2.shop": (ConsumerKind.EKS, ("main", "shop", "web.v2.shop")),
    f"eks:main/{LABEL}/{'d' * 100}": (ConsumerKind.EKS, ("main", LABEL, "d" * 100)),
    "apprunner:shop": (ConsumerKind.APP_RUNNER, ("shop",)),
    f"apprunner:{'s' * 40}": (ConsumerKind.APP_RUNNER, ("s" * 40,)),
    "ssm:Shop-RestartUnit.v2": (ConsumerKind.SYSTEMS_MANAGER, ("Shop-RestartUnit.v2",)),
    "sns:rotated": (ConsumerKind.TOPIC, ("rotated",)),
    "sns:rotated.fifo": (ConsumerKind.TOPIC, ("rotated.fifo",)),
    f"sns:{'t' * 256}": (ConsumerKind.TOPIC, ("t" * 256,)),
}
REFUSED: Final = [
    "",
    ":",
    "web",
    "main/web",
    "esc:main/web",
    "ECS:main/web",
    " ecs:main/web",
    "ecs:",
    "ecs:web",
    "ecs:main/",
    "ecs:/web",
    "ecs:main/web/more",
    "ecs:main/web\n",
    "ecs:main/web ",
    "ecs:main\\web",
    "ecs:mäin/web",
    f"ecs:main/{'w' * 256}",
    "ecs:arn:aws:ecs:eu-central-1:123456789012:service/main/web",
    "lambda:shop:live",
    "lambda:arn:aws:lambda:eu-central-1:123456789012:function:shop",
    f"lambda:{'f' * 65}",
    "lambda:../shop",
    "eks:main/web",
    "eks:main/shop/web/more",
    "eks:main/Shop/web",
    "eks:main/shop/Web",
    "eks:main/shop.x/web",
    "eks:main/-shop/web",
    "eks:main/shop/web-",
    "eks:main/shop/web..v2",
    "eks:main/shop/.",
    "eks:main/shop/..",
    "eks:main/shop/web?x=1",
    "eks:main/shop/web%2fx",
    f"eks:main/{LABEL}a/web",
    f"eks:main/shop/{'d' * 254}",
    f"eks:{'c' * 101}/shop/web",
    "eks:_main/shop/web",
    "apprunner:abc",
    f"apprunner:{'s' * 41}",
    "apprunner:-shop",
    "ssm:AB",
    "ssm:AWS-RunShellScript",
    "ssm:aws-RunShellScript",
    "ssm:AmazonCloudWatch-ManageAgent",
    "ssm:amzn-own",
    "ssm:Restart; reboot",
    "ssm:arn:aws:ssm:eu-central-1:210987654321:document/Other",
    f"ssm:{'d' * 129}",
    "sns:rotated.fifo.fifo",
    "sns:rotated.fif",
    "sns:.fifo",
    "sns:arn:aws:sns:eu-central-1:210987654321:rotated",
    f"sns:{'t' * 257}",
    f"sns:{'t' * 252}.fifo",
    "ecs:main/web\u0000",
    "lambda:shop\u2028",
    "lambda:\u0661",
]


@pytest.mark.parametrize(("value", "parsed"), ACCEPTED.items())
def test_a_target_that_its_service_knows_is_taken(value: str, parsed: tuple[ConsumerKind, tuple[str, ...]]) -> None:
    (consumer,) = consumers({CONSUMER + "web": value})
    assert (consumer.name, (consumer.kind, consumer.parts)) == ("web", parsed)
    assert str(consumer) == value


def test_every_kind_has_an_accepted_target() -> None:
    assert {kind for kind, _ in ACCEPTED.values()} == set(ConsumerKind)


@pytest.mark.parametrize("value", REFUSED)
def test_anything_else_is_refused_and_the_tag_is_named(value: str) -> None:
    with pytest.raises(SettingsError, match="vsync-rotation:consumer:web") as caught:
        consumers({CONSUMER + "web": value})
    assert len(value) < 6 or value not in caught.value.what


@pytest.mark.parametrize("name", ["web", "Web.2", "a", "9", "a" * 64, "shop_web-2"])
def test_a_name_is_letters_digits_dots_dashes_and_underscores(name: str) -> None:
    (consumer,) = consumers({CONSUMER + name: "lambda:shop"})
    assert consumer.name == name


@pytest.mark.parametrize("name", ["", "-web", ".web", "_web", "a" * 65, "two words", "a/b", "a:b", "wéb", "web\n"])
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="has no name that can be used") as caught:
        consumers({CONSUMER + name: "lambda:shop"})
    assert str(caught.value).isascii()
    assert "\n" not in str(caught.value)


def test_consumers_come_in_the_order_of_their_names_and_other_tags_are_none() -> None:
    tags = {CONSUMER + "b": "lambda:b", "vsync-rotation:kind": "iam-access-key", CONSUMER + "a": "lambda:a"}
    assert [consumer.name for consumer in consumers(tags)] == ["a", "b"]
    assert each_consumer(tags) == consumers(tags)


def test_each_tag_by_itself_a_malformed_one_hides_no_other() -> None:
    tags = {CONSUMER + "a": "esc:x", CONSUMER + "b": "lambda:b", CONSUMER + "two words": "lambda:c"}
    bad, good, unnamed = each_consumer(tags)
    assert good == Consumer("b", ConsumerKind.LAMBDA, "b")
    assert isinstance(bad, MalformedConsumer)
    assert isinstance(unnamed, MalformedConsumer)
    assert (bad.name, unnamed.name) == ("a?", "two?words?")
    assert "consumer:a names no kind" in bad.error.what


texts = st.text(max_size=80) | st.sampled_from(REFUSED) | st.sampled_from(sorted(ACCEPTED))
tag_tables = st.dictionaries(st.text(max_size=80).map(lambda name: CONSUMER + name), texts, max_size=5)


@given(tag_tables)
def test_no_tag_is_too_strange_to_be_told_of(tags: dict[str, str]) -> None:
    """Names go into events and logs: of a malformed one as well nothing but plain characters is left."""
    found = each_consumer(tags)
    assert len(found) == len(tags)
    declared = {consumer.name for consumer in found if isinstance(consumer, Consumer)}
    for consumer in found:
        if isinstance(consumer, MalformedConsumer):
            assert consumer.name.isascii()
            assert consumer.name.isprintable()
            assert len(consumer.name) <= 65
            assert consumer.name not in declared


@given(st.sampled_from(sorted(ACCEPTED)), st.text(min_size=1, max_size=3), st.integers(0, 300))
def test_a_target_with_something_stuck_in_is_refused_or_still_plain(value: str, stuck: str, place: int) -> None:
    changed = value[:place] + stuck + value[place:]
    (found,) = each_consumer({CONSUMER + "web": changed})
    if isinstance(found, Consumer):
        assert str(found) == changed
        assert found.target.isascii()
        assert not set(found.target) & set(" :;?#%&=\\\"'\n\r\t\0")
        assert len(found.parts) == {ConsumerKind.ECS: 2, ConsumerKind.EKS: 3}.get(found.kind, 1)
        assert not {"", ".", ".."} & set(found.parts)
