"""CloudTrail's events of the rotation service."""

import json
from typing import Any

from simulator.run import FUNCTION
from tests.acceptance.conftest import Scene
from tests.acceptance.plays.playing import Play


def fails(scene: Scene, **detail: Any) -> Play:
    """One event of the service's own for every failing probe, as a trail would have it; `{}` becomes its name."""
    told: set[str] = set()

    def play() -> None:
        events, manager = scene.world.client("events", FUNCTION), scene.world.client("secretsmanager", FUNCTION)
        lead = scene.stage.run.probe_secret("failing-for-the-trail")
        for secret in manager.list_secrets(Filters=[{"Key": "name", "Values": [lead]}])["SecretList"]:
            if secret["ARN"] not in told:
                told.add(secret["ARN"])
                text = json.dumps({"eventName": "RotationFailed", **detail}).replace("{}", secret["ARN"])
                entry = {
                    "Source": "aws.secretsmanager",
                    "DetailType": "AWS Service Event via CloudTrail",
                    "Detail": text,
                }
                events.put_events(Entries=[entry])

    return play
