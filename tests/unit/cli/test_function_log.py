"""Where a function writes its log: as it is configured, and by Lambda's default where that cannot be seen."""

from typing import Any

import pytest
from botocore.stub import Stubber

from simulator.world import World
from vsync_rotation_cli.aws.function_log import FunctionLog
from vsync_rotation_cli.aws.session import Session

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:rota-1-rotate_iam_access_key"


def group(answer: dict[str, Any] | None) -> str:
    session = Session()
    with Stubber(session.clients.functions) as stubber:
        if answer is None:
            stubber.add_client_error("get_function_configuration", "AccessDeniedException", http_status_code=403)
        else:
            stubber.add_response("get_function_configuration", answer, {"FunctionName": ARN})
        return FunctionLog(session, ARN).group


@pytest.mark.usefixtures("world")
class TestLogGroup:
    def test_the_configured_group_counts(self) -> None:
        assert group({"LoggingConfig": {"LogGroup": "stack-Log-ABC"}}) == "stack-Log-ABC"

    def test_without_one_it_is_named_after_the_function(self) -> None:
        assert group({}) == "/aws/lambda/rota-1-rotate_iam_access_key"

    def test_where_the_function_may_not_be_looked_at_it_is_the_default(self) -> None:
        assert group(None) == "/aws/lambda/rota-1-rotate_iam_access_key"


def test_a_function_that_is_gone_is_no_reason_to_fail(world: World) -> None:
    assert world.account_id in ARN
    assert FunctionLog(Session(), ARN).group == "/aws/lambda/rota-1-rotate_iam_access_key"
