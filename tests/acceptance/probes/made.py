"""Making what may be there already: a question that is asked again goes on with what it made before."""

from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

_THERE: Final = frozenset({"EntityAlreadyExists", "ResourceExistsException", "ResourceConflictException"})


def made(create: Callable[..., Any], **parameters: Any) -> bool:
    """Create it. Whether it was made now; False if it was there."""
    try:
        create(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] in _THERE:
            return False
        raise
    return True
