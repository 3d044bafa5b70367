"""One service of moto as a WSGI application: its routes and its handlers, and nothing around them.

moto wraps each service into a Flask application. What that adds to finding a handler and calling it (contexts,
sessions, signals, headers for browsers) no AWS service has, and it is a sixth of what a request costs here.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from botocore.exceptions import ClientError
from flask import Flask
from moto.core.request import Request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

Handler = Callable[[Request, str, dict[str, str]], Any]
# What Flask names the type of an answer whose handler names none.
_UNNAMED: Final = "text/html"
# One path for most services; of S3's the names of objects.
_KEPT_PATHS: Final = 4096


class _Request(Request):
    # A server of its own took the request, and it is that which dates the answer.
    from_wsgi_server = True


class _Response(Response):
    default_mimetype = _UNNAMED


class ServiceApplication:
    """Answers as the application that it is made of would."""

    def __init__(self, application: Flask) -> None:
        self._routes = application.url_map
        self._handler = lru_cache(_KEPT_PATHS)(self._find)
        views: dict[str, Any] = dict(application.view_functions)
        # Each is moto's own wrapper around a handler, which takes the request from Flask's context.
        self._handlers: dict[str, Handler] = {endpoint: view.callback for endpoint, view in views.items()}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            handler = self._handler(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            response = _answer(handler, _Request(environ))
        except HTTPException as error:
            response = error.get_response(environ)
        answer: Iterable[bytes] = response(environ, start_response)
        return answer

    def _find(self, method: str, path: str) -> Handler:
        """By method and path alone, which is what moto's routes go by."""
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "localhost", "wsgi.url_scheme": "http"}
        endpoint, _ = self._routes.bind_to_environ(environ).match()
        return self._handlers[endpoint]


def _answer(handler: Handler, request: Request) -> Response:
    try:
        result = handler(request, request.raw_url, dict(request.headers))
    except ClientError as error:
        result = 400, {}, error.response["Error"]["Message"]
    status, headers, content = result if len(result) == 3 else (200, {}, result)  # moto's two forms
    response = _Response(response=content, status=status, headers=headers)
    if request.method == "HEAD" and "content-length" in headers:
        response.headers["Content-Length"] = headers["content-length"]  # of what a GET would give
    return response
