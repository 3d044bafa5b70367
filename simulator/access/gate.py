"""The first door: unknown, inactive and wrong credentials are refused always, what no policy allows on request.

moto lets any credentials pass, also those of a deactivated key; and where it can enforce policies it ignores their
conditions, knows no resource of Secrets Manager, IAM or KMS, and answers JSON services in XML.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from moto.s3.models import FakeKey, s3_backends

from simulator.access import resource_policies
from simulator.access.parsing import operation_of
from simulator.access.policy import Document, Question, is_allowed
from simulator.access.principals import Directory, Principal
from simulator.access.propagation import Propagation
from simulator.access.questions import Questions
from simulator.access.s3_questions import bucket_and_key, may_list
from simulator.access.signature import is_signed_with
from simulator.doors import Incoming
from simulator.exchange import Answer
from simulator.switchboard import protocol_of

UNKNOWN_KEY: Final[Mapping[str, tuple[int, str, str]]] = {
    "s3": (403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
    "query": (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
}
UNKNOWN_KEY_JSON: Final = (400, "UnrecognizedClientException", "The security token included in the request is invalid.")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the policies got it, with everything that is known of caller and request."""

    principal: str
    question: Question


@dataclass(slots=True)
class Gate:
    """Attributes: `enforcing` switches policies on; `asked` is what they are asked then, `denied` what they refuse."""

    directory: Directory
    questions: Questions
    propagation: Propagation
    enforcing: bool = False
    asked: list[Asked] = field(default_factory=list)
    denied: list[Question] = field(default_factory=list)

    def door(self, incoming: Incoming) -> Answer | None:
        if incoming.raw_path.startswith("/moto-api"):
            return None
        if not incoming.key_id:
            status, code = (403, "AccessDenied") if incoming.service == "s3" else (403, "MissingAuthenticationToken")
            return incoming.refused(status, code, "The request is not signed.")
        principal = self.directory.find(incoming)
        if principal is None or not principal.active or self._is_hidden(principal, incoming):
            return self._unknown(incoming)
        if not is_signed_with(incoming, principal.secret_access_key):
            code = "InvalidSignatureException" if "x-amz-target" in incoming.headers else "SignatureDoesNotMatch"
            return incoming.refused(400 if "x-amz-target" in incoming.headers else 403, code, "The signature is wrong.")
        return self._refusal(principal, incoming) if self.enforcing else None

    def _is_hidden(self, principal: Principal, incoming: Incoming) -> bool:
        return principal.is_user and self.propagation.hides(incoming.key_id, incoming.service)

    def _unknown(self, incoming: Incoming) -> Answer:
        protocol = protocol_of(incoming.service, incoming.headers)
        return incoming.refused(*UNKNOWN_KEY.get(protocol, UNKNOWN_KEY_JSON))

    def _refusal(self, principal: Principal, incoming: Incoming) -> Answer | None:
        if principal.documents is None or (incoming.service == "sts" and operation_of(incoming) == "GetCallerIdentity"):
            return None  # see API_GetCallerIdentity: not even an explicit deny forbids it
        for question in [*self.questions.about(incoming), *_if_absent(incoming)]:
            context = {**principal.attributes, **self._of_every_request(), **question.context}
            asked = Asked(principal.arn, replace(question, context=context))
            self.asked.append(asked)
            if not is_allowed(
                [*principal.documents, *self._on_resource(principal, incoming, question)], asked.question
            ):
                self.denied.append(question)
                return self._denial(principal, incoming, question)
        return None

    def _of_every_request(self) -> dict[str, str]:
        """The embedded AWS stands for one that is reached by TLS only, and everything in it is the account's.

        Its plain HTTP on loopback is no more than a wire: who refuses `aws:SecureTransport` = `false` refuses nobody
        here, and such a condition is judged by `is_allowed` with a context of one's own.
        """
        account = self.directory.account_id
        return {"aws:SecureTransport": "true", "aws:PrincipalAccount": account, "aws:ResourceAccount": account}

    def _on_resource(self, principal: Principal, incoming: Incoming, question: Question) -> tuple[Document, ...]:
        if not question.action.startswith("secretsmanager:"):
            return ()
        arns = (principal.arn, principal.attributes["aws:PrincipalArn"])
        return resource_policies.on_secret(self.directory.account_id, incoming.region, question.resource, arns)

    def _denial(self, principal: Principal, incoming: Incoming, question: Question) -> Answer:
        message = f"{principal.arn} is not authorized to perform {question.action} on {question.resource or 'it'}"
        if "x-amz-target" in incoming.headers:
            return incoming.refused(400, "AccessDeniedException", message)
        return incoming.refused(403, "AccessDenied", message)


def _if_absent(incoming: Incoming) -> list[Question]:
    """Whoever may not list learns nothing of absent keys: S3 answers 403 instead of 404."""
    if incoming.service != "s3" or incoming.method not in {"GET", "HEAD"}:
        return []
    bucket, key = bucket_and_key(incoming)
    stored = next((b["aws"].buckets.get(bucket) for b in s3_backends.values() if bucket in b["aws"].buckets), None)
    # Behind a delete marker there is no object either.
    absent = key and stored is not None and not isinstance(stored.keys.get(key), FakeKey)
    return [may_list(bucket, key)] if absent else []
