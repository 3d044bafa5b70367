"""CloudWatch alarms that gate a deletion."""

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.failures import translated


class Alarms:
    """Implements `keys.ports.Alarms`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def is_ok(self, name: str) -> bool:
        """Whether the alarm is OK; one that is missing or has no data is not."""
        with translated("CloudWatch", "DescribeAlarms"):
            answer = self._clients.cloudwatch.describe_alarms(
                AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        alarms = [alarm["StateValue"] for alarm in answer.get("MetricAlarms", [])]
        alarms += [alarm["StateValue"] for alarm in answer.get("CompositeAlarms", [])]
        return alarms == ["OK"]
