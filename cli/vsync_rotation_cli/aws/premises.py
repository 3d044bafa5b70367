"""What must be true of an account before anything is deployed into it.

See: https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping.html,
https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html
"""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Any, Final

from botocore.exceptions import ClientError

from vsync_rotation.aws.failures import code_of
from vsync_rotation.errors import RotationError, SettingsError
from vsync_rotation_cli.aws.session import Session, asking

# The CDK's own name for an environment that nobody renamed.
BOOTSTRAP_VERSION: Final = "/cdk-bootstrap/hnb659fds/version"


class Trail(Enum):
    """Whether the service's own rotation events will be seen."""

    RECORDS = auto()
    MISSING = auto()
    UNKNOWN = auto()


class Account:
    """The account and region behind the caller's credentials."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def id(self) -> str:
        """Its number; needs no permission."""
        with asking("STS", "GetCallerIdentity"):
            return self._session.sts.get_caller_identity()["Account"]

    def bootstrap_version(self) -> int | None:
        """The version of the CDK's bootstrap stack; None where there is none.

        Raises:
            RotationError: what is there is no version.
        """
        with asking("Systems Manager", "GetParameter"):
            try:
                answer = self._session.clients.systems_manager.get_parameter(Name=BOOTSTRAP_VERSION)
            except ClientError as error:
                if code_of(error) == "ParameterNotFound":
                    return None
                raise
        version = answer["Parameter"].get("Value", "0")
        if not (version.isascii() and version.isdigit()):
            raise SettingsError(
                f"parameter {BOOTSTRAP_VERSION} is no number, so that the CDK's bootstrap version is not known",
                remedy="bootstrap the account once more",
            )
        return int(version)

    def trail(self) -> Trail:
        """Whether a trail that is switched on records management events that write, in this region."""
        try:
            trails = self._trails()
            return Trail.RECORDS if any(self._records(arn) for arn in trails) else Trail.MISSING
        except RotationError:
            return Trail.UNKNOWN  # a trail of the organisation, for instance, tells its members nothing

    def _trails(self) -> list[str]:
        with asking("CloudTrail", "DescribeTrails"):
            answer = self._session.cloudtrail.describe_trails(includeShadowTrails=True)
        return [trail["TrailARN"] for trail in answer["trailList"]]

    def _records(self, trail: str) -> bool:
        with asking("CloudTrail", "GetTrailStatus"):
            if not self._session.cloudtrail.get_trail_status(Name=trail).get("IsLogging"):
                return False
        with asking("CloudTrail", "GetEventSelectors"):
            selectors: Any = self._session.cloudtrail.get_event_selectors(TrailName=trail)
        return _selects(selectors.get("EventSelectors", ())) or _selects_advanced(
            selectors.get("AdvancedEventSelectors", ())
        )


def _selects(selectors: Iterable[Any]) -> bool:
    """Rotation events write; a trail of reads only never has them."""
    return any(s.get("IncludeManagementEvents") and s.get("ReadWriteType", "All") != "ReadOnly" for s in selectors)


def _selects_advanced(selectors: Iterable[Any]) -> bool:
    fields = [{field["Field"]: field.get("Equals", []) for field in s.get("FieldSelectors", [])} for s in selectors]
    return any("Management" in f.get("eventCategory", []) and f.get("readOnly") != ["true"] for f in fields)
