"""An IAM user of a question's own, beside the reader's: its keys are made, used and deleted by the question alone."""

import json
from collections.abc import Sequence

from cdk.names import USER_PATH
from tests.acceptance.aws import Credentials
from tests.acceptance.functions import Statement
from tests.acceptance.probes.made import made
from tests.acceptance.stage import Stage


class ProbeUser:
    """A user with just these statements, none at all by default."""

    def __init__(self, stage: Stage, name: str, statements: Sequence[Statement] = ()) -> None:
        self._stage = stage
        self.name = stage.run.probe(name)
        self._iam = stage.client("iam")
        made(self._iam.create_user, UserName=self.name, Path=USER_PATH)
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
            self._iam.put_user_policy(UserName=self.name, PolicyName="probe", PolicyDocument=document)

    @property
    def arn(self) -> str:
        """With its path."""
        return str(self._iam.get_user(UserName=self.name)["User"]["Arn"])

    def new_key(self) -> Credentials:
        """A new access key; any other of this user is deleted first, since IAM allows two."""
        for key in self._iam.list_access_keys(UserName=self.name)["AccessKeyMetadata"]:
            self.delete_key(key["AccessKeyId"])
        key = self._iam.create_access_key(UserName=self.name)["AccessKey"]
        self._stage.discretion.keep(key["SecretAccessKey"])
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def delete_key(self, key_id: str) -> None:
        """Delete one."""
        self._iam.delete_access_key(UserName=self.name, AccessKeyId=key_id)
