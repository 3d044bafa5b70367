"""What an IAM request asks for, in IAM's words: users and roles by their ARNs, with the path."""

from moto.iam.models import iam_backends

from simulator.access.parsing import form_of, members_of, tags_of
from simulator.access.policy import Question
from simulator.access.tag_keys import requested, tags_as
from simulator.doors import Incoming


def iam_questions(account_id: str, incoming: Incoming) -> list[Question]:
    """Everything that must be allowed for this request."""
    asked = form_of(incoming)
    backend = iam_backends[account_id]["aws"]
    action = f"iam:{asked.get('Action', '')}"
    root = f"arn:aws:iam::{account_id}"
    tagging = requested(tags_of(asked), members_of(asked, "TagKeys"))
    if "RoleName" in asked:
        role = next((r for r in backend.roles.values() if r.name == asked["RoleName"]), None)
        return [Question(action, role.arn if role else f"{root}:role/{asked['RoleName']}", tagging)]
    key = backend.access_keys.get(asked.get("AccessKeyId", ""))
    name = asked.get("UserName") or (key.user_name if key else None)
    if name is None:
        return [Question(action, "*", tagging)]
    user = backend.users.get(str(name))
    resource = f"{root}:user{user.path if user else '/'}{name}"
    tags = backend.tagger.list_tags_for_resource(resource)["Tags"] if user else []
    return [Question(action, resource, tags_as("aws:ResourceTag", tags) | tags_as("iam:ResourceTag", tags) | tagging)]
