"""The embedded AWS of this process: moto behind its doors, on a loopback port that stays the same until the end.

One per process because moto's state is the process's, and constant because functions keep their clients for longer
than a world lasts.
"""

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from simulator.doors import Door, FrontDoor
from simulator.service_application import ServiceApplication
from simulator.wire import InProcess, Socket

HOST: Final = "127.0.0.1"


class _Quiet(MotoRequestHandler):
    """The record of a run is `world.requests`, not a line on standard error."""

    def log(self, *_: Any) -> None: ...


def _service(name: Any) -> Any:
    application = create_backend_app(name)
    # moto's own pages are templates of the web framework's.
    return application if name == "moto_api" else ServiceApplication(application)


class _Dispatcher(DomainDispatcherApplication):
    """moto looks through its folder of services twice per request to find the one; here each host is looked up once."""

    def __init__(self) -> None:
        super().__init__(_service)
        self._backends: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]


@dataclass(frozen=True, slots=True)
class Server:
    """The application, where it listens, and the two ways to reach it."""

    port: int
    doors: list[Door]
    in_process: InProcess
    socket: Socket

    @property
    def endpoint_url(self) -> str:
        return f"http://{HOST}:{self.port}"


@cache
def server() -> Server:
    """Start the server on first use; it ends with the process."""
    doors: list[Door] = []
    application = FrontDoor(_Dispatcher(), doors)
    listener = make_server(HOST, 0, application, threaded=True, request_handler=_Quiet)
    threading.Thread(target=listener.serve_forever, daemon=True, name="embedded-aws").start()
    return Server(listener.server_port, doors, InProcess(application), Socket())


def empty_aws() -> None:
    """Forget every resource of every service."""
    moto_api_backend.reset()
