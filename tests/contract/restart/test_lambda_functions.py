"""Lambda functions: a variable changes, every other one stays, and where that would do harm nothing changes."""

from typing import Any, Final

import pytest

from tests.contract.restart.conftest import VERSION_ID
from tests.contract.restart.declared import declared
from tests.contract.restart.local_services import LocalServices, refusal
from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.consumer_kinds.lambda_functions import LambdaFunctions
from vsync_rotation.errors import ConcurrentChangeError, SettingsError, UnreachableError
from vsync_rotation.rollouts import Failed, Order, Restarted, UnderWay

SHOP: Final = declared("lambda:shop-api")
OTHERS: Final = {"LOG_LEVEL": "debug", "DATABASE_PASSWORD": "known-to-the-function-alone"}
REVISION: Final = "aaaaaaaa-1111-4222-8333-444444444444"


def configuration(variables: dict[str, str] | None = None, status: str = "Successful", **more: Any) -> dict[str, Any]:
    told = {"FunctionName": "shop-api", "RevisionId": REVISION, "LastUpdateStatus": status, **more}
    return told if variables is None else {**told, "Environment": {"Variables": variables}}


def test_one_variable_is_set_and_all_others_are_kept(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("GetFunctionConfiguration", configuration(OTHERS))
    services.prepare("UpdateFunctionConfiguration", configuration(status="InProgress"))
    assert LambdaFunctions(clients).restart(SHOP, order) == UnderWay(VERSION_ID)
    look, change = services.asked
    assert look.parameters == {"FunctionName": "shop-api"}
    assert change.parameters == {
        "FunctionName": "shop-api",
        "Environment": {"Variables": {**OTHERS, "VSYNC_ROTATION_VERSION": VERSION_ID}},
        "RevisionId": REVISION,
    }


def test_a_function_without_variables_gets_its_first(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("GetFunctionConfiguration", configuration())
    services.prepare("UpdateFunctionConfiguration", configuration())
    assert LambdaFunctions(clients).restart(SHOP, order) == Restarted()
    assert services.asked[1].parameters["Environment"] == {"Variables": {"VSYNC_ROTATION_VERSION": VERSION_ID}}


@pytest.mark.parametrize(
    ("status", "progress"), [("Successful", Restarted()), ("InProgress", UnderWay(VERSION_ID))], ids=["done", "at it"]
)
def test_a_repetition_changes_nothing(
    services: LocalServices, clients: Clients, order: Order, status: str, progress: object
) -> None:
    variables = {"VSYNC_ROTATION_VERSION": VERSION_ID}
    services.prepare("GetFunctionConfiguration", configuration(variables, status))
    assert LambdaFunctions(clients).restart(SHOP, order) == progress


def test_a_change_that_failed_is_made_again(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("GetFunctionConfiguration", configuration({"VSYNC_ROTATION_VERSION": VERSION_ID}, "Failed"))
    services.prepare("UpdateFunctionConfiguration", configuration(status="InProgress"))
    assert LambdaFunctions(clients).restart(SHOP, order) == UnderWay(VERSION_ID)


UNREADABLE: Final[dict[str, Any]] = {
    "Environment": {"Error": {"ErrorCode": "AccessDeniedException", "Message": "a stranger's words"}}
}
FULL: Final = {"NAME": "x" * (4_096 - len("NAME") - len("VSYNC_ROTATION_VERSION") - len(VERSION_ID) + 1)}


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        pytest.param(configuration(**UNREADABLE), "would wipe them", id="variables that cannot be read"),
        pytest.param(configuration({"VSYNC_CONFIG": "v"}), "deploy it again", id="the blob is a variable"),
        pytest.param(configuration({"VSYNC_PASSPHRASE": "v"}), "deploy it again", id="the passphrase is a variable"),
        pytest.param(configuration(FULL), "no room", id="one byte too many"),
        pytest.param(refusal("ResourceNotFoundException", 404), "no function shop-api", id="no such function"),
    ],
)
def test_what_would_do_harm_or_nothing_is_refused_and_nothing_changes(
    services: LocalServices, clients: Clients, order: Order, found: Any, finding: str
) -> None:
    services.prepare("GetFunctionConfiguration", found)
    with pytest.raises(SettingsError, match=finding) as caught:
        LambdaFunctions(clients).restart(SHOP, order)
    assert services.operations() == ["GetFunctionConfiguration"]
    assert "stranger" not in str(caught.value)


def test_an_environment_that_is_just_full_is_written(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("GetFunctionConfiguration", configuration({"NAME": FULL["NAME"][1:]}))
    services.prepare("UpdateFunctionConfiguration", configuration())
    assert LambdaFunctions(clients).restart(SHOP, order) == Restarted()


def test_without_a_revision_nothing_is_changed(services: LocalServices, clients: Clients, order: Order) -> None:
    services.prepare("GetFunctionConfiguration", {"FunctionName": "shop-api", "LastUpdateStatus": "Successful"})
    with pytest.raises(UnreachableError, match="no revision"):
        LambdaFunctions(clients).restart(SHOP, order)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ResourceConflictException", 409, ConcurrentChangeError),
        ("PreconditionFailedException", 412, ConcurrentChangeError),
        ("InvalidParameterValueException", 400, SettingsError),
        ("ResourceNotFoundException", 404, SettingsError),
        ("CodeVerificationFailedException", 400, UnreachableError),
    ],
)
def test_a_refused_change_tells_whether_it_may_pass(
    services: LocalServices, clients: Clients, order: Order, code: str, status: int, kind: type[Exception]
) -> None:
    services.prepare("GetFunctionConfiguration", configuration(OTHERS))
    services.prepare("UpdateFunctionConfiguration", refusal(code, status))
    with pytest.raises(kind) as caught:
        LambdaFunctions(clients).restart(SHOP, order)
    assert "stranger" not in str(caught.value)


@pytest.mark.parametrize(
    ("found", "progress"),
    [
        (configuration(OTHERS), Restarted()),
        (configuration(OTHERS, "InProgress"), UnderWay(VERSION_ID)),
        (
            configuration(OTHERS, "Failed", LastUpdateStatusReasonCode="KMSKeyAccessDenied"),
            Failed("the change of the configuration failed (KMSKeyAccessDenied)"),
        ),
        (configuration(**UNREADABLE), Restarted()),
    ],
    ids=["done", "at it", "failed", "done, though its variables cannot be read"],
)
def test_a_change_is_followed_to_its_end(
    services: LocalServices, clients: Clients, found: Any, progress: object
) -> None:
    services.prepare("GetFunctionConfiguration", found)
    assert LambdaFunctions(clients).follow(SHOP, VERSION_ID) == progress
