"""What others' checkers say of the templates: cdk-nag, cfn-lint, parliament; and that no secret material is in any."""

import json
import re
import warnings
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from cdk.nag_acknowledgements import ANYWHERE, WILDCARDS
from cdk.names import FUNCTIONS
from cdk.rendered_identities import identities
from tests.infrastructure.assemblies import Assembled

with warnings.catch_warnings():
    # It opens its data when it is imported, and leaves closing it to the garbage collector.
    warnings.simplefilter("ignore", ResourceWarning)
    from parliament import analyze_policy_string

Of = Callable[[str], Assembled]
ALL: Final = ("example", "everything")

# Access key ids, blobs, private keys, and what looks like a secret access key or one of our passphrases: forty or more
# characters of base64 with small letters, capitals and digits among them.
KNOWN_SHAPES: Final = re.compile(r"(AKIA|ASIA)[A-Z2-7]{16}|vsync-cfg-v1:[A-Za-z0-9_-]{20}|-----BEGIN")
# What one stack gives another is called so by the construct library.
EXPORT: Final = re.compile(r"\bExportsOutput(Ref|FnGetAtt)[A-Za-z0-9]+")
# Files of ours in the zips: the functions', and the shared package in the layer.
OURS: Final = re.compile(rf"({'|'.join(FUNCTIONS)}|python/vsync_rotation)/")
LONG_WORD: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/]{40,44}={0,2}(?![A-Za-z0-9+/_-])")


@pytest.mark.parametrize("name", ALL)
def test_cdk_nag_has_no_finding_that_nobody_acknowledged(of: Of, name: str) -> None:
    report = json.loads((of(name).folder / "validation-report.json").read_text())
    assert [violation for plugin in report["pluginReports"] for violation in plugin["violations"]] == []
    assert any(plugin["suppressedViolations"] for plugin in report["pluginReports"])  # it did look


def test_every_acknowledgement_is_needed_somewhere(of: Of) -> None:
    said = " ".join((of(name).folder / "validation-report.json").read_text() for name in ALL)
    for known in (*ANYWHERE, *WILDCARDS):
        assert known.reason in said, known.rule


def test_cfn_lint_finds_nothing(of: Of) -> None:
    """In what has everything, and where the example has more; the others are made of the same constructs."""
    everything = {kind for template in of("everything").templates.values() for kind in types(template)}
    looked_at = [("everything", stack) for stack in of("everything").templates]
    looked_at += [("example", name) for name, found in of("example").templates.items() if types(found) - everything]
    for name, stack in looked_at:
        here = ManualArgs(regions=[of(name).deployment.region])
        text = (of(name).folder / f"{stack}.template.json").read_text()
        assert [f"{stack}: {match}" for match in lint(text, config=here)] == []


def types(template: Mapping[str, Any]) -> set[str]:
    return {resource["Type"] for resource in template["Resources"].values()}


@pytest.mark.parametrize("name", ALL)
def test_parliament_finds_nothing_wrong_with_any_policy(of: Of, name: str) -> None:
    for where, document in policies(of(name)):
        analyzed: Any = analyze_policy_string(json.dumps(document))  # type: ignore[no-untyped-call]
        found = [finding for finding in analyzed.findings if not _is_meant(finding)]
        assert [f"{where}: {finding.issue} {finding.detail}" for finding in found] == []


def _is_meant(finding: Any) -> bool:
    """What parliament does not know.

    A command is sent to documents and to nodes, each in a statement of its own, for the nodes have a condition. Composite
    alarms are told to `*` alone. What Lambda demands of a function in a network is denied to the function's own code
    beside it, by a condition key that Lambda adds to its requests to any service.
    """
    match finding.issue:
        case "RESOURCE_MISMATCH":
            return [each["action"] for each in finding.detail] == ["ssm:SendCommand"]
        case "UNKNOWN_CONDITION_FOR_ACTION":
            return "lambda:SourceFunctionArn" in finding.detail
        case "RESOURCE_STAR":
            return all(action.startswith("ec2:") or action == "cloudwatch:DescribeAlarms" for action in finding.detail)
    return False


def policies(assembled: Assembled) -> Iterator[tuple[str, Any]]:
    """Whatever roles and users hold, inline or attached.

    Parliament is not asked about trust and resource policies: the exact tables of privilege/test_documents.py cover them.
    """
    for identity in identities(assembled.rendering):
        for document in identity.documents:
            yield f"{identity.made.stack} {identity.made.logical_id}", document


@pytest.mark.parametrize("name", ALL)
def test_no_role_has_a_wildcard_action(of: Of, name: str) -> None:
    for where, document in policies(of(name)):
        for statement in document["Statement"]:
            actions = statement["Action"]
            assert "*" not in "".join([actions] if isinstance(actions, str) else actions), where


# Nothing narrower is offered for these; composite alarms are told to nothing narrower.
ON_EVERYTHING: Final = {
    "cloudwatch:DescribeAlarms",
    "secretsmanager:ListSecrets",
    "apprunner:ListServices",
    "ssm:ListCommands",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}


@pytest.mark.parametrize("name", ALL)
def test_only_what_takes_no_resource_is_allowed_on_everything(of: Of, name: str) -> None:
    for where, document in policies(of(name)):
        for statement in document["Statement"]:
            if statement["Resource"] == "*":
                actions = statement["Action"]
                assert {actions} <= ON_EVERYTHING if isinstance(actions, str) else set(actions) <= ON_EVERYTHING, where


def test_no_template_holds_secret_material(of: Of) -> None:
    for name in (*ALL, "many"):
        names = {logical_id for template in of(name).templates.values() for logical_id in template["Resources"]}
        for path in of(name).folder.glob("*.template.json"):
            assert_clean(path.name, path.read_text(), names)


def test_no_asset_holds_secret_material_of_ours(of: Of) -> None:
    """The layer's wheels are others' work, checked by their hashes."""
    searched: set[str] = set()
    for path in of("example").folder.glob("asset.*.zip"):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.namelist():
                if entry.endswith(".py") and OURS.match(entry):
                    assert_clean(entry, archive.read(entry).decode())
                    searched.add(entry.removeprefix("python/").partition("/")[0])
    assert searched == {*FUNCTIONS, "vsync_rotation"}


def assert_clean(where: str, text: str, names: Collection[str] = ()) -> None:
    """`names` are those of resources, which may be as long as a secret."""
    assert KNOWN_SHAPES.search(text) is None, where
    for word in set(LONG_WORD.findall(EXPORT.sub("", text))) - set(names):
        kinds = [any(test(letter) for letter in word) for test in (str.islower, str.isupper, str.isdigit)]
        assert not all(kinds), f"{where}: {len(word)} characters that look like a secret"


def test_the_search_for_secret_material_finds_it() -> None:
    for planted in (
        "AKIA" + "EXAMPLE2" * 2,
        "vsync-cfg-v1:" + "H4sIAAAAAAAAA" * 3,
        "aB3" * 13 + "x",
    ):
        with pytest.raises(AssertionError):
            assert_clean("planted", f'{{"Value": "{planted}"}}')
