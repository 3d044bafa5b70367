"""Conditional writes of S3 where moto ignores them, and the one answer in which Ceph differs from AWS.

See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from dataclasses import dataclass
from typing import Any

from moto.s3.models import s3_backends

from simulator.access.s3_questions import bucket_and_key
from simulator.doors import Incoming
from simulator.exchange import Answer

FAILED = (412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.")


@dataclass(slots=True)
class ConditionalWrites:
    """The door that judges If-Match.

    Attributes:
        quoted_etags_never_match: as Ceph's gateway has it: `"abc"` answers 412, `abc` is compared.
    """

    account_id: str
    quoted_etags_never_match: bool = False

    def door(self, incoming: Incoming) -> Answer | None:
        wanted = incoming.headers.get("if-match")
        if incoming.service != "s3" or incoming.method not in {"PUT", "POST", "DELETE"} or wanted is None:
            return None
        if self.quoted_etags_never_match and wanted.startswith('"'):
            return incoming.refused(*FAILED)
        if incoming.method != "POST" or "uploadId" not in incoming.query:
            return None  # moto judges PutObject and DeleteObject rightly
        return self._complete_upload(incoming, wanted)

    def _complete_upload(self, incoming: Incoming, wanted: str) -> Answer | None:
        present = self._object(incoming)
        if present is None:
            return incoming.refused(404, "NoSuchKey", "The specified key does not exist.")
        if present.multipart is not None and present.multipart.id == incoming.query["uploadId"]:
            return None  # completed by this very upload already: a repetition
        return None if present.etag.strip('"') == wanted.strip('"') else incoming.refused(*FAILED)

    def _object(self, incoming: Incoming) -> Any:
        bucket, key = bucket_and_key(incoming)
        stored = s3_backends[self.account_id]["aws"].buckets.get(bucket)
        return None if stored is None else stored.keys.get(key)
