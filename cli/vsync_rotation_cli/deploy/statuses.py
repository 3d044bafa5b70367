"""Stacks in a state that no update can begin from: each with what to do, as a command.

See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html (stack status codes)
"""

from collections.abc import Iterator, Mapping
from typing import Final

from vsync_rotation_cli.aws.stacks import Template
from vsync_rotation_cli.deploy.templates import SCHEDULE, Resources, kind, named, of_type, protected

_NOT_BEGUN: Final = frozenset({"CREATE_FAILED", "ROLLBACK_FAILED"})


def problems(statuses: Mapping[str, str], templates: Mapping[str, Template], place: str) -> Iterator[str]:
    """One line for each stack in the way. `place`: the options with which a command goes to its account and region."""
    for stack, status in sorted(statuses.items()):
        if status.endswith("_IN_PROGRESS"):
            yield f"stack {stack} is in {status}: somebody is deploying or deleting it; wait until that has ended"
        elif status.endswith("_FAILED"):
            yield f"stack {stack} is in {status}: {_way_out(stack, status, templates.get(stack, {}), place)}"


def _way_out(stack: str, status: str, template: Template, place: str) -> str:
    where = f"--stack-name {stack} {place}"
    why = f"see why (aws cloudformation describe-stack-events {where}), mend that, then"
    if status == "UPDATE_ROLLBACK_FAILED":
        return f"{why} aws cloudformation continue-update-rollback {where}"
    if status == "UPDATE_FAILED":
        return f"{why} aws cloudformation rollback-stack {where}"
    if status in _NOT_BEGUN:
        return f"its first creation failed; {_deleting(template, where)}"
    if status == "DELETE_FAILED":
        ends = "; that ends its rotations until the next deployment" if of_type(template, SCHEDULE) else ""
        return f"somebody began to delete it; to end that, {why} {_deleting(template, where)}{ends}"
    return f"{why} deploy again"


def _deleting(template: Template, where: str) -> str:
    delete = f"aws cloudformation delete-stack {where}"
    everything = {name: found for name, found in protected(template).items() if found["Type"] != SCHEDULE}
    if not everything:
        return delete
    stay = {name: found for name, found in everything.items() if found.get("DeletionPolicy") == "Retain"}
    go = {name: found for name, found in everything.items() if name not in stay}
    # Whether it is protected, no template says; taking protection away where there is none does nothing.
    unprotected = f"aws cloudformation update-termination-protection --no-enable-termination-protection {where}"
    staying = f"; without a stack stay: {_told(stay)}" if stay else ""
    going = f"; with it go: {_told(go)}" if go else ""
    return f"{unprotected} && {delete}{staying}{going}"


def _told(resources: Resources) -> str:
    return ", ".join(f"{kind(found)} {name}{named(found)}" for name, found in resources.items())
