"""An error as each protocol of AWS spells it, so that botocore finds code and message where it looks for them."""

import json
from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

from simulator.exchange import Answer

REQUEST_ID: Final = "00000000-0000-4000-8000-000000000000"


def error_answer(protocol: str, method: str, status: int, code: str, message: str) -> Answer:
    """The answer a service of this protocol gives; a HEAD has no body, so its caller learns the status only."""
    if method == "HEAD":
        return Answer(status, {"x-amz-request-id": REQUEST_ID}, b"")
    headers, body = _SPELLINGS.get(protocol, _json)(code, message)
    return Answer(status, {"x-amzn-requestid": REQUEST_ID, **headers}, body)


def _json(code: str, message: str) -> tuple[Mapping[str, str], bytes]:
    body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
    return {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}, body


def _query(code: str, message: str) -> tuple[Mapping[str, str], bytes]:
    body = (
        "<ErrorResponse><Error><Type>Sender</Type>"
        f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
    )
    return {"Content-Type": "text/xml"}, body.encode()


def _s3(code: str, message: str) -> tuple[Mapping[str, str], bytes]:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        f"<RequestId>{REQUEST_ID}</RequestId></Error>"
    )
    return {"Content-Type": "application/xml"}, body.encode()


_SPELLINGS: Final = {"json": _json, "rest-json": _json, "query": _query, "s3": _s3}
