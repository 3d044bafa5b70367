"""Pure functions of moto and the SDK that every request, or every client, calls anew with the same few arguments.

Each is answered once per argument. What goes over the wire and what a service answers stay what they were, byte for
byte; tests/simulator/test_memoised.py holds every one to the function it stands for.
"""

import hmac
from collections.abc import Callable
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any, Final

import botocore.auth
import botocore.regions
import botocore.utils
import moto.core.responses
import werkzeug.sansio.request
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.hooks import EventAliaser
from botocore.regions import EndpointRulesetResolver
from moto.moto_api._internal.moto_random import MotoRandom

from simulator.corrections.correction import Correction, Replacement, instead

# A world has a handful of credentials, and a suite makes new ones in every test.
_KEPT_SIGNING_KEYS: Final = 256
_KEPT_TIMESTAMPS: Final = 4096
_KEPT_ADDRESSES: Final = 4096


def _method_names(before: Callable[[type], list[str]]) -> Callable[[type], frozenset[str]]:
    """The operations of a service; moto goes through all attributes of its class for each request."""
    return cache(lambda service: frozenset(before(service)))


@lru_cache(_KEPT_SIGNING_KEYS)
def _signing_key(secret_access_key: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret_access_key}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), sha256)
    return key


def _signature(self: Any, string_to_sign: str, request: Any) -> str:
    """The SDK derives the signing key for each signature; it is the same for a day."""
    day = request.context["timestamp"][0:8]
    key = _signing_key(self.credentials.secret_key, day, self._region_name, self._service_name)
    return hmac.digest(key, string_to_sign.encode(), sha256).hex()


def _timestamps(before: Callable[..., Any]) -> Callable[..., Any]:
    """Answers tell of the same few instants again and again, each of them whole: none is read by the clock."""
    return lru_cache(_KEPT_TIMESTAMPS)(before)


def _alias_names(before: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A client has its session's aliases of events, and may as well have what that has found out by them."""

    def copied(self: Any) -> Any:
        copy = before(self)
        copy._alias_name_cache = self._alias_name_cache  # noqa: SLF001 - there is no other way to it
        return copy

    return copied


def _endpoint_providers(before: Callable[..., Any]) -> Callable[..., Any]:
    """The tree of rules by which a service's endpoint is found: built from the same data for each client."""
    # With its data, so that no other may ever have the same identity.
    made: dict[tuple[int, frozenset[str]], tuple[Any, Any]] = {}

    def provider(ruleset_data: Any, partition_data: Any, excluded_params: Any = None) -> Any:
        key = id(ruleset_data), frozenset(excluded_params or ())
        if key not in made:
            made[key] = ruleset_data, before(ruleset_data, partition_data, excluded_params)
        return made[key][1]

    return provider


def _endpoints(before: Callable[..., Any]) -> Callable[..., Any]:
    """Where an operation goes that has no parameter which decides that: all but S3's."""

    def endpoint(self: Any, operation_model: Any, call_args: Any, request_context: Any) -> Any:
        if operation_model.context_parameters or operation_model.operation_context_parameters:
            return before(self, operation_model, call_args, request_context)
        kept = self._instance_cache
        key = "endpoint", operation_model.name
        if key not in kept:
            kept[key] = before(self, operation_model, call_args, request_context)
        return kept[key]

    return endpoint


def _random_string(self: MotoRandom, length: int = 20, include_digits: bool = True, lower_case: bool = False) -> str:  # noqa: FBT001, FBT002 - moto's signature
    """Drawn at once; moto draws character by character, and each answer has an identifier of 52."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = "".join(self.choices(letters + "0123456789" if include_digits else letters, k=length))
    return text.lower() if lower_case else text


def _body(self: Any) -> Any:
    """The SDK prepares address and headers as well whenever it is asked for the body."""
    body = self._request_preparer._prepare_body(self)  # noqa: SLF001 - the step of it that makes the body
    return body.encode() if isinstance(body, str) else body


MEMOISED: Final = Correction(
    "what is always the same is found out once",
    (
        Replacement(moto.core.responses, "method_names_from_class", _method_names),
        Replacement(MotoRandom, "get_random_string", instead(_random_string)),
        Replacement(SigV4Auth, "signature", instead(_signature)),
        Replacement(botocore.auth, "_host_from_url", lru_cache(_KEPT_ADDRESSES)),
        Replacement(AWSRequest, "body", lambda _before: property(_body)),
        Replacement(botocore.utils, "_parse_timestamp_with_tzinfo", _timestamps),
        Replacement(EventAliaser, "__copy__", _alias_names),
        Replacement(botocore.regions, "EndpointProvider", _endpoint_providers),
        Replacement(EndpointRulesetResolver, "construct_endpoint", _endpoints),
        Replacement(moto.core.responses, "get_partition", cache),
        Replacement(werkzeug.sansio.request, "get_current_url", lru_cache(_KEPT_ADDRESSES)),
    ),
)
