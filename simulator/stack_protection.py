"""A stack that is protected from deletion is not deleted; moto heeds that nowhere and cannot change it.

Apart from the corrections that every world has, since moto's CloudFormation loads all the services that it can make
things of.

See: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from simulator.corrections.correction import Correction, Replacement, in_force

_OPERATION: Final = "UpdateTerminationProtection"


@contextmanager
def protected_stacks() -> Iterator[None]:
    """Inside the block protection holds, and can be put on and lifted."""
    with in_force(_CORRECTION):
        yield


def _with_protection(before: Any) -> Any:
    """moto looks for an operation among the methods of its class, and there is none to replace."""

    def call_action(self: Any) -> Any:
        if self._get_action() != _OPERATION:
            return before(self)
        try:
            result: Any = _update(self)
        except ServiceException as error:
            result = error
        status, headers, body = self.serialized(ActionResult(result))
        return status, *self._enrich_response(headers, body)

    return call_action


def _update(request: Any) -> dict[str, str]:
    stack = request.cloudformation_backend.get_stack(request._get_param("StackName"))  # noqa: SLF001 - moto's own way
    stack.enable_termination_protection = request._get_param("EnableTerminationProtection")  # noqa: SLF001
    return {"StackId": stack.stack_id}


def _unless_protected(before: Any) -> Any:
    def delete_stack(self: Any, name_or_stack_id: str) -> None:
        for stack in self.stacks.values():
            if name_or_stack_id in (stack.name, stack.stack_id) and stack.enable_termination_protection:
                message = f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
                raise ValidationError(message=message)
        before(self, name_or_stack_id)

    return delete_stack


_CORRECTION: Final = Correction(
    "protected stacks are not deleted",
    (
        Replacement(CloudFormationResponse, "call_action", _with_protection),
        Replacement(CloudFormationBackend, "delete_stack", _unless_protected),
    ),
)
