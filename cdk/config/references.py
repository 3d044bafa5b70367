"""Accounts, regions and ARNs: always full ones, so that no policy is wider than what was meant."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cdk.config.forms import Form, quoted

_NAME: Final = r"[A-Za-z0-9_+=,.@-]"
_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12}|aws):"
    r"(?P<resource>.+)"
)

ACCOUNT: Final = Form.matching(r"[0-9]{12}", 'the account\'s twelve digits in quotes, such as "111122223333"')
# The directions are all that AWS has used so far; with them a typing error shows here and not at the deployment.
REGION: Final = Form.matching(
    r"(us-gov|[a-z]{2})-(north|south|central|(north|south)?(east|west))-[1-9]",
    "a region's name, such as eu-central-1",
)


@dataclass(frozen=True, slots=True)
class Home:
    """Where the deployment goes. Empty strings where the file does not say it well: then nothing is compared."""

    account: str
    region: str

    @property
    def partition(self) -> str:
        """The partition of the region."""
        return partition_of(self.region)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource: its service, the form of an ARN's last part and how that is written.

    `pasted` is what to say besides where a text does not even begin as an ARN does.
    """

    what: str
    service: str
    resource: re.Pattern[str]
    spelled: str
    pasted: str = ""


# Names: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
SECRET: Final = Kind(
    "a secret",
    "secretsmanager",
    re.compile(r"secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"),
    "secret:<name>-<its last six characters>",
    "; no value of a secret belongs in this file: if you pasted one, rotate it",
)
# Paths and names: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
USER: Final = Kind("an IAM user", "iam", re.compile(rf"user/({_NAME}+/)*{_NAME}{{1,64}}"), "user/<path/name>")
PRINCIPAL: Final = Kind(
    "a role or an IAM user (no session, no wildcard)",
    "iam",
    re.compile(rf"(role|user)/({_NAME}+/)*{_NAME}{{1,64}}"),
    "role/<path/name>",
)
POLICY: Final = Kind("a managed policy", "iam", re.compile(rf"policy/({_NAME}+/)*{_NAME}{{1,128}}"), "policy/<name>")
# See: https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html
KEY: Final = Kind(
    "a KMS key (no alias)",
    "kms",
    re.compile(r"key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"),
    "key/<key id>",
)
# Neither rules nor alarms publish to a FIFO topic.
TOPIC: Final = Kind("a standard SNS topic", "sns", re.compile(r"[A-Za-z0-9_-]{1,256}"), "<topic>")

_GLOBAL: Final = frozenset({"iam"})
# Whose policies everybody may name.
_AWS: Final = "aws"


def arn_here(kind: Kind, home: Home) -> Form:
    """The full ARN of something in the deployment's account and region."""
    return _arn(kind, home.region, home.account, lambda account: _other_account(account, home.account))


def arn_anywhere_in(kind: Kind, region: str, home: Home) -> Form:
    """The full ARN of something in a region, of whatever account of the deployment's partition."""
    return _arn(kind, region, home.account, _no_account)


def boundary_of(home: Home) -> Form:
    """The full ARN of a managed policy that can be a permissions boundary: the account's own, or one of AWS's."""

    def wrong_account(account: str) -> str | None:
        return None if account == _AWS else _other_account(account, home.account)

    return _arn(POLICY, home.region, home.account, wrong_account)


def partition_of(region: str) -> str:
    """The partition of a region, as ARNs begin with it."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _arn(kind: Kind, region: str, account: str, wrong_account: Callable[[str], str | None]) -> Form:
    place = "" if kind.service in _GLOBAL else region or "<region>"
    partition = partition_of(region)
    meaning = f"arn:{partition}:{kind.service}:{place}:{account or '<account>'}:{kind.spelled}"

    def wrong(text: str) -> str | None:
        arn = _ARN.fullmatch(text)
        if arn is None or arn["service"] != kind.service or not kind.resource.fullmatch(arn["resource"]):
            return _no_arn(text, kind, meaning)
        if region and arn["partition"] != partition:
            return f"is in the partition {arn['partition']}, {region} is in {partition}; name one of that partition"
        if region and arn["region"] != place:
            return f"is in {arn['region'] or 'no region'}, and must be in {place or 'none'}; write {meaning}"
        return wrong_account(arn["account"])

    return Form(meaning, wrong)


def _no_arn(text: str, kind: Kind, meaning: str) -> str:
    """Anything may have been pasted, a secret's value too: only what begins as an ARN does is repeated."""
    if text.startswith("arn:"):
        return f"{quoted(text)} is no full ARN of {kind.what}; write {meaning}"
    return f"is no full ARN of {kind.what}; write {meaning}{kind.pasted}"


def _no_account(account: str) -> str | None:
    return "is of account aws, which owns no such thing; write its account's twelve digits" if account == _AWS else None


def _other_account(account: str, ours: str) -> str | None:
    if not ours or account == ours:
        return None
    return f"is of account {account}, this file is for {ours}; name one of that account"
