"""Templates filled in, without the construct library and without any AWS."""

import re
from typing import Any

import pytest

from cdk.rendering import Rendering, RenderingError

ACCOUNT, REGION = "123456789012", "eu-central-1"


def template(resources: dict[str, Any] | None = None, **sections: Any) -> dict[str, Any]:
    return {"Resources": resources or {}, **sections}


def rendering(**templates: dict[str, Any]) -> Rendering:
    return Rendering({name.replace("_", "-"): made for name, made in templates.items()}, ACCOUNT, REGION)


def filled(value: Any, **sections: Any) -> Any:
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "Path": "/vsync/"}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Join": ["-", ["all", "news"]]}}},
    }
    return rendering(one=template(resources, **sections)).value("one", value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "AWS::AccountId"}, ACCOUNT),
        ({"Ref": "AWS::Region"}, REGION),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Ref": "AWS::StackName"}, "one"),
        ({"Ref": "Role"}, "reader"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:role/vsync/reader"),
        ({"Fn::GetAtt": "Role.Arn"}, f"arn:aws:iam::{ACCOUNT}:role/vsync/reader"),
        ({"Ref": "Topic"}, f"arn:aws:sns:{REGION}:{ACCOUNT}:all-news"),
        ({"Fn::GetAtt": ["Topic", "TopicName"]}, "all-news"),
        ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::b"]]}, "arn:aws:s3:::b"),
        ({"Fn::Join": ["/", {"Fn::Split": [":", "a:b"]}]}, "a/b"),
        ({"Fn::Select": [1, ["a", {"Ref": "Role"}]]}, "reader"),
        ({"Fn::Select": ["5", {"Fn::Split": [":", {"Ref": "Topic"}]}]}, "all-news"),
        ({"Fn::Sub": "${Role}-${Topic.TopicName}-${AWS::Region}"}, f"reader-all-news-{REGION}"),
        ({"Fn::Sub": ["${x}-${Role}", {"x": {"Ref": "AWS::AccountId"}}]}, f"{ACCOUNT}-reader"),
        ({"Fn::Sub": "user/${!aws:username}"}, "user/${aws:username}"),
        ("user/${aws:username}", "user/${aws:username}"),
        ({"A": [1, True, None, {"B": {"Ref": "Role"}}]}, {"A": [1, True, None, {"B": "reader"}]}),
        ({"A": {"Ref": "AWS::NoValue"}, "B": [{"Ref": "AWS::NoValue"}, 2]}, {"B": [2]}),
    ],
)
def test_everything_the_stacks_use_is_filled_in(value: Any, expected: Any) -> None:
    assert filled(value) == expected


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"Fn::Base64": "x"}, "Fn::Base64 is not one of the functions"),
        ({"Fn::If": ["Condition", "a", "b"]}, "Fn::If is not one of the functions"),
        ({"Ref": "Nobody"}, "no resource Nobody in one"),
        ({"Fn::GetAtt": ["Role", "RoleId"]}, r"RoleId of Role \(AWS::IAM::Role\) is not known"),
        ({"Fn::Sub": "${Nobody}"}, "no resource Nobody"),
        ({"Fn::Sub": "${Role.RoleId}"}, "RoleId of Role"),
        ({"Fn::ImportValue": "nothing"}, "no stack exports nothing"),
        ({"Fn::Select": [2, ["a", "b"]]}, "item 2 of 2"),
        ({"Fn::Join": ["", [["a"]]]}, "text was expected"),
        ({"deep": [{"inside": {"Fn::Cidr": []}}]}, "Fn::Cidr"),
    ],
)
def test_what_cannot_be_filled_in_is_an_error_that_names_the_stack(value: Any, complaint: str) -> None:
    with pytest.raises(RenderingError, match=f"^one: .*{complaint}"):
        filled(value)


def test_an_unknown_type_of_resource_is_an_error() -> None:
    made = rendering(one=template({"Strange": {"Type": "AWS::New::Thing"}}))
    with pytest.raises(RenderingError, match=r"Ref of Strange \(AWS::New::Thing\) is not known"):
        made.value("one", {"Ref": "Strange"})


def test_what_refers_to_itself_is_an_error() -> None:
    made = rendering(
        one=template({"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Topic"}}}})
    )
    with pytest.raises(RenderingError, match="one Topic: it refers to itself"):
        made.properties("one", "Topic")


def test_a_parameter_is_its_default() -> None:
    parameters = {"Given": {"Type": "String", "Default": "x"}}
    assert filled({"Ref": "Given"}, Parameters=parameters) == "x"


@pytest.mark.parametrize(
    "parameter", [{"Type": "String"}, {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk/version"}]
)
def test_a_parameter_that_only_a_deployment_knows_is_an_error(parameter: dict[str, Any]) -> None:
    with pytest.raises(RenderingError, match="the parameter Later has no value"):
        filled({"Ref": "Later"}, Parameters={"Later": parameter})


def test_an_import_is_what_the_other_stack_exports() -> None:
    exporting = template(
        {"Key": {"Type": "AWS::KMS::Key"}},
        Outputs={
            "KeyArn": {
                "Value": {"Fn::GetAtt": ["Key", "Arn"]},
                "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:Key"}},
            },
            "Unexported": {"Value": {"Fn::GetAtt": ["Key", "Nothing"]}},
            "Unimported": {"Value": {"Fn::GetAtt": ["Key", "Nothing"]}, "Export": {"Name": "unimported"}},
        },
    )
    made = rendering(base=exporting, user=template())
    arn = made.value("user", {"Fn::ImportValue": "base:Key"})
    assert arn == made.attribute("base", "Key", "Arn")
    assert re.fullmatch(rf"arn:aws:kms:{REGION}:{ACCOUNT}:key/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}", arn)


def test_a_secrets_arn_ends_in_six_characters_and_stays_the_same() -> None:
    secret = template({"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "acme/prod/X"}}})
    first, again = (rendering(one=secret).value("one", {"Ref": "Secret"}) for _ in range(2))
    assert re.fullmatch(rf"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:acme/prod/X-\w{{6}}", first)
    assert first == again
    assert rendering(two=secret).value("two", {"Ref": "Secret"}) != first


def test_real_attributes_take_the_place_of_stand_ins_and_other_attributes_stay() -> None:
    resources = {
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "x"}},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
    given = {("one", "Secret"): {"Ref": "arn:real"}, ("one", "Queue"): {"Arn": "arn:queue"}}
    made = Rendering({"one": template(resources)}, ACCOUNT, REGION, given=given)
    assert made.value("one", [{"Ref": "Secret"}, {"Fn::GetAtt": ["Queue", "Arn"]}]) == ["arn:real", "arn:queue"]
    assert made.attribute("one", "Queue", "QueueUrl").startswith(
        f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/one-Queue-"
    )


def test_a_name_that_nobody_gave_is_made_of_stack_and_logical_id_with_a_suffix_as_long_as_cloudformations() -> None:
    made = rendering(my_stack=template({"Role": {"Type": "AWS::IAM::Role"}, "Bucket": {"Type": "AWS::S3::Bucket"}}))
    assert re.fullmatch(r"my-stack-Role-\w{12}", made.attribute("my-stack", "Role", "Ref"))
    assert re.fullmatch(r"arn:aws:s3:::my-stack-bucket-[a-z0-9]{12}", made.attribute("my-stack", "Bucket", "Arn"))


def test_arns_are_of_the_partition_that_was_asked_for() -> None:
    resources = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b"}}}
    made = Rendering({"one": template(resources)}, ACCOUNT, "cn-north-1", "aws-cn")
    assert made.value("one", {"Fn::GetAtt": ["Bucket", "Arn"]}) == "arn:aws-cn:s3:::b"
    assert made.value("one", {"Ref": "AWS::URLSuffix"}) == "amazonaws.com.cn"


def test_resources_of_a_type_are_found_in_every_stack_with_their_properties_filled_in() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "AWS::StackName"}}}
    made = rendering(a=template({"T": topic, "Q": {"Type": "AWS::SQS::Queue"}}), b=template({"T": topic}))
    found = [(r.stack, r.logical_id, r.properties) for r in made.resources("AWS::SNS::Topic")]
    assert found == [("a", "T", {"DisplayName": "a"}), ("b", "T", {"DisplayName": "b"})]
