"""Events on the default bus, best effort: a rotation never fails because nobody could be told.

See: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

import json

from vsync_rotation.aws.clients import Clients
from vsync_rotation.aws.failures import translated
from vsync_rotation.engine.ports import Journal
from vsync_rotation.errors import RotationError
from vsync_rotation.events import SOURCE, Detail


class EventBus:
    """Implements `engine.ports.EventSink`.

    `serves` is which of many installations of the functions this one is, so that the rules of another need not tell its
    people; None: there is one, and no event says so.
    """

    def __init__(self, clients: Clients, journal: Journal, serves: str | None) -> None:
        self._clients = clients
        self._journal = journal
        self._whose: Detail = {} if serves is None else {"served_by": serves}

    def emit(self, detail_type: str, detail: Detail) -> None:
        """Send one event and read the answer: a 200 may still carry a refused entry."""
        entry = {"Source": SOURCE, "DetailType": detail_type, "Detail": json.dumps(detail | self._whose)}
        try:
            with translated("EventBridge", "PutEvents"):
                answer = self._clients.events.put_events(Entries=[entry])  # type: ignore[list-item]  # a plain dict of the entry's three texts
        except RotationError as error:
            self._journal.error("event not sent", event=detail_type, reason=error.what)
            return
        except Exception as error:  # noqa: BLE001 - best effort is promised, whatever is wrong with the bus
            self._journal.error("event not sent", event=detail_type, reason=type(error).__name__)
            return
        if answer["FailedEntryCount"]:
            codes = [str(failed.get("ErrorCode")) for failed in answer["Entries"]]
            self._journal.error("event refused", event=detail_type, reason=", ".join(codes))
