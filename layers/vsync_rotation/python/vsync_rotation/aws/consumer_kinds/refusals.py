"""A service's refusals that tell more than "not now": by error code, each with what a person can do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import ClientError

from vsync_rotation.aws.failures import code_of, translated
from vsync_rotation.errors import RotationError


@contextmanager
def asking(service: str, operation: str, refusals: Mapping[str, RotationError]) -> Iterator[None]:
    """Raise the error listed for the code that the service answers with; any other answer as `translated` has it.

    No message of the service goes into these: it may quote what it was sent.
    """
    with translated(service, operation):
        try:
            yield
        except ClientError as error:
            refusal = refusals.get(code_of(error))
            if refusal is None:
                raise
            raise refusal from None
