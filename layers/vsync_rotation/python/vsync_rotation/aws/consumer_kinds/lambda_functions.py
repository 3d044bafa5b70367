"""Lambda functions: a change of the configuration retires every execution environment of `$LATEST`.

Environments that were initialised before it serve no new invocation afterwards, and what a function read into memory at
its start is read again. The change is an environment variable that holds the version id, so that it is harmless, tells
a repetition, and shows which version a function started with.

Published versions, and aliases that name them, keep their configuration and are not recycled by this. Whether callers
use them cannot be known from here: functions that are called so have to read the secret again by themselves.

See: https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.refusals import asking
from vsync_rotation.consumers import Consumer
from vsync_rotation.errors import ConcurrentChangeError, RotationError, SettingsError, UnreachableError
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

_SERVICE: Final = "Lambda"
VERSION_VARIABLE: Final = "VSYNC_ROTATION_VERSION"
# What an application boots from. As a variable it is a copy made when the function was deployed.
_COPIES: Final = frozenset({"VSYNC_CONFIG", "VSYNC_PASSPHRASE"})
# All names and values together. The service has the last word; this keeps most refusals from being tried at all.
# See: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MAX_ENVIRONMENT_BYTES: Final = 4_096
_REASON_CODES: Final = 60


class LambdaFunctions:
    """Restarts `lambda:<function>`.

    Needs lambda:GetFunctionConfiguration and lambda:UpdateFunctionConfiguration on the function, and where a customer's
    key encrypts its variables, kms:Decrypt and kms:Encrypt for that. No variable's value is logged or kept.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def restart(self, consumer: Consumer, order: Order) -> Restarted | UnderWay:
        """Set the variable, all others kept, only if nobody has changed the function since it was read.

        Repeating it does nothing: the variable has the version id already.

        Raises:
            SettingsError: the variables cannot be read (writing them would wipe them), hold a copy of the secret's
                value, or have no room; or there is no such function.
            ConcurrentChangeError: another change is under way, or came first.
        """
        configuration = self._configuration(consumer)
        variables = _variables(configuration)
        if variables.get(VERSION_VARIABLE) == order.version_id and configuration.get("LastUpdateStatus") != "Failed":
            return _begun(configuration, order.version_id)
        changed = {**variables, VERSION_VARIABLE: order.version_id}
        if sum(len(name.encode()) + len(value.encode()) for name, value in changed.items()) > _MAX_ENVIRONMENT_BYTES:
            raise _refused(f"the variables of function {consumer.target} have no room for {VERSION_VARIABLE}")
        revision = configuration.get("RevisionId")
        if not revision:
            # Without it the change could undo somebody else's.
            raise UnreachableError("Lambda told no revision of the function", remedy="let it be tried again")
        with asking(_SERVICE, "UpdateFunctionConfiguration", _refusals(consumer)):
            answer = self._clients.functions.update_function_configuration(
                FunctionName=consumer.target, Environment={"Variables": changed}, RevisionId=revision
            )
        return _begun(answer, order.version_id)

    def follow(self, consumer: Consumer, handle: str) -> Restarted | UnderWay | Failed:
        """How far the latest change is; one that somebody made after ours recycles the environments as well."""
        configuration = self._configuration(consumer)
        if configuration.get("LastUpdateStatus") == "Failed":
            code = configuration.get("LastUpdateStatusReasonCode", "no reason given")
            return Failed(f"the change of the configuration failed ({code[:_REASON_CODES]})")
        return _begun(configuration, handle)

    def _configuration(self, consumer: Consumer) -> "FunctionConfigurationResponseTypeDef":
        with asking(_SERVICE, "GetFunctionConfiguration", _refusals(consumer)):
            return self._clients.functions.get_function_configuration(FunctionName=consumer.target)


def _variables(configuration: "FunctionConfigurationResponseTypeDef") -> Mapping[str, str]:
    environment = configuration.get("Environment", {})
    if "Error" in environment:
        raise _refused("the function's variables cannot be read, and writing them would wipe them (is its key denied?)")
    variables = environment.get("Variables", {})
    copies = sorted(_COPIES & variables.keys())
    if copies:
        # Recycled environments would start with the same old copy, and seem restarted.
        raise _refused(f"{' and '.join(copies)} is a variable, with the value of its deployment: deploy it again")
    return variables


def _begun(configuration: "FunctionConfigurationResponseTypeDef", version_id: str) -> Restarted | UnderWay:
    return UnderWay(version_id) if configuration.get("LastUpdateStatus") == "InProgress" else Restarted()


def _refusals(consumer: Consumer) -> dict[str, RotationError]:
    function = consumer.target
    return {
        "ResourceNotFoundException": _refused(f"there is no function {function}"),
        "InvalidParameterValueException": _refused(f"Lambda takes no such change of function {function}"),
        "ResourceConflictException": ConcurrentChangeError(
            f"another change of function {function} is under way", remedy="let it be tried again"
        ),
        "PreconditionFailedException": ConcurrentChangeError(
            f"function {function} was changed by somebody else meanwhile", remedy="let it be tried again"
        ),
    }


def _refused(what: str) -> SettingsError:
    return SettingsError(what, remedy="let the function read the secret when it starts, or restart it by hand")
