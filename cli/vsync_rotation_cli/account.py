"""The account a deployment file is about, opened with the caller's credentials."""

from cdk.config.model import Deployment
from vsync_rotation_cli.aws.premises import Account
from vsync_rotation_cli.aws.session import Session, choose
from vsync_rotation_cli.refused import RefusedError


def opened(deployment: Deployment, profile: str | None) -> Session:
    """Clients in the file's region.

    Raises:
        RefusedError: the credentials are another account's.
    """
    choose(deployment.region, profile)
    session = Session()
    caller = Account(session).id()
    if caller != deployment.account:
        raise RefusedError(
            f"these credentials are of account {caller}, {deployment.name} is for account {deployment.account}; "
            "use others, or name a profile with --profile"
        )
    return session
